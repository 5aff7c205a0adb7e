"""Events: what happened, to which account, as a snapshot of the object at that moment."""

import copy

from stripesim.core import DEFAULT_VERSION, Call, Cause, Core
from stripesim.deliveries import enqueue_deliveries, pending_count
from stripesim.failures import Json, missing_object
from stripesim.ids import new_id
from stripesim.listing import page_of
from stripesim.shapes import EXPAND, created_range, flag, list_of, listing, mapping, text

EVENT_LIST = listing(
    created=created_range, type=text(), types=list_of(text()), delivery_success=flag
)
EVENT_GET = mapping({"expand": EXPAND})


def emit(
    core: Core,
    account: str,
    kind: str,
    subject: Json,
    *,
    cause: Cause | None = None,
    previous: Json | None = None,
) -> None:
    """Keep an event in the running unit and queue it for every endpoint that wants it."""
    data: Json = {"object": copy.deepcopy(subject)}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Json = {
        "id": new_id("evt_1"),
        "object": "event",
        "api_version": DEFAULT_VERSION,
        "created": core.clock.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {
            "id": cause.request_id if cause else None,
            "idempotency_key": cause.idempotency_key if cause else None,
        },
        "type": kind,
    }
    if account != core.platform:
        event["account"] = account
    core.store.put(account, event)
    enqueue_deliveries(core, account, event)
    if core.observe:
        core.observe(event)


def list_events(call: Call) -> Json:
    """GET /v1/events: by type, by time, and by whether every endpoint has taken them."""
    kinds = set(call.get("types", []))
    if call.get("type"):
        kinds.add(call.get("type"))
    wanted = call.get("delivery_success")

    def fits(event: Json) -> bool:
        if kinds and not any(matches(kind, event["type"]) for kind in kinds):
            return False
        return wanted is None or (pending_count(call.core, event["id"]) == 0) == wanted

    page = page_of(call, "event", url="/v1/events", where=fits)
    page["data"] = [_with_count(call.core, event) for event in page["data"]]
    return page


def retrieve_event(call: Call) -> Json:
    """GET /v1/events/{id}."""
    event = call.core.store.find(call.path["id"], account=call.account)
    if event is None or event["object"] != "event":
        raise missing_object("event", call.path["id"])
    return _with_count(call.core, event)


def matches(pattern: str, kind: str) -> bool:
    """Say whether an event type fits a type or a group such as ``charge.*`` or ``*``."""
    if pattern == "*" or pattern == kind:
        return True
    return pattern.endswith(".*") and kind.startswith(pattern[:-1])


def _with_count(core: Core, event: Json) -> Json:
    return {**event, "pending_webhooks": pending_count(core, event["id"])}
