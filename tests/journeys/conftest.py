"""The real application behind a real port of 127.0.0.1, and a browser that plays people."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.browser import conftest as browsing
from tests.support.whole_answers import whole_answers

browser = browsing.browser
context = browsing.context
page = browsing.page


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A desk's screen; a colour on its way from one theme to another is no finding."""
    return {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of the application, served from a thread for one test."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, whole_answers(app), threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    app.extensions.pop("needlepoint_last_error", None)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    surprise = app.extensions.pop("needlepoint_last_error", None)
    if surprise is not None:
        raise surprise
