"""Keeps what a patient typed, ticked and drew on the last page, before anything is sealed.

When the seal or the store is down, the very same act is signed by pressing the button once more.
"""

import uuid

from app.consent import queries
from app.consent.models import Consent
from app.consent.screening.fields import Fields, text_of
from app.consent.signing.drafts import read_page, save_page
from app.consent.signing.steps import Step, may_show
from app.database import TenantScope


def keep_signing(scope: TenantScope, *, consent_id: uuid.UUID, fields: Fields) -> Consent:
    """Store the last page's fields, unless signing is over or its turn has not come."""
    consent = queries.get_consent_for_update(scope, consent_id)
    if may_show(consent, Step.SIGN):
        save_page(scope, consent, "sign", fields)
    return consent


def kept_signing(
    scope: TenantScope, *, consent_id: uuid.UUID, key: str
) -> dict[str, str | list[str]] | None:
    """Return what was kept under an idempotency key, or None where it was another."""
    consent = queries.get_consent(scope, consent_id)
    fields = read_page(scope, consent, "sign")
    return fields if key and text_of(fields, "idempotency_key") == key else None
