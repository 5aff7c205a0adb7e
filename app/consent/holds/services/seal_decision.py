"""A decision about a hold after signing gets its sealed record: afterwards, and once.

The decision counts from the moment in which it was made. What cannot be sealed at once is asked for
again every night.
"""

import uuid
from dataclasses import dataclass

from app import audit
from app.consent import queries
from app.consent.holds import queries as hold_queries
from app.consent.holds.decision_record import (
    TITLE,
    gather_decision_record,
    record_draft,
    record_to_json,
)
from app.consent.signing.receipt_view import require_signed_document
from app.database import TenantScope
from app.documents.models import Document, DocumentKind
from app.documents.services import Frozen, seal_document


def seal_decision(scope: TenantScope, *, decision_id: uuid.UUID) -> Document:
    """Return the sealed record of a decision after signing, made now or before.

    Raises the Unavailable family when renderer, seal or store fail; the decision stands.
    """
    row = hold_queries.get_decision(scope, decision_id)
    consent = queries.get_consent(scope, row.consent_id)
    signed = require_signed_document(scope, consent.id)
    return seal_document(scope, _Record(row.id, consent.patient_id, consent.id, signed.id))


@dataclass
class _Record:
    """The record being sealed; the decision itself is past and cannot change any more."""

    subject_id: uuid.UUID
    patient_id: uuid.UUID
    consent_id: uuid.UUID
    predecessor_id: uuid.UUID | None
    kind: DocumentKind = DocumentKind.DECISION
    title: str = TITLE
    retention: str = "clinical"

    def lock(self, scope: TenantScope) -> None:
        """Lock the consent."""
        queries.get_consent_for_update(scope, self.consent_id)

    def freeze(self, scope: TenantScope) -> Frozen:
        """Return every value of the record."""
        consent = queries.get_consent(scope, self.consent_id)
        signed = require_signed_document(scope, consent.id)
        row = hold_queries.get_decision(scope, self.subject_id)
        hold = hold_queries.get_hold(scope, row.hold_id)
        values = record_to_json(gather_decision_record(scope, consent, hold, row, signed))
        return Frozen(values, lambda: record_draft(values))

    def finish(self, scope: TenantScope, document: Document) -> None:
        """Note that there is one."""
        audit.record(
            scope,
            "consent:decision:seal",
            subject_id=self.subject_id,
            patient_id=self.patient_id,
            document_id=document.id,
        )
