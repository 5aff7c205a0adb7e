"""The patient changes their mind: nothing more is done under this consent from now on.

The past is not touched. Recording a treatment and withdrawing both lock the consent first, so that
whichever commits first wins.
"""

import uuid

from app import audit
from app.consent import queries
from app.consent.ciphers import close_text
from app.consent.errors import ConsentMoved
from app.consent.grants import close_grants
from app.consent.models import Consent, ConsentState, Withdrawal
from app.consent.services.request_consent import end_links
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id

_IN_FORCE = (ConsentState.SIGNED, ConsentState.ACTIVE)
_OVER = (ConsentState.WITHDRAWN, ConsentState.DECLINED)


def withdraw_consent(scope: TenantScope, *, consent_id: uuid.UUID, reason: str = "") -> Consent:
    """Take a consent back, or say no before signing; repeating it changes nothing.

    Raises ConsentMoved where it was superseded or called back before.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    if consent.state in _OVER:
        return consent
    if consent.state in queries.UNSIGNED:
        consent.state = ConsentState.DECLINED
    elif consent.state in _IN_FORCE:
        close_grants(scope, consent.id)
        consent.state = ConsentState.WITHDRAWN
        scope.session.add(_withdrawal(scope, consent, reason))
    else:
        raise ConsentMoved("This consent has ended already.", state=consent.state)
    consent.ended_at = now()
    consent.version += 1
    end_links(scope, consent.id, keep_session=True)
    audit.record(
        scope,
        "consent:form:withdraw",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        state=consent.state,
    )
    return consent


def _withdrawal(scope: TenantScope, consent: Consent, reason: str) -> Withdrawal:
    row_id = new_id()
    return Withdrawal(
        tenant_id=scope.tenant_id,
        id=row_id,
        consent_id=consent.id,
        reason_cipher=close_text(scope, consent.patient_id, "withdrawal.reason", row_id, reason)
        if reason
        else None,
        recorded_by=scope.actor.id if scope.actor.kind == "staff" else None,
        withdrawn_at=now(),
    )
