"""Tokens against cross-site requests, bound to the cookie that they protect."""

import hmac

from flask import current_app, request

from app.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignRequest(Forbidden):
    """An unsafe request without the page's own token: it may come from another site."""

    code = "foreign_request"
    title = "This page has been open for too long. Please load it again"


def csrf_token(cookie: str) -> str:
    """Return the token that goes with a session cookie."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, b"csrf|" + cookie.encode(), "sha256").hex()


def require_own_page(cookie: str) -> None:
    """Raise ForeignRequest when an unsafe request does not carry the cookie's own token."""
    if request.method in SAFE_METHODS:
        return
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), csrf_token(cookie).encode()):
        raise ForeignRequest


def refuse_other_sites() -> None:
    """Raise ForeignRequest for a post that another site's page made.

    For pages that have no session yet, so that no token of ours can be asked for. Browsers send
    this header by themselves and scripts cannot set it.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForeignRequest
