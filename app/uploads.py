"""Files that programs send: one multipart form with one file, in which nothing else is taken."""

from typing import Any

from flask import Request, request
from flask_smorest import Blueprint
from flask_smorest.fields import Upload
from marshmallow import RAISE, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import FileStorage, MultiDict

# What a multipart form adds to its file.
ENVELOPE = 64 * 1024


class FileField(Upload):  # type: ignore[misc]  # the library ships no types
    """An uploaded file as bytes; its name and the type that it claims are never looked at."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        if not isinstance(value, FileStorage):
            raise ValidationError("Send a file.")
        value.stream.seek(0)
        found: bytes = value.stream.read()
        value.close()
        return found


class Parts(FlaskParser):
    """Reads every part of a form, so that one which nobody asked for is named and refused."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "files": RAISE}

    def load_files(self, req: Request, schema: Any) -> Any:
        """Return files and fields alike."""
        parts = [*req.files.items(multi=True), *req.form.items(multi=True)]
        return self._makeproxy(MultiDict(parts), schema)


class UploadBlueprint(Blueprint):  # type: ignore[misc]  # the library ships no types
    """A blueprint of routes that take one file each; ``largest`` bytes and not one more."""

    ARGUMENTS_PARSER = Parts()

    def __init__(self, *args: Any, largest: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.largest = largest
        self.before_request(self._take_larger_bodies)

    def _take_larger_bodies(self) -> None:
        request.max_content_length = self.largest + ENVELOPE
