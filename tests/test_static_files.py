"""Styles and scripts: kept by the browser until they change."""

import re
from pathlib import Path

import pytest
from flask import Flask

from app import static_files
from app.static_files import release_of


def linked(app: Flask) -> str:
    """Return the address of the stylesheet that a page links."""
    page = app.test_client().get("/sign-in").text
    found = re.search(r'href="(/static/[^"]+/css/needlepoint.css)"', page)
    assert found
    return found.group(1)


def ask(app: Flask, path: str) -> tuple[int, str | None]:
    """Return the status and how long a browser may keep the answer."""
    with app.test_client().get(path) as answer:
        return answer.status_code, answer.headers.get("Cache-Control")


def test_what_a_page_links_is_kept_for_a_year_with_all_that_it_imports(app: Flask) -> None:
    style = linked(app)

    for path in (style, style.replace("css/needlepoint.css", "js/draft.js")):
        assert ask(app, path) == (200, "public, immutable, max-age=31536000")


def test_a_page_opened_before_an_update_still_gets_its_files_and_keeps_none(app: Flask) -> None:
    assert ask(app, "/static/0123456789ab/css/needlepoint.css") == (200, "no-cache")


@pytest.mark.parametrize("path", ["", "x", "/", "0123456789ab/", "0123456789ab/../app/config.py"])
def test_nothing_else_is_served(app: Flask, path: str) -> None:
    assert ask(app, f"/static/{path}")[0] == 404


def test_while_files_are_edited_nothing_is_kept() -> None:
    app = Flask("edited", static_folder=str(Path(static_files.__file__).parents[1] / "static"))
    static_files.register(app, may_change=True)
    with app.test_request_context():
        path = app.url_for("static", filename="css/base.css")

    assert ask(app, path) == (200, "no-cache")


def test_every_change_is_another_release(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("one")
    first = release_of(tmp_path)
    (tmp_path / "a.css").write_text("two")
    second = release_of(tmp_path)
    (tmp_path / "a.css").rename(tmp_path / "b.css")

    assert len({first, second, release_of(tmp_path)}) == 3
