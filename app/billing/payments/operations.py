"""An outgoing call: a committed row first, then the call, then what came of it.

The row's id is the idempotency key and its parameters are frozen, so that sending it again can
only ever get the first answer. No answer leaves it unknown; it is never called failed.

Locks are always taken in one order: the purchase's credit account, the attempt, the call.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.billing.errors import StripeRefused, StripeUnreachable
from app.billing.models import OperationState, StripeOperation
from app.billing.payments import queries
from app.billing.stripe_facts import Declined, Json, Refused, Unknown
from app.database import TenantScope, outside_call
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.speech import mark

Answer = TypeVar("Answer")
Result = TypeVar("Result")


@dataclass
class Sent:
    """A call on its way, with what went wrong if something did."""

    operation_id: uuid.UUID
    account_id: str
    params: Json
    problem: Refused | Declined | Unknown | None = None

    @property
    def key(self) -> str:
        """Return the idempotency key."""
        return str(self.operation_id)


def begin_operation(
    scope: TenantScope, kind: str, subject_id: uuid.UUID, *, account_id: str, params: Json
) -> Sent:
    """Write the row of a new call, or take up the one that is still without an outcome."""
    running = queries.find_running_operation(scope, kind, subject_id)
    if running is not None:
        return resume_operation(running, account_id)
    operation = StripeOperation(
        tenant_id=scope.tenant_id,
        id=new_id(),
        kind=kind,
        subject_id=subject_id,
        params=params,
        state=OperationState.SENT,
        attempts=1,
        first_sent_at=now(),
        created_at=now(),
    )
    scope.session.add(operation)
    return Sent(operation.id, account_id, params)


def resume_operation(operation: StripeOperation, account_id: str) -> Sent:
    """Take a call up again, with its own key and its own parameters."""
    operation.attempts += 1
    return Sent(operation.id, account_id, operation.params)


def finish_operation(scope: TenantScope, sent: Sent, stripe_id: str) -> None:
    """Note what Stripe made."""
    operation = queries.get_operation_for_update(scope, sent.operation_id)
    operation.state, operation.stripe_id = OperationState.DONE, stripe_id
    operation.problem = None


def send(
    scope: TenantScope,
    *,
    prepare: Callable[[TenantScope], Sent | None],
    call: Callable[[Sent], Answer],
    record: Callable[[TenantScope, Sent | None, Answer | None], Result],
    give_up: Callable[[TenantScope, Sent], None] = lambda scope, sent: None,
) -> Result:
    """Make an outgoing call; ``prepare`` returns None when there is nothing to send any more.

    ``give_up`` sees ``sent.problem`` and writes what it means for the subject, in a transaction of
    its own. Raises StripeRefused, or StripeUnreachable where it may have happened.
    """
    try:
        return outside_call(
            scope,
            prepare=prepare,
            call=lambda sent: _guarded(sent, call),
            record=record,
            give_up=lambda scope, sent: _give_up(scope, sent, give_up),
        )
    except Unknown:
        raise StripeUnreachable("We are still finding out. Please look again shortly.") from None
    except (Refused, Declined) as problem:
        raise StripeRefused(
            mark("The payment provider refused this."), stripe_code=problem.code
        ) from None


def _guarded(sent: Sent | None, call: Callable[[Sent], Answer]) -> Answer | None:
    if sent is None:
        return None
    try:
        return call(sent)
    except (Refused, Declined, Unknown) as problem:
        sent.problem = problem
        raise


def _give_up(
    scope: TenantScope, sent: Sent | None, give_up: Callable[[TenantScope, Sent], None]
) -> None:
    if sent is None or sent.problem is None:
        return  # A fault of our own: the row stays as sent and will be resolved.
    give_up(scope, sent)
    operation = queries.get_operation_for_update(scope, sent.operation_id)
    if operation.state == OperationState.DONE:
        return  # Somebody else with the same key got the answer.
    lost = isinstance(sent.problem, Unknown)
    operation.state = OperationState.UNKNOWN if lost else OperationState.FAILED
    operation.problem = sent.problem.code
