"""How a session's cookie is set and taken away."""

from flask import Response

from app.auth.guards import STAFF_COOKIE

# The cookie of a patient who reads and signs. Whoever switches to themselves on a shared device
# ends it there, so that nobody finds the form of whoever was before.
SIGN_COOKIE = "__Host-sign"
REVIEW_COOKIE = "__Host-review"


def set_cookie(response: Response, name: str, token: str, *, seconds: int) -> None:
    """Set a host-bound cookie that scripts cannot read and other sites do not send."""
    response.set_cookie(
        name, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax"
    )


def set_staff_cookie(response: Response, token: str, *, seconds: int) -> None:
    """Set the cookie of a member of staff."""
    set_cookie(response, STAFF_COOKIE, token, seconds=seconds)


def drop_cookie(response: Response, name: str) -> None:
    """Take a cookie away and tell the browser to forget what it kept."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
