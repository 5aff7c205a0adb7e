"""Addresses that go into messages. A token stands in the fragment, which no server ever sees."""

import uuid

from flask import current_app

from app.consent.ways.link_reference import Reference, with_reference


def sign_url(fragment: str) -> str:
    """Return the address of a consent form for one patient."""
    return f"{public_url()}/sign#{fragment}"


def copy_url(token: str) -> str:
    """Return the address of a patient's copy."""
    return f"{public_url()}/sign/copy#{token}"


def copy_link(tenant_id: uuid.UUID, consent_id: uuid.UUID, token: str) -> str:
    """Return the address of a patient's copy, from which a new link can be asked for once dead."""
    return copy_url(with_reference(token, Reference(tenant_id, consent_id)))


def review_url(token: str) -> str:
    """Return the address at which a clinician outside is asked about one decision."""
    return f"{public_url()}/review#{token}"


def public_url() -> str:
    """Return this installation's address without a slash at its end."""
    return str(current_app.config["SETTINGS"].public_url).rstrip("/")
