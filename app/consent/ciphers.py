"""What patients read, answer and draw, encrypted under their own clinical key."""

import uuid

from app.consent.forms.shown import AssembledForm, shown_from_json
from app.consent.models import Consent
from app.database import TenantScope
from app.vault import decrypt_field, encrypt_field


def close_text(
    scope: TenantScope, patient_id: uuid.UUID, place: str, row_id: uuid.UUID, text: str
) -> bytes:
    """Return the ciphertext of a text at its "table.column"."""
    return encrypt_field(scope, patient_id=patient_id, place=place, row_id=row_id, text=text)


def open_text(
    scope: TenantScope, patient_id: uuid.UUID, place: str, row_id: uuid.UUID, cipher: bytes
) -> str:
    """Return the text of a ciphertext; raises NotReadable."""
    return decrypt_field(scope, patient_id=patient_id, place=place, row_id=row_id, cipher=cipher)


def put_shown(scope: TenantScope, consent: Consent, shown: AssembledForm) -> None:
    """Store what this patient is to read; if it differs, it has to be read again."""
    if consent.shown_sha256 == shown.shown_sha256:
        return
    consent.shown_sha256 = shown.shown_sha256
    consent.shown_cipher = close_text(
        scope, consent.patient_id, "consent.shown", consent.id, shown.canonical_json
    )
    consent.read_shown_at = consent.read_at = consent.understood_at = None
    consent.teach_back_right = None


def get_shown(scope: TenantScope, consent: Consent) -> AssembledForm:
    """Return what this patient reads."""
    text = open_text(scope, consent.patient_id, "consent.shown", consent.id, consent.shown_cipher)
    return shown_from_json(text)
