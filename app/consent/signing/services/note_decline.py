"""A patient says no before signing: with a reason if they want to give one, and without if not."""

from app import audit
from app.consent.after.follow_models import ConsentDecline
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.ciphers import close_text
from app.consent.models import Consent, ConsentState
from app.consent.signing.declining import PLACE, Why
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


def note_decline(scope: TenantScope, consent: Consent, way: WithdrawalWay, why: Why) -> None:
    """Note on a locked, unsigned consent that the patient said no; the record names no reason."""
    consent.state, consent.ended_at = ConsentState.DECLINED, now()
    row_id, text = new_id(), why.as_text()
    scope.session.add(
        ConsentDecline(
            tenant_id=scope.tenant_id,
            id=row_id,
            consent_id=consent.id,
            way=way.value,
            why_cipher=close_text(scope, consent.patient_id, PLACE, row_id, text) if text else None,
            recorded_by=scope.actor.id if scope.actor.kind == "staff" else None,
            declined_at=now(),
        )
    )
    audit.record(
        scope,
        "consent:form:decline",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        way=way.value,
    )
