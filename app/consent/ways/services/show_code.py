"""A code on the clinic's screen, which the patient scans with their own phone.

It works once and for ten minutes. It opens the same way as the link in a message: who it is has to
be proved all the same. A link that was sent before goes on working; sending a new one ends both.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import audit
from app.auth.secrets import issue_secret, revoke_secrets
from app.consent import queries
from app.consent.errors import ConsentMoved
from app.consent.services.request_consent import unlock_link
from app.consent.still_current import require_no_news
from app.consent.ways import queries as way_queries
from app.consent.ways.link_reference import Reference, with_reference
from app.consent.ways.links import sign_url
from app.consent.ways.models import ConsentWay, OpenedBy
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.services.limit_use import require_unrestricted

CODE_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class ShownCode:
    """What the code holds, and until when it works; it exists here and on the screen only."""

    link: str
    ends_at: datetime


def show_code(scope: TenantScope, *, consent_id: uuid.UUID) -> ShownCode:
    """Return a fresh code for a form; the one before ends.

    Raises ConsentMoved once signed, AskedBeforeNews or NotDiscussed where another form is needed.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    require_unrestricted(scope, consent.patient_id)
    if consent.state not in queries.UNSIGNED:
        raise ConsentMoved("There is nothing left to sign.", state=consent.state)
    require_no_news(scope, consent)
    unlock_link(scope, consent)  # They are in front of somebody who knows what happened.
    revoke_secrets(scope, "qr_link", subject_id=consent.id)
    at, before = now(), way_queries.find_offered_code(scope, consent.id)
    if before is not None:
        before.ended_at = at
    token = issue_secret(scope, "qr_link", subject_id=consent.id, lasts=CODE_LASTS)
    scope.session.add(
        ConsentWay(
            tenant_id=scope.tenant_id,
            id=new_id(),
            consent_id=consent.id,
            opened_by=OpenedBy.QR.value,
            host_id=scope.actor.id,
            device_id=scope.actor.device_id,
            offered_at=at,
        )
    )
    audit.record(scope, "consent:code:show", subject_id=consent.id, patient_id=consent.patient_id)
    fragment = with_reference(token, Reference(scope.tenant_id, consent.id))
    return ShownCode(sign_url(fragment), at + CODE_LASTS)
