"""What pages show of a withdrawal: when it was, through whom, and its receipt or that it waits."""

import uuid
from typing import Any

from flask import Response

from app import audit
from app.consent import queries
from app.consent.after import withdrawal_queries
from app.consent.after.withdrawal_paper import through_whom
from app.consent.errors import NotTakenBack, ReceiptNotReady
from app.consent.models import Consent
from app.consent.signing.page_frame import pdf_answer
from app.database import TenantScope
from app.documents.files import read_document
from app.pages_setup import moment
from app.tenants.queries import get_location, get_staff


def taken_back_view(
    scope: TenantScope, consent: Consent, receipt_path: str
) -> dict[str, Any] | None:
    """Return when and through whom a consent was taken back, or None where it was not.

    ``receipt_url`` is None while the receipt is being made.
    """
    withdrawal = withdrawal_queries.find_withdrawal(scope, consent.id)
    if withdrawal is None:
        return None
    sealed = withdrawal_queries.find_receipt(scope, withdrawal.id)
    staff_id = withdrawal.recorded_by
    name = "" if staff_id is None else get_staff(scope, staff_id).name
    zone = get_location(scope, consent.location_id).zone
    return {
        "at": moment(withdrawal.withdrawn_at, zone),
        "through": through_whom(withdrawal.way, name),
        "receipt_url": None if sealed is None else receipt_path,
    }


def receipt_answer(scope: TenantScope, consent_id: uuid.UUID) -> Response:
    """Return the sealed receipt to keep; raises NotTakenBack or ReceiptNotReady."""
    consent = queries.get_consent(scope, consent_id)
    withdrawal = withdrawal_queries.find_withdrawal(scope, consent_id)
    if withdrawal is None:
        raise NotTakenBack("This consent was not taken back.", state=consent.state)
    sealed = withdrawal_queries.find_receipt(scope, withdrawal.id)
    if sealed is None:
        raise ReceiptNotReady("Your change of mind counts already. Please come back in a moment.")
    audit.record(
        scope, "consent:withdrawal:read", subject_id=sealed.id, patient_id=consent.patient_id
    )
    return pdf_answer(read_document(scope, sealed.id), "consent-taken-back.pdf")
