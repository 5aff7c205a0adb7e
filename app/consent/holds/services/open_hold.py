"""Opens holds, and lets a consent go on where nothing stands in its way. Callers hold its lock."""

from app import audit
from app.consent import queries
from app.consent.ciphers import put_shown
from app.consent.holds.models import Hold, HoldOrigin
from app.consent.models import Consent, ConsentState
from app.consent.reassembly import assemble_as_decided
from app.consent.screening.models import ConsentAnswers
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


def open_hold_for(
    scope: TenantScope,
    consent: Consent,
    row: ConsentAnswers,
    origin: HoldOrigin,
    *,
    ends_number: int | None = None,
) -> Hold:
    """Stop a consent because of answers; ``ends_number`` is the decision that no longer stands."""
    hold = Hold(
        tenant_id=scope.tenant_id,
        id=new_id(),
        consent_id=consent.id,
        answers_id=row.id,
        outcome=row.outcome,
        origin=origin.value,
        ends_number=ends_number,
        opened_at=now(),
    )
    scope.session.add(hold)
    consent.state = ConsentState.HELD
    if ends_number is not None:
        # What was shown told of a decision that is over.
        consent.read_at = consent.understood_at = consent.teach_back_right = None
    audit.record(
        scope,
        "consent:hold:open",
        subject_id=hold.id,
        patient_id=consent.patient_id,
        consent_id=consent.id,
        origin=origin.value,
        ends_number=ends_number,
    )
    return hold


def reopen_for_answers(scope: TenantScope, consent: Consent) -> None:
    """Let new answers end a decision to wait: the open hold asks for a person again."""
    hold = queries.find_open_hold(scope, consent.id)
    if hold is None or hold.waits_until is None:
        return
    hold.waits_until = None
    audit.record(
        scope,
        "consent:hold:reopen",
        subject_id=hold.id,
        patient_id=consent.patient_id,
        consent_id=consent.id,
    )


def clear(scope: TenantScope, consent: Consent) -> None:
    """Let the patient go on: the form is made anew from answers and decision."""
    consent.state = ConsentState.CLEARED
    put_shown(scope, consent, assemble_as_decided(scope, consent))
