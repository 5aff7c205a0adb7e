"""The patient changes their mind: nothing more is done under this consent from now on.

The past is not touched. Recording a treatment and withdrawing both lock the consent first, so that
whichever commits first wins.
"""

import uuid
from datetime import timedelta

from app import audit, jobs
from app.consent import queries
from app.consent.after.withdrawal_models import Withdrawal, WithdrawalWay
from app.consent.ciphers import close_text
from app.consent.errors import ConsentMoved
from app.consent.models import Consent, ConsentState
from app.consent.purposes import rules_of
from app.consent.services.open_grants import close_grants, supersede_others
from app.consent.services.request_consent import end_links
from app.consent.signing.declining import Why
from app.consent.signing.services.note_decline import note_decline
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.plans.services.plan_visit import mark_after_withdrawal

_IN_FORCE = (ConsentState.SIGNED, ConsentState.ACTIVE, ConsentState.PAUSED)
_SIGNED_ONCE = (*_IN_FORCE, ConsentState.SUPERSEDED)
_OVER = (ConsentState.WITHDRAWN, ConsentState.DECLINED, ConsentState.EXPIRED)


# The request that took it back seals the receipt itself; this is for when it could not.
SEAL_LATER = timedelta(seconds=30)


def withdraw_consent(
    scope: TenantScope,
    *,
    consent_id: uuid.UUID,
    way: WithdrawalWay = WithdrawalWay.STAFF,
    reason: str = "",
    why: Why | None = None,
) -> Consent:
    """Take a consent back, or say no before signing; repeating it changes nothing.

    ``why`` is the patient's reason for saying no; without it ``reason`` is, in their words.

    Whoever changes their mind does not know of numbers: where a newer consent to the same thing
    was signed, that one is taken back, and with it what it was to replace. Raises ConsentMoved
    where nothing is left to take back: it was called back before it was signed.
    """
    consent = queries.lock_with_alike(scope, consent_id)
    if consent.state in _SIGNED_ONCE:
        consent = _newest(scope, consent)
    if consent.state in _OVER:
        return consent
    if consent.state in queries.UNSIGNED:
        note_decline(scope, consent, way, why or Why(words=reason))
    elif consent.state in _IN_FORCE:
        close_grants(scope, consent.id)
        consent.state, consent.ended_at = ConsentState.WITHDRAWN, now()
        supersede_others(scope, consent)
        _record(scope, consent, way, reason)
    else:
        raise ConsentMoved("This consent has ended already.", state=consent.state)
    consent.version += 1
    end_links(scope, consent.id, keep_session=True)
    return consent


def _newest(scope: TenantScope, consent: Consent) -> Consent:
    """Return the newest consent to the same thing that was signed and still counts, or this one."""
    states = {*_IN_FORCE, ConsentState.WITHDRAWN}
    alike = [one for one in queries.list_consents_like(scope, consent) if one.state in states]
    if consent.state != ConsentState.SUPERSEDED:
        alike.append(consent)
    return max(alike, key=lambda one: one.created_at, default=consent)


def _record(scope: TenantScope, consent: Consent, way: WithdrawalWay, reason: str) -> None:
    """Write the withdrawal and ask for what follows from it: the receipt and what it moves."""
    withdrawal = _withdrawal(scope, consent, way, reason)
    scope.session.add(withdrawal)
    scope.session.flush()
    mark_after_withdrawal(scope, plan_id=consent.plan_id)
    audit.record(
        scope,
        "consent:form:withdraw",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        state=consent.state,
        way=way.value,
    )
    jobs.enqueue(
        scope,
        "consent.seal_withdrawal",
        lock=f"withdrawal:{withdrawal.id}",
        not_before=now() + SEAL_LATER,
        withdrawal_id=withdrawal.id,
    )
    if rules_of(consent.purpose).grants:
        # Money lives in a room beside this one; the job stands in the room above both.
        jobs.enqueue(scope, "care.follow_withdrawal", withdrawal_id=withdrawal.id)


def _withdrawal(
    scope: TenantScope, consent: Consent, way: WithdrawalWay, reason: str
) -> Withdrawal:
    row_id = new_id()
    return Withdrawal(
        tenant_id=scope.tenant_id,
        id=row_id,
        consent_id=consent.id,
        way=way.value,
        reason_cipher=close_text(scope, consent.patient_id, "withdrawal.reason", row_id, reason)
        if reason
        else None,
        recorded_by=scope.actor.id if scope.actor.kind == "staff" else None,
        withdrawn_at=now(),
    )
