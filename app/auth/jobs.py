"""The jobs of accounts: letters to people, and what their clinics' audit trails are told.

An account belongs to no clinic. What happens to it enqueues one job for each clinic in which the
person works, in its own transaction; the events hold ids and codes only.
"""

import uuid

import structlog
from sqlalchemy import text

from app import audit, jobs
from app.auth import addresses, letters
from app.database import TenantScope, unit_of_work
from app.kit.clock import now

log = structlog.get_logger(__name__)
SWEEP = text("SELECT door.sweep_accounts(:at)")
HAPPENED = "what has happened is recorded, whoever works here still"


@jobs.handler_for_person("auth.send_letter")
def send_letter(subject_id: uuid.UUID) -> None:
    """Send one letter; sent twice it stays sent once."""
    letters.send_letter(subject_id)


@jobs.handler("auth.note_sign_in", outlives=HAPPENED)
def note_sign_in(scope: TenantScope, *, session_id: uuid.UUID, method: str) -> None:
    """Record that a member of staff signed in."""
    audit.record(
        scope,
        "auth:session:start",
        subject_id=scope.actor.id,
        session_id=session_id,
        method=method,
    )


@jobs.handler("auth.note_refusal", outlives=HAPPENED)
def note_refusal(scope: TenantScope, *, session_id: uuid.UUID, method: str) -> None:
    """Record that a member of staff was refused at their second factor; ``method`` is a code."""
    audit.record(
        scope,
        "auth:factor:refuse",
        subject_id=scope.actor.id,
        session_id=session_id,
        method=method,
    )


@jobs.handler("auth.note_change", outlives=HAPPENED)
def note_change(scope: TenantScope, *, what: str) -> None:
    """Record what changed about the account of a member of staff; ``what`` is a code."""
    audit.record(scope, "auth:account:change", subject_id=scope.actor.id, what=what)


@jobs.regular("auth.change_addresses")
def change_addresses() -> None:
    """Put changes of address into force that nobody stopped in time."""
    addresses.change_due_addresses()


@jobs.regular("auth.sweep", nightly=True)
def sweep() -> None:
    """Delete what of accounts is over: counters, letters, links, sign-ins, browsers."""
    with unit_of_work() as work:
        gone = work.session.execute(SWEEP, {"at": now()}).scalar_one()
    log.info("auth.swept", rows=gone)
