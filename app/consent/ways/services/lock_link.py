"""Five wrong tries lock a patient's link, and the clinic hears of it.

Before signing, the link, its code and every open page of it end: the clinic sends a new one, or the
patient asks for it, which goes to the contact on file and nowhere else. A copy of what was signed
waits for some minutes instead, since its link is the patient's for good.
"""

from datetime import timedelta

from app import audit
from app.consent import queries
from app.consent.models import Consent
from app.consent.services.request_consent import end_links
from app.database import TenantScope
from app.kit.clock import now
from app.tenants.audit_watch import tell_owners

COPY_WAITS = timedelta(minutes=10)


def is_locked(consent: Consent) -> bool:
    """Return whether nobody may try who they are at present."""
    if consent.locked_at is None:
        return False
    return consent.state in queries.UNSIGNED or consent.locked_at > now() - COPY_WAITS


def lock_link(scope: TenantScope, consent: Consent) -> None:
    """Lock it, and tell the owners and whoever sent the form; a locked one stays as it is."""
    if is_locked(consent):
        return
    consent.locked_at, consent.code_hash = now(), None
    if consent.state in queries.UNSIGNED:
        end_links(scope, consent.id)
    audit.record(
        scope, "consent:identity:lock", subject_id=consent.id, patient_id=consent.patient_id
    )
    path = f"/consents/{consent.id}"
    tell_owners(scope, template="link_locked", path=path, also=consent.created_by)
