"""Filling in whole objects where the caller asked for them with ``expand[]``."""

from typing import Any

from stripesim.core import Call
from stripesim.failures import Json, invalid

# What each kind of object can expand; a name maps to itself unless it is built on demand.
_EXPANDABLE: dict[str, frozenset[str]] = {
    "application_fee": frozenset({"account", "balance_transaction", "charge"}),
    "balance_transaction": frozenset({"source"}),
    "charge": frozenset({"application_fee", "balance_transaction", "customer", "payment_intent"}),
    "checkout.session": frozenset({"customer", "line_items", "payment_intent"}),
    "payment_intent": frozenset({"customer", "latest_charge", "payment_method"}),
    "payment_method": frozenset({"customer"}),
}
_MAX_DEPTH = 4


def expand(call: Call, reply: Json) -> Json:
    """Return the reply with every asked-for path filled in; raise a 400 for a wrong path."""
    for path in call.get("expand", []):
        steps = path.split(".")
        if len(steps) > _MAX_DEPTH:
            raise invalid("You cannot expand more than 4 levels of a property", param="expand")
        if reply.get("object") == "list":
            if steps[0] != "data":
                raise _not_expandable(path)
            for item in reply["data"]:
                _fill(call, item, steps[1:], path)
        else:
            _fill(call, reply, steps, path)
    return reply


def _fill(call: Call, body: Json, steps: list[str], path: str) -> None:
    if not steps:
        return
    name = steps[0]
    if name not in _EXPANDABLE.get(body.get("object", ""), frozenset()):
        raise _not_expandable(path)
    value: Any = body.get(name)
    if name == "line_items":
        value = call.core.store.note(f"line_items:{body['id']}")
    elif isinstance(value, str):
        value = call.core.store.find(value, account=call.account)
    if value is not None:
        body[name] = value
        _fill(call, value, steps[1:], path)


def _not_expandable(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")
