"""Addresses that go into messages. A token stands in the fragment, which no server ever sees."""

from app.consent.ways.links import public_url
from app.database import TenantScope


def document_url(token: str) -> str:
    """Return the address at which a patient opens a document of theirs."""
    return f"{public_url()}/document#{token}"


def clinic_page_url(scope: TenantScope, path: str) -> str:
    """Return the full address of a page of the entered clinic."""
    return f"{public_url()}/clinics/{scope.tenant_id}{path}"
