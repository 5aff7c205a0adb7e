"""The list of job handlers, how a job is enqueued, and how one runs."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import text

from app import audit
from app.auth.permissions import Permission, may
from app.auth.queries import find_staff_facts
from app.database import SYSTEM, Actor, ScopedSession, TenantScope, tenant_scope, unit_of_work

log = structlog.get_logger(__name__)
Handler = Callable[..., None]
HANDLERS: dict[str, Handler] = {}
PERSONAL: dict[str, Callable[[uuid.UUID], None]] = {}
NIGHTLY: list[str] = []
# What a job still needs when it runs, and which jobs finish what was committed, whoever asked.
NEEDS: dict[str, Permission] = {}
OUTLIVES: dict[str, str] = {}
Round = Callable[[], object]
ROUNDS: dict[str, Round] = {}
NIGHTLY_ROUNDS: dict[str, Round] = {}
ACTIVE = text("SELECT tenant_id FROM door.active_tenants()")
ENQUEUE = text("SELECT door.enqueue(:name, CAST(:args AS jsonb), :lock, :not_before)")
ENQUEUE_FOR_PERSON = text("SELECT door.enqueue_for_person(:name, :subject_id)")
NOTE = text("SELECT door.note_in_clinics(:person_id, :name, CAST(:args AS jsonb))")


class UnknownJob(Exception):
    """No handler has this name."""


def handler(
    name: str, *, nightly: bool = False, needs: Permission | None = None, outlives: str = ""
) -> Callable[[Handler], Handler]:
    """Register ``function(scope, **ids)`` as the handler of a job name, "room.verb".

    A ``nightly`` job takes no ids and runs once a night for every clinic that is open. A job that a
    member of staff asked for is not done once they are disabled, or once they lost what it
    ``needs``. ``outlives`` says why a job is done all the same: it only finishes what they did.
    """
    if needs is not None:
        NEEDS[name] = needs
    if outlives:
        OUTLIVES[name] = outlives

    def keep(function: Handler) -> Handler:
        if name in HANDLERS:
            raise ValueError(f"the job {name!r} has two handlers")
        HANDLERS[name] = function
        if nightly:
            NIGHTLY.append(name)
        return function

    return keep


def regular(name: str, *, nightly: bool = False) -> Callable[[Round], Round]:
    """Register what the worker does for the whole installation: every few minutes, or at night.

    It gets no scope, since it goes through the clinics by itself, one short transaction each.
    """

    def keep(function: Round) -> Round:
        (NIGHTLY_ROUNDS if nightly else ROUNDS)[name] = function
        return function

    return keep


def run_rounds(rounds: dict[str, Round]) -> None:
    """Run what is regular; one that fails is logged and does not hold up the others."""
    for name, function in rounds.items():
        try:
            function()
        except Exception as problem:  # The next round tries again; the others have their turn.
            log.error("round.failed", round=name, kind=type(problem).__name__)


def enqueue(
    scope: TenantScope,
    name: str,
    *,
    lock: str | None = None,
    not_before: datetime | None = None,
    **ids: uuid.UUID | str | int,
) -> None:
    """Write a job row in the caller's transaction; rolled back, it never was.

    :param lock: jobs with the same lock run one after another.
    """
    if name not in HANDLERS:
        raise UnknownJob(name)
    args: dict[str, Any] = {key: str(value) for key, value in ids.items()}
    actor = scope.actor
    known = (actor.id, actor.person_id, actor.device_id)
    args["_actor"] = [actor.kind, *(str(one or "") for one in known)]
    parameters = {
        "name": name,
        "args": json.dumps(args),
        "lock": f"{scope.tenant_id}:{lock}" if lock else None,
        "not_before": not_before,
    }
    scope.session.execute(ENQUEUE, parameters)


def handler_for_person(
    name: str,
) -> Callable[[Callable[[uuid.UUID], None]], Callable[[uuid.UUID], None]]:
    """Register ``function(subject_id)`` for a job outside the clinics.

    It opens its own transactions.
    """

    def keep(function: Callable[[uuid.UUID], None]) -> Callable[[uuid.UUID], None]:
        PERSONAL[name] = function
        return function

    return keep


def enqueue_for_person(session: ScopedSession, name: str, *, subject_id: uuid.UUID) -> None:
    """Write a job of no clinic in the caller's transaction."""
    if name not in PERSONAL:
        raise UnknownJob(name)
    session.execute(ENQUEUE_FOR_PERSON, {"name": name, "subject_id": subject_id})


def note_in_clinics(
    session: ScopedSession, person_id: uuid.UUID, name: str, **details: uuid.UUID | str
) -> None:
    """Write one job for each clinic in which a person works, in the caller's transaction.

    For what happened to their account, which belongs to no clinic; each runs as the person.
    """
    if name not in HANDLERS:
        raise UnknownJob(name)
    args = json.dumps({key: str(value) for key, value in details.items()})
    session.execute(NOTE, {"person_id": person_id, "name": name, "args": args})


def run_for_person(name: str, subject_id: uuid.UUID) -> None:
    """Run one job of no clinic."""
    found = PERSONAL.get(name)
    if found is None:
        raise UnknownJob(name)
    found(subject_id)


def begin_nights() -> None:
    """Enqueue one job for every open clinic, all or none, so that this may run again.

    Each begins the night of its clinic by itself: one that fails is tried again and holds up no
    other.
    """
    with unit_of_work() as work:
        for tenant_id in work.session.execute(ACTIVE).scalars().all():
            enqueue_for_person(work.session, "jobs.begin_night", subject_id=tenant_id)


@handler_for_person("jobs.begin_night")
def begin_night(tenant_id: uuid.UUID) -> None:
    """Enqueue every nightly job of one clinic, all or none."""
    with tenant_scope(tenant_id, SYSTEM) as scope:
        for name in NIGHTLY:
            enqueue(scope, name)


def run_job(tenant_id: uuid.UUID, name: str, args: dict[str, Any]) -> None:
    """Run one job in its clinic, as the actor who asked for it; one transaction."""
    found = HANDLERS.get(name)
    if found is None:
        raise UnknownJob(name)
    ids = dict(args)
    kind, *known = ids.pop("_actor")
    actor = Actor(kind, *(_uuid(one) for one in known))
    with tenant_scope(tenant_id, actor) as scope:
        if name not in OUTLIVES and not _may_still(scope, name):
            log.warning("job.aborted", job=name, tenant_id=str(tenant_id))
            audit.record(scope, "jobs:job:abort", subject_id=actor.id, job=name)
            return
        found(scope, **{key: _value(value) for key, value in ids.items()})


def _may_still(scope: TenantScope, name: str) -> bool:
    """Return whether whoever asked for a job still may: the subject decides, not the worker."""
    if scope.actor.kind != "staff" or scope.actor.id is None:
        return True
    return staff_may_still(scope, scope.actor.id, NEEDS.get(name))


def staff_may_still(scope: TenantScope, staff_id: uuid.UUID, needed: Permission | None) -> bool:
    """Return whether a member of staff still works here and has what is needed, if anything."""
    facts = find_staff_facts(scope, staff_id)
    if facts is None or facts.is_disabled:
        return False
    return needed is None or may(facts.role, needed, is_limited=facts.is_limited)


def _uuid(value: str) -> uuid.UUID | None:
    return uuid.UUID(value) if value else None


def _value(value: str) -> uuid.UUID | str:
    try:
        return uuid.UUID(value)
    except ValueError:
        return value
