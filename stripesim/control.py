"""The control plane under /_sim: how tests and the demo move time and make things go wrong."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from werkzeug.wrappers import Request, Response

from stripesim.accounts import onboard
from stripesim.core import Core, Timing
from stripesim.courier import Courier
from stripesim.deliveries import every_delivery, policy_of, resend, set_policy
from stripesim.failures import Json
from stripesim.faults import Fault, Faults

VIOLATIONS = "stripesim.violations"


class Control:
    """Answers /_sim requests; bodies are JSON and a change is answered with the new state."""

    def __init__(self, core: Core, faults: Faults, courier: Courier) -> None:
        """Take the shared parts."""
        self._core = core
        self._faults = faults
        self._courier = courier
        self._table: dict[tuple[str, str], Callable[[Json], Any]] = {
            ("GET", ""): self._state,
            ("POST", "clock"): self._clock,
            ("POST", "timing"): self._timing,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "delivery"): self._policy,
            ("GET", "deliveries"): self._deliveries,
            ("GET", "events"): self._events,
            ("POST", "resend"): self._resend,
            ("POST", "accounts"): self._account,
            ("POST", "settle"): self._settle,
        }

    def serve(self, request: Request, name: str) -> Response:
        """Return the answer as JSON; 400 says in words what was wrong with the order."""
        if (request.method, name) == ("GET", "violations"):
            return _json(request.environ.get(VIOLATIONS, []))
        action = self._table.get((request.method, name))
        if action is None:
            return _json({"error": "The control plane has no such action."}, 404)
        try:
            return _json(action(_order_of(request)))
        except (KeyError, TypeError, ValueError) as problem:
            return _json({"error": f"{type(problem).__name__}: {problem}"}, 400)

    def _state(self, _: Json) -> Json:
        return {
            "now": self._core.clock.now(),
            "clock_offset": self._core.clock.offset,
            "platform": self._core.platform,
            "timing": asdict(self._core.timing),
            "delivery": asdict(policy_of(self._core)),
            "faults": self._faults.as_json(),
            "idle": self._courier.is_idle(),
        }

    def _clock(self, order: Json) -> Json:
        with self._core.unit():
            self._core.clock.advance(float(order["advance"]))
            self._core.store.keep_note("clock_offset", self._core.clock.offset)
        return self._state({})

    def _timing(self, order: Json) -> Json:
        for name in order:
            if name not in {field.name for field in fields(Timing)}:
                raise ValueError(f"timing has no {name}")
        for name, value in order.items():
            exact = tuple(value) if isinstance(value, list) else float(value)
            setattr(self._core.timing, name, exact)
        self._core.ring()
        return self._state({})

    def _add_fault(self, order: Json) -> Json:
        self._faults.add(Fault(**order))
        return self._state({})

    def _clear_faults(self, _: Json) -> Json:
        self._faults.clear()
        return self._state({})

    def _policy(self, order: Json) -> Json:
        with self._core.unit():
            set_policy(self._core, **order)
        return self._state({})

    def _deliveries(self, order: Json) -> list[Json]:
        found = every_delivery(self._core, event=order.get("event"))
        return [delivery.as_json() for delivery in found]

    def _events(self, order: Json) -> list[Json]:
        return self._core.store.every("event", account=order.get("account"))

    def _resend(self, order: Json) -> Json:
        with self._core.unit():
            return {"endpoints": resend(self._core, str(order["event"]))}

    def _account(self, order: Json) -> Json:
        with self._core.unit():
            active = order.get("card_payments", "active") == "active"
            return onboard(self._core, str(order["account"]), active=active)

    def _settle(self, order: Json) -> Json:
        """Wait until every webhook has been delivered or given up, at most ``timeout`` seconds."""
        return {"idle": wait_until_idle(self._courier, float(order.get("timeout", 10)))}


def wait_until_idle(courier: Courier, timeout: float) -> bool:
    """Wait until nothing is waiting or on its way; False when the time is up."""
    deadline = time.monotonic() + timeout
    while not courier.is_idle():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _order_of(request: Request) -> Json:
    if request.method == "GET":
        return request.args.to_dict()
    order = json.loads(request.get_data() or b"{}")
    if not isinstance(order, dict):
        raise ValueError("the body must be a JSON object")
    return order


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, indent=2), status=status, content_type="application/json")
