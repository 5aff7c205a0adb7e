"""A withdrawal gets its sealed receipt: afterwards, once, and never as a condition of it.

The withdrawal is committed first. Then the receipt is sealed, in the same request where that works
and by a job where it does not; the patient is told which of the two it was.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from app import audit
from app.auth.secrets import issue_secret, revoke_secrets
from app.consent import queries
from app.consent.after import withdrawal_queries
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.after.withdrawal_paper import (
    TITLE,
    gather_withdrawal_paper,
    withdrawal_draft,
    withdrawal_to_json,
)
from app.consent.models import Consent
from app.consent.services.withdraw_consent import withdraw_consent
from app.consent.signing.declining import Why
from app.consent.signing.receipt_view import require_signed_document
from app.consent.ways.links import copy_link
from app.database import TenantScope, commit_then_try
from app.documents.models import Document, DocumentKind
from app.documents.services import Frozen, seal_document
from app.kit.clock import now
from app.kit.in_words import Moment
from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.tenants.queries import get_clinic, get_location

COPY_LASTS = timedelta(days=30)


def take_back(
    scope: TenantScope,
    *,
    consent_id: uuid.UUID,
    way: WithdrawalWay,
    reason: str = "",
    why: Why | None = None,
) -> Consent:
    """Take a consent back, commit that, and then seal the receipt if it can be done at once.

    Nothing that goes wrong with the receipt reaches the caller. Raises what ``withdraw_consent``
    raises.
    """
    consent = withdraw_consent(scope, consent_id=consent_id, way=way, reason=reason, why=why)
    withdrawal = withdrawal_queries.find_withdrawal(scope, consent.id)
    if withdrawal is not None:
        withdrawal_id = withdrawal.id
        commit_then_try(scope, lambda scope: seal_withdrawal(scope, withdrawal_id=withdrawal_id))
    return queries.get_consent(scope, consent.id)


def seal_withdrawal(scope: TenantScope, *, withdrawal_id: uuid.UUID) -> Document:
    """Return the sealed receipt of a withdrawal, made now or before.

    Raises the Unavailable family when renderer, seal or store fail; the withdrawal stands.
    """
    withdrawal = withdrawal_queries.get_withdrawal(scope, withdrawal_id)
    made = withdrawal_queries.find_receipt(scope, withdrawal.id)
    if made is not None:
        return made
    consent = queries.get_consent(scope, withdrawal.consent_id)
    signed = require_signed_document(scope, consent.id)
    return seal_document(scope, _Receipt(withdrawal.id, consent.patient_id, consent.id, signed.id))


@dataclass
class _Receipt:
    """The receipt being sealed; the withdrawal itself is past and cannot change any more."""

    subject_id: uuid.UUID
    patient_id: uuid.UUID
    consent_id: uuid.UUID
    predecessor_id: uuid.UUID | None
    kind: DocumentKind = DocumentKind.WITHDRAWAL
    title: str = TITLE
    retention: str = "clinical"

    def lock(self, scope: TenantScope) -> None:
        """Lock the consent."""
        queries.get_consent_for_update(scope, self.consent_id)

    def freeze(self, scope: TenantScope) -> Frozen:
        """Return every value of the receipt."""
        consent = queries.get_consent(scope, self.consent_id)
        signed = require_signed_document(scope, consent.id)
        withdrawal = withdrawal_queries.get_withdrawal(scope, self.subject_id)
        values = withdrawal_to_json(gather_withdrawal_paper(scope, consent, withdrawal, signed))
        return Frozen(values, lambda: withdrawal_draft(values))

    def finish(self, scope: TenantScope, document: Document) -> None:
        """Send the patient a link to it."""
        consent = queries.get_consent(scope, self.consent_id)
        _send_receipt(scope, consent)
        audit.record(
            scope,
            "consent:withdrawal:receipt",
            subject_id=self.subject_id,
            patient_id=self.patient_id,
            document_id=document.id,
        )


def _send_receipt(scope: TenantScope, consent: Consent) -> None:
    """Send a link that asks for identity again; without an address nothing is sent."""
    patient = get_patient(scope, consent.patient_id)
    email = contact(scope, patient, "email")
    if email is None:
        return
    revoke_secrets(scope, "document_link", subject_id=consent.id)
    token = issue_secret(scope, "document_link", subject_id=consent.id, lasts=COPY_LASTS)
    zone = get_location(scope, consent.location_id).zone
    queue_message(
        scope,
        to=email,
        channel="email",
        template="withdrawal_receipt",
        values={
            "name": patient.name,
            "clinic": get_clinic(scope).legal_name,
            "link": copy_link(scope.tenant_id, consent.id, token),
            "expires": Moment(now() + COPY_LASTS, zone),
        },
        patient_id=patient.id,
        location_id=consent.location_id,
    )
