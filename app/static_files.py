"""Styles, scripts and fonts: asked for once by each browser, and again only when they change."""

import hashlib
from pathlib import Path

from flask import Flask, Response

ONE_YEAR = 365 * 24 * 60 * 60


def release_of(folder: Path) -> str:
    """Return a name for the present content of a folder: 12 hex digits, another for any change."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def register(app: Flask, *, may_change: bool) -> None:
    """Put the release into the path of every static file, so that what they import carries it too.

    A browser may then keep them for a year, which on a bad network is the difference between one
    request for a page and two dozen. Files of another release, asked for by a page that was opened
    before an update, are answered with the present ones and not kept. ``may_change`` says that
    somebody edits the files while the server runs: nothing is kept then.
    """
    release = release_of(Path(app.static_folder or ""))

    def with_release(endpoint: str, values: dict[str, str]) -> None:
        if endpoint == "static":
            values["filename"] = f"{release}/{values['filename']}"

    def static_file(filename: str) -> Response:
        asked, _, path = filename.partition("/")
        response = app.send_static_file(path)
        if asked == release and not may_change:
            response.cache_control.public = response.cache_control.immutable = True
            response.cache_control.max_age = ONE_YEAR
            response.cache_control.no_cache = None
        return response

    app.url_defaults(with_release)
    app.view_functions["static"] = static_file
