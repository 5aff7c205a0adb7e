"""``If-Match``: which version of a thing somebody read before they change it."""

from flask import request

from app.errors import BadRequest


def expected_version() -> int:
    """Return the version named by the request's If-Match; raises BadRequest without one."""
    match = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not (match.isascii() and match.isdigit() and len(match) <= 9):
        raise BadRequest("Send If-Match with the version that you read.")
    return int(match)
