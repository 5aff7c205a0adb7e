"""What this room does later: missing receipts, waits that are over, reminders, what runs out."""

import uuid

from app import jobs
from app.consent.after import withdrawal_queries
from app.consent.after.services.remind_patient import plan_reminders, remind_patient
from app.consent.after.services.seal_withdrawal import seal_withdrawal
from app.consent.holds import queries as hold_queries
from app.consent.holds.services.seal_decision import seal_decision
from app.consent.holds.services.settle_hold import settle_hold
from app.consent.services.expire_consents import expire_consents
from app.database import TenantScope

MOST_A_NIGHT = 500


@jobs.handler("consent.seal_withdrawal", outlives="the consent was taken back")
def seal_receipt(scope: TenantScope, *, withdrawal_id: uuid.UUID) -> None:
    """Seal the receipt of a withdrawal; sealed before, nothing happens."""
    seal_withdrawal(scope, withdrawal_id=withdrawal_id)


@jobs.handler("consent.seal_missing_receipts", nightly=True)
def seal_missing_receipts(scope: TenantScope) -> None:
    """Ask again for every receipt that is missing, as after days without a seal."""
    for withdrawal_id in withdrawal_queries.list_without_receipt(scope, most=MOST_A_NIGHT):
        jobs.enqueue(
            scope,
            "consent.seal_withdrawal",
            lock=f"withdrawal:{withdrawal_id}",
            withdrawal_id=withdrawal_id,
        )


@jobs.handler("consent.seal_decision", outlives="the decision was made")
def seal_record(scope: TenantScope, *, decision_id: uuid.UUID) -> None:
    """Seal the record of a decision after signing; sealed before, nothing happens."""
    seal_decision(scope, decision_id=decision_id)


@jobs.handler("consent.seal_missing_decisions", nightly=True)
def seal_missing_decisions(scope: TenantScope) -> None:
    """Ask again for every record of a decision that is missing."""
    for decision_id in hold_queries.list_unsealed_decisions(scope, most=MOST_A_NIGHT):
        jobs.enqueue(
            scope,
            "consent.seal_decision",
            lock=f"decision:{decision_id}",
            decision_id=decision_id,
        )


@jobs.handler("consent.settle_holds", nightly=True)
def settle_holds(scope: TenantScope) -> None:
    """Let every consent go on whose wait is over; the patient hears of it."""
    for line in hold_queries.list_open_holds(scope, most=MOST_A_NIGHT):
        settle_hold(scope, consent_id=line.consent.id)


@jobs.handler("consent.plan_reminders", nightly=True)
def plan(scope: TenantScope) -> None:
    """Ask for the reminders that are due until the next night."""
    plan_reminders(scope)


@jobs.handler(
    "consent.remind", outlives="the night asks for it, and whether it is wanted is asked anew"
)
def remind(scope: TenantScope, *, consent_id: uuid.UUID) -> None:
    """Remind a patient of a form, if that is still wanted; told twice, only the first counts."""
    remind_patient(scope, consent_id=consent_id)


@jobs.handler("consent.expire", nightly=True)
def expire(scope: TenantScope) -> None:
    """Let run out what nobody signed in time, and what was valid until today."""
    expire_consents(scope)
