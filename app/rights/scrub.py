"""Remove what a destroyed key cannot reach: names and look-ups in plain text, links, drafts.

Runs in the transaction that notes the erasure as done. The rows themselves stay: what was done and
when is the clinic's own history, and nobody can tell from it any more to whom.
"""

import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, update

from app.auth.secrets import SecretKind, revoke_secrets
from app.consent.models import Consent, ConsentDraft
from app.database import TenantScope
from app.idempotency import forget_answers
from app.kit.clock import now
from app.patients.models import Interpreter, Patient, PatientContact, PatientToken
from app.patients.services.index_patient import record_tokens_again
from app.photos.models import Photo
from app.rights import file_queries

ERASED_NAME, DEFAULT_LANGUAGE = "Erased patient", "en"
# A double click is over by then; what it would be answered with may be about anybody.
ANSWERS_NEEDED = timedelta(hours=1)
CONSENT_LINKS: tuple[SecretKind, ...] = (
    "sign_link",
    "sign_session",
    "short_code",
    "qr_link",
)
DOCUMENT_LINKS: tuple[SecretKind, ...] = ("document_link", "document_asking", "document_session")
DATA_LINKS: tuple[SecretKind, ...] = ("data_link", "data_asking", "data_session")
Ids = Collection[uuid.UUID]


def scrub_class(scope: TenantScope, patient_ids: Ids, retention: str) -> None:
    """Remove the plain traces of one class of a person's data."""
    if retention == "contact":
        _scrub_contact(scope, patient_ids)
    if retention == "clinical":
        _scrub_clinical(scope, patient_ids)
    _put_photos_aside(scope, patient_ids, retention)
    _end_links(scope, patient_ids, retention)
    forget_answers(scope, before=now() - ANSWERS_NEEDED, naming=patient_ids)


def _put_photos_aside(scope: TenantScope, patient_ids: Ids, retention: str) -> None:
    """Show no photograph of the class any more: its file cannot be opened and is removed."""
    scope.session.execute(
        update(Photo)
        .where(
            Photo.tenant_id == scope.tenant_id,
            Photo.patient_id.in_(patient_ids),
            Photo.purpose == retention,
            Photo.removed_at.is_(None),
        )
        .values(removed_at=now())
    )


def _scrub_contact(scope: TenantScope, patient_ids: Ids) -> None:
    scope.session.execute(
        delete(PatientContact).where(
            PatientContact.tenant_id == scope.tenant_id,
            PatientContact.patient_id.in_(patient_ids),
        )
    )
    for patient in file_queries.list_people(scope, patient_ids):
        if patient.erased_at is None:
            record_tokens_again(scope, patient)


def _scrub_clinical(scope: TenantScope, patient_ids: Ids) -> None:
    scope.session.execute(
        update(Patient)
        .where(Patient.tenant_id == scope.tenant_id, Patient.id.in_(patient_ids))
        .values(
            name=ERASED_NAME,
            sort_name="",
            language=DEFAULT_LANGUAGE,
            interpreter=Interpreter.NONE.value,
            deceased_on=None,
            health_note_cipher=None,
            age_evidence_kind=None,
            age_checked_by=None,
            age_checked_at=None,
            erased_at=now(),
        )
    )
    scope.session.execute(
        delete(PatientToken).where(
            PatientToken.tenant_id == scope.tenant_id, PatientToken.patient_id.in_(patient_ids)
        )
    )
    consents = file_queries.list_consent_ids(scope, patient_ids)
    scope.session.execute(
        update(ConsentDraft)
        .where(ConsentDraft.tenant_id == scope.tenant_id, ConsentDraft.consent_id.in_(consents))
        .values(answers_cipher=None, ink_cipher=None)
    )
    scope.session.execute(
        update(Consent)
        .where(Consent.tenant_id == scope.tenant_id, Consent.id.in_(consents))
        .values(code_hash=None)
    )


def _end_links(scope: TenantScope, patient_ids: Ids, retention: str) -> None:
    """End what could still be opened of the class, and every copy made for taking away."""
    if retention == "clinical":
        for consent_id in file_queries.list_consent_ids(scope, patient_ids):
            # The link to a signed copy names the consent, so that it finds whatever was sealed.
            for kind in (*CONSENT_LINKS, *DOCUMENT_LINKS):
                revoke_secrets(scope, kind, subject_id=consent_id)
    for document in file_queries.list_documents(scope, patient_ids, retention):
        for kind in DOCUMENT_LINKS:
            revoke_secrets(scope, kind, subject_id=document.id)
    for export in file_queries.list_exports_with(scope, patient_ids):
        export.state = "expired"
        for kind in DATA_LINKS:
            revoke_secrets(scope, kind, subject_id=export.id)
    if retention == "financial":
        for purchase_id in file_queries.list_purchase_ids(scope, patient_ids):
            revoke_secrets(scope, "pay_link", subject_id=purchase_id)
