"""A person opens a form: it becomes a session in one browser, and any other one ends.

Nobody is known yet at this point, so that the session shows nothing until identity is proved. A
link opens again, for people who come back, until the consent is signed; a code on the clinic's
screen opens once.
"""

import uuid
from datetime import timedelta

from app import audit
from app.auth.guards import LinkNotUsable
from app.auth.secrets import issue_secret, revoke_secrets
from app.consent import queries
from app.consent.models import Consent, ConsentState
from app.consent.ways import queries as way_queries
from app.consent.ways.models import ConsentWay, OpenedBy
from app.consent.ways.services.lock_link import is_locked
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id

SESSION_LASTS = timedelta(hours=3)
# Staff stand beside these; how old the link in a message is, does not matter to them.
_IN_THE_CLINIC = (OpenedBy.QR, OpenedBy.TABLET)


def open_link(
    scope: TenantScope,
    *,
    consent_id: uuid.UUID,
    by: OpenedBy,
    host_id: uuid.UUID | None = None,
    device_id: uuid.UUID | None = None,
) -> str:
    """Return the token of a fresh session; raises LinkNotUsable once there is nothing to sign.

    ``by`` says which way it was opened; ``host_id`` and ``device_id`` who handed over which device.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    # Who was told no may still come to read why; there is nothing that they could sign.
    may_open = (*queries.UNSIGNED, ConsentState.NOT_SAFE)
    is_over = consent.link_expires_at <= now() and by not in _IN_THE_CLINIC
    if consent.state not in may_open or is_over:
        raise LinkNotUsable
    if is_locked(consent):  # While this one waited for the row.
        raise LinkNotUsable
    _forget_identity(consent, by)
    if consent.state == ConsentState.SENT:
        consent.state = ConsentState.OPENED
    consent.opened_at = consent.opened_at or now()
    _note_way(scope, consent, OpenedBy(by), host_id, device_id)
    audit.record(
        scope, "consent:link:open", subject_id=consent.id, patient_id=consent.patient_id, by=by
    )
    return _fresh_session(scope, consent)


def renew_session(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Return a new session token for the one that just proved who they are; the old one ends."""
    return _fresh_session(scope, queries.get_consent_for_update(scope, consent_id))


def _fresh_session(scope: TenantScope, consent: Consent) -> str:
    # Whoever began in time may finish: the form lasts as long as the page on which it is open.
    consent.link_expires_at = max(consent.link_expires_at, now() + SESSION_LASTS)
    revoke_secrets(scope, "sign_session", subject_id=consent.id)
    return issue_secret(scope, "sign_session", subject_id=consent.id, lasts=SESSION_LASTS)


def _forget_identity(consent: Consent, by: OpenedBy) -> None:
    """Whoever opens a link proves anew who they are.

    An ID that staff saw is good for one opening by a link: whoever has the link at home, too, is
    not the person who stood at the desk.
    """
    proved, seen = consent.identified_at, consent.identity_attested_at
    if proved and seen and seen <= proved and by not in _IN_THE_CLINIC:
        consent.identity_attested_at = None
    consent.identified_at = consent.code_hash = consent.code_sent_at = None


def _note_way(
    scope: TenantScope,
    consent: Consent,
    by: OpenedBy,
    host_id: uuid.UUID | None,
    device_id: uuid.UUID | None,
) -> None:
    """Write down how the form was opened; the way before has ended with its session."""
    at, before = now(), way_queries.find_open_way(scope, consent.id)
    if before is not None and before.ended_at is None:
        before.ended_at = at
    offered = way_queries.find_offered_code(scope, consent.id) if by is OpenedBy.QR else None
    if offered is not None:
        offered.opened_at = at
        return
    way = ConsentWay(
        tenant_id=scope.tenant_id,
        id=new_id(),
        consent_id=consent.id,
        opened_by=by.value,
        host_id=host_id,
        device_id=device_id,
        offered_at=at,
        opened_at=at,
        touched_at=at,
    )
    scope.session.add(way)
