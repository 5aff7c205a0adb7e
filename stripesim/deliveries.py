"""The queue of webhook deliveries, and the policy that makes a delivery go wrong on purpose."""

import json
import random
from dataclasses import asdict, dataclass, field
from typing import Any

from stripesim.core import Core
from stripesim.failures import Json

_SHUFFLE_WINDOW = 0.3


@dataclass(frozen=True)
class Policy:
    """How events are delivered from now on; the default delivers each once and at once.

    ``types`` limits the policy to some event types. ``shuffle`` spreads a burst at random over
    0.3 s. ``before_response`` delivers before the API request that caused the event is answered.
    """

    delay: float = 0.0
    drop: bool = False
    duplicate: int = 1
    shuffle: bool = False
    before_response: bool = False
    types: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint, with every attempt so far."""

    id: int
    event: str
    endpoint: str
    state: str
    copies: int
    due: float
    attempts: list[Json]

    def as_json(self) -> Json:
        """Return the delivery as the control plane shows it."""
        return asdict(self)


def policy_of(core: Core) -> Policy:
    """Return the policy in force."""
    return Policy(**core.store.note("policy", {}))


def set_policy(core: Core, **changes: Any) -> Policy:
    """Replace the policy by the default with these changes; TypeError for an unknown name."""
    policy = Policy(**changes)
    core.store.keep_note("policy", asdict(policy))
    return policy


def enqueue_deliveries(core: Core, account: str, event: Json) -> None:
    """Queue an event for every endpoint that asked for its type, under the policy in force."""
    policy = policy_of(core)
    if policy.types and event["type"] not in policy.types:
        policy = Policy(before_response=policy.before_response)
    for endpoint in core.store.every("webhook_endpoint"):
        if _wants(core, endpoint, account, event["type"]):
            _enqueue(core, event["id"], endpoint["id"], policy)


def resend(core: Core, event_id: str) -> int:
    """Queue an event again for every endpoint that wants it; return how many."""
    event = core.store.find(event_id)
    if event is None:
        return 0
    account = event.get("account", core.platform)
    targets = [
        endpoint
        for endpoint in core.store.every("webhook_endpoint")
        if _wants(core, endpoint, account, event["type"])
    ]
    for endpoint in targets:
        _enqueue(core, event_id, endpoint["id"], Policy())
    return len(targets)


def due_deliveries(core: Core, at: float) -> list[Delivery]:
    """Return the pending deliveries whose time has come, oldest first."""
    return _select(core, "WHERE state = 'pending' AND due <= ? ORDER BY due, id", at)


def every_delivery(core: Core, *, event: str | None = None) -> list[Delivery]:
    """Return all deliveries in the order in which they were queued."""
    return _select(core, "WHERE ? IS NULL OR event = ? ORDER BY id", event, event)


def pending_count(core: Core, event_id: str) -> int:
    """Return how many endpoints have not taken an event yet."""
    rows = core.store.rows(
        "SELECT count(DISTINCT endpoint) FROM deliveries AS d WHERE event = ? AND NOT EXISTS"
        " (SELECT 1 FROM deliveries AS o WHERE o.event = d.event AND o.endpoint = d.endpoint"
        " AND o.state = 'delivered')",
        event_id,
    )
    return int(rows[0][0])


def record_attempt(core: Core, delivery: Delivery, attempt: Json, *, ok: bool) -> None:
    """Write down an attempt, and when the next one is due if there is one."""
    attempts = [*delivery.attempts, attempt]
    delays = core.timing.retry_delays
    if ok:
        state, due = "delivered", delivery.due
    elif len(attempts) > len(delays):
        state, due = "failed", delivery.due
    else:
        state, due = "pending", core.clock.precise() + delays[len(attempts) - 1]
    core.store.rows(
        "UPDATE deliveries SET state = ?, due = ?, attempts = ? WHERE id = ?",
        state,
        due,
        json.dumps(attempts),
        delivery.id,
    )


def _wants(core: Core, endpoint: Json, account: str, kind: str) -> bool:
    setup = core.store.note(f"endpoint:{endpoint['id']}")
    if setup["account"] != account and not (setup["connect"] and account != core.platform):
        return False
    if setup["connect"] and account == core.platform:
        return False
    names = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in names or kind in names)


def _enqueue(core: Core, event_id: str, endpoint_id: str, policy: Policy) -> None:
    wait = policy.delay
    if policy.shuffle:
        wait += random.uniform(0, _SHUFFLE_WINDOW)  # noqa: S311 - disorder, not a secret
    core.store.rows(
        "INSERT INTO deliveries (event, endpoint, state, copies, due, attempts)"
        " VALUES (?, ?, ?, ?, ?, '[]')",
        event_id,
        endpoint_id,
        "dropped" if policy.drop else "pending",
        max(1, policy.duplicate),
        core.clock.precise() + wait,
    )


def _select(core: Core, tail: str, *values: Any) -> list[Delivery]:
    rows = core.store.rows(
        f"SELECT id, event, endpoint, state, copies, due, attempts FROM deliveries {tail}",  # noqa: S608 - the tail is one of two constants above
        *values,
    )
    return [
        Delivery(
            id=row[0],
            event=row[1],
            endpoint=row[2],
            state=row[3],
            copies=row[4],
            due=row[5],
            attempts=json.loads(row[6]),
        )
        for row in rows
    ]
