"""Addresses that go into messages to staff. A token stands in the fragment, unseen by servers."""

from flask import current_app


def invitation_url(token: str) -> str:
    """Return the address at which an invitation is accepted."""
    return f"{str(current_app.config['SETTINGS'].public_url).rstrip('/')}/invitation#{token}"
