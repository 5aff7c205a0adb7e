"""Addresses that go into messages. A token stands in the fragment, which no server ever sees."""

from flask import current_app


def sign_url(fragment: str) -> str:
    """Return the address of a consent form for one patient."""
    return f"{public_url()}/sign#{fragment}"


def copy_url(token: str) -> str:
    """Return the address of a patient's copy."""
    return f"{public_url()}/sign/copy#{token}"


def public_url() -> str:
    """Return this installation's address without a slash at its end."""
    return str(current_app.config["SETTINGS"].public_url).rstrip("/")
