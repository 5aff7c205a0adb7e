"""A person opens a link: it becomes a session in one browser, and any other one ends.

Nobody is known yet at this point, so that the session shows nothing until identity is proved. The
same link opens again, for people who come back, until the consent is signed.
"""

import uuid
from datetime import timedelta

from app import audit
from app.auth.guards import LinkNotUsable
from app.auth.secrets import SecretKind, issue_secret, revoke_secrets
from app.consent import queries
from app.consent.models import Consent, ConsentState
from app.consent.services.lock_link import is_locked
from app.database import TenantScope
from app.kit.clock import now

SESSION_LASTS = timedelta(hours=3)


def open_link(scope: TenantScope, *, consent_id: uuid.UUID, by: SecretKind) -> str:
    """Return the token of a fresh session; raises LinkNotUsable once there is nothing to sign.

    ``by`` says which kind of secret opened it: the link or the short code.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    if consent.state not in queries.UNSIGNED or consent.link_expires_at <= now():
        raise LinkNotUsable
    if is_locked(consent):  # While this one waited for the row.
        raise LinkNotUsable
    _forget_identity(consent)
    if consent.state == ConsentState.SENT:
        consent.state = ConsentState.OPENED
    consent.opened_at = consent.opened_at or now()
    audit.record(
        scope, "consent:link:open", subject_id=consent.id, patient_id=consent.patient_id, by=by
    )
    return _fresh_session(scope, consent.id)


def renew_session(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Return a new session token for the one that just proved who they are; the old one ends."""
    return _fresh_session(scope, consent_id)


def _fresh_session(scope: TenantScope, consent_id: uuid.UUID) -> str:
    revoke_secrets(scope, "sign_session", subject_id=consent_id)
    return issue_secret(scope, "sign_session", subject_id=consent_id, lasts=SESSION_LASTS)


def _forget_identity(consent: Consent) -> None:
    """Whoever opens a link proves anew who they are; what staff attested stays for its hour."""
    consent.identified_at = consent.code_hash = consent.code_sent_at = None
