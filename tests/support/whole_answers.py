"""Answers that leave no file open, for servers that a browser may leave at any moment."""

from collections.abc import Iterable
from contextlib import closing
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask


def whole_answers(app: Flask) -> WSGIApplication:
    """Read every answer before it is sent: a browser that leaves early leaves no file open."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with closing(cast(Any, app(environ, start_response))) as parts:
            return [b"".join(parts)]

    return answer
