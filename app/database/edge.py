"""One request or job is one transaction, and this is where it ends.

Nobody else commits. A failure rolls everything back, returns the connection, and then writes what
must survive it, in short transactions of their own: denials and access notes. ``outside_call`` is
the one exception with a name.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import structlog
from sqlalchemy import Engine

from app.database.base import db
from app.database.scope import Actor, OutsideScope, ScopedSession, TenantScope

log = structlog.get_logger(__name__)
AfterFailure = Callable[[], None]
Prepared = TypeVar("Prepared")
Answer = TypeVar("Answer")
Result = TypeVar("Result")


class UnitOfWork:
    """The transaction of one request or job, in at most one clinic."""

    def __init__(self, engine: Engine | None = None) -> None:
        # An engine of its own is for maintenance by another role; requests use the app's.
        self.session = ScopedSession(db, bind=engine, expire_on_commit=False)
        self.scope: TenantScope | None = None
        self._after_failure: list[AfterFailure] = []

    def enter(self, tenant_id: uuid.UUID, actor: Actor) -> TenantScope:
        """Enter a clinic for the rest of this unit of work; only one, ever."""
        if self.scope is not None and self.scope.tenant_id != tenant_id:
            raise OutsideScope("a unit of work serves one clinic")
        self.session.bind_tenant(tenant_id)
        self.scope = TenantScope(tenant_id, actor, self.session)
        return self.scope

    def after_failure(self, note: AfterFailure) -> None:
        """Register what is done after a failure, once the connection was given back.

        It opens transactions of its own, in whichever clinics it has to; see ``noted_in``.
        """
        self._after_failure.append(note)

    def commit(self) -> None:
        """Flush and commit; a constraint that only speaks now raises here, inside dispatch."""
        self.session.commit()

    def fail(self) -> None:
        """Roll back, then write what must survive the failure.

        A note that cannot be written never changes the answer.
        """
        self.session.rollback()
        self.close()
        notes, self._after_failure = self._after_failure, []
        for note in notes:
            try:
                note()
            except Exception as problem:  # The answer must look the same whatever happens here.
                log.error("edge.note_lost", kind=type(problem).__name__)

    def close(self) -> None:
        """Give the connection back."""
        self.session.close()


@contextmanager
def unit_of_work(engine: Engine | None = None) -> Iterator[UnitOfWork]:
    """Yield a unit of work that commits at the end, or rolls back and re-raises."""
    unit = UnitOfWork(engine)
    try:
        yield unit
        unit.commit()
    except BaseException:
        unit.fail()
        raise
    finally:
        unit.close()


@contextmanager
def tenant_scope(tenant_id: uuid.UUID, actor: Actor) -> Iterator[TenantScope]:
    """Yield a clinic's scope for a job, a command or a test: one transaction, ended here."""
    with unit_of_work() as unit:
        yield unit.enter(tenant_id, actor)


def noted_in(scope: TenantScope, note: Callable[[TenantScope], None]) -> AfterFailure:
    """Return a note for ``after_failure`` that is written in the same clinic by the same actor."""

    def write() -> None:
        with tenant_scope(scope.tenant_id, scope.actor) as own:
            note(own)

    return write


def outside_call(
    scope: TenantScope,
    *,
    prepare: Callable[[TenantScope], Prepared],
    call: Callable[[Prepared], Answer],
    record: Callable[[TenantScope, Prepared, Answer], Result],
    give_up: Callable[[TenantScope, Prepared], None] | None = None,
    refused: Callable[[TenantScope, Prepared], None] | None = None,
) -> Result:
    """Talk to the world outside without holding a transaction or a connection.

    ``prepare`` locks, checks and writes what must be known if we die during the call; it is
    committed. ``call`` gets only what ``prepare`` returned. ``record`` runs in a new transaction,
    which the edge commits: it must lock again and re-check, since the world has moved. Where
    ``call`` raises, ``give_up`` is committed in a transaction of its own before the error goes on;
    where ``record`` raises, its work is rolled back and then the same happens with ``refused``.
    Used by sealing, payments and messages only; a contract test lists the callers.
    """
    prepared = prepare(scope)
    scope.session.commit()
    try:
        answer = call(prepared)
    except Exception:
        if give_up is not None:
            give_up(scope, prepared)
            scope.session.commit()
        raise
    try:
        return record(scope, prepared, answer)
    except Exception:  # Whatever refused it, the lease must end; the refusal itself goes on.
        if refused is not None:
            scope.session.rollback()
            commit_then_try(scope, lambda scope: refused(scope, prepared))
        raise


def commit_then_try(scope: TenantScope, act: Callable[[TenantScope], object]) -> bool:
    """Commit what was done, then try what follows from it; return whether that worked too.

    For an act of a patient that stands whatever becomes of the paper about it. ``act`` ends in a
    commit of its own; where it fails, only its own work is rolled back and the failure is logged.
    """
    scope.session.commit()
    try:
        act(scope)
        scope.session.commit()
    except Exception as problem:  # The act stands; a job does again what failed here.
        scope.session.rollback()
        log.warning("edge.follow_up_failed", kind=type(problem).__name__)
        return False
    return True


def commit_before_check(session: ScopedSession) -> None:
    """Commit an attempt counter before the secret is looked at.

    Guessers who race each other must all be counted, also when their request fails afterwards.
    """
    session.commit()


def commit_before_refusal(session: ScopedSession) -> None:
    """Commit the trace of a wrong secret, which the error that refuses it would roll back."""
    session.commit()
