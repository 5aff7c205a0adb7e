"""A patient corrects what is written about them: an addendum beside the original."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.addendum_models import AddendumAbout, PatientAddendum
from app.patients.limit_queries import list_addenda
from app.patients.queries import get_patient
from app.vault import KeyShredded, decrypt_field, encrypt_field

LONGEST = 4000
PLACE = "patient_addendum.text"


@dataclass(frozen=True)
class Addendum:
    """A correction, opened."""

    id: uuid.UUID
    about: str
    subject_id: uuid.UUID
    text: str
    is_agreed: bool
    recorded_at: datetime


def add_addendum(
    scope: TenantScope,
    *,
    patient_id: uuid.UUID,
    about: AddendumAbout,
    subject_id: uuid.UUID,
    text: str,
    is_agreed: bool,
) -> PatientAddendum:
    """Record a correction in the patient's words; the original stays as it was.

    The caller has checked that the subject is this patient's. Raises Invalid without a text.
    """
    patient = get_patient(scope, patient_id)
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise Invalid("Write what is to be corrected.", fields={"text": "1 to 4000 characters"})
    row_id = new_id()
    addendum = PatientAddendum(
        tenant_id=scope.tenant_id,
        id=row_id,
        patient_id=patient.id,
        about=about.value,
        subject_id=subject_id,
        text_cipher=encrypt_field(
            scope, patient_id=patient.id, place=PLACE, row_id=row_id, text=words
        ),
        position="agreed" if is_agreed else "not_agreed",
        recorded_by=scope.actor.id if scope.actor.kind == "staff" else None,
        recorded_at=now(),
    )
    scope.session.add(addendum)
    audit.record(
        scope,
        "patients:addendum:add",
        subject_id=row_id,
        patient_id=patient.id,
        about=about.value,
        to=subject_id,
    )
    return addendum


def read_addenda(scope: TenantScope, patient_id: uuid.UUID) -> list[Addendum]:
    """Return a person's corrections, opened; those of an erased record are empty."""
    return [
        Addendum(
            one.id,
            one.about,
            one.subject_id,
            _text(scope, one),
            one.position == "agreed",
            one.recorded_at,
        )
        for one in list_addenda(scope, patient_id)
    ]


def _text(scope: TenantScope, one: PatientAddendum) -> str:
    try:
        return decrypt_field(
            scope, patient_id=one.patient_id, place=PLACE, row_id=one.id, cipher=one.text_cipher
        )
    except KeyShredded:
        return ""
