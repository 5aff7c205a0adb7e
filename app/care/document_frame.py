"""What the pages of a document show around it: whose it is, the clinic, and when it was sealed."""

import uuid
from typing import Any

from app.database import TenantScope
from app.documents.models import DocumentKind
from app.documents.queries import get_document
from app.documents.stamp_state import StampState
from app.kit.speech import mark, say
from app.pages_setup import moment
from app.patients.queries import get_patient
from app.tenants.brand import clinic_frame
from app.tenants.queries import get_clinic, get_location

_WHAT = {
    DocumentKind.PATIENT_CONSENT: (mark("Your signed consent"), "consent"),
    DocumentKind.EXECUTED_CONSENT: (mark("Your consent, confirmed by the clinic"), "consent"),
    DocumentKind.WITHDRAWAL: (mark("You took your consent back"), "withdrawal"),
    DocumentKind.DECISION: (mark("A decision about your treatment"), "decision"),
    DocumentKind.AFTERCARE: (mark("Looking after your skin"), "aftercare"),
    DocumentKind.RECEIPT: (mark("Your receipt"), "receipt"),
}

_STAMPED = mark("Sealed and time-stamped on %(time)s.")
_NOT_STAMPED = mark("Sealed, not time-stamped, on %(time)s.")


def owner_of(scope: TenantScope, document_id: uuid.UUID) -> uuid.UUID:
    """Return whose document it is."""
    return get_document(scope, document_id).patient_id


def document_frame(scope: TenantScope, document_id: uuid.UUID) -> dict[str, Any]:
    """Return the clinic's head and foot, and what the document is."""
    document = get_document(scope, document_id)
    location = get_location(scope, get_patient(scope, document.patient_id).location_id)
    stamped = document.stamp_state == StampState.STAMPED
    told = _STAMPED if stamped else _NOT_STAMPED
    return {
        "clinic": clinic_frame(get_clinic(scope), location),
        "title": say(_WHAT[DocumentKind(document.kind)][0]),
        "sealed": say(told, time=moment(document.sealed_at, location.zone)),
        "size": f"{max(1, document.length // 1024)} KB",
    }


def file_name_of(scope: TenantScope, document_id: uuid.UUID) -> str:
    """Return the name under which the file is kept; it says nothing about anybody."""
    document = get_document(scope, document_id)
    return f"{_WHAT[DocumentKind(document.kind)][1]}-{document.sealed_at:%Y-%m-%d}.pdf"
