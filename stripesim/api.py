"""One API request from the wire to the answer: fault, caller, key, parameters, work, reply."""

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from stripesim.core import Call, Cause, Core
from stripesim.courier import Courier
from stripesim.expand import expand
from stripesim.failures import Json, StripeFailure, invalid, locked, outage
from stripesim.faults import Fault, Faults
from stripesim.forms import decode_pairs
from stripesim.gate import Caller, identify
from stripesim.idempotency import KeyRing, Reply, fingerprint_of
from stripesim.ids import new_id
from stripesim.routes import Route


@dataclass(frozen=True)
class Incoming:
    """One request as it came in, with the endpoint it names and the fault that waits for it."""

    request: Request
    route: Route | None
    path: dict[str, str]
    fault: Fault | None
    request_id: str

    def suffers(self, *kinds: str) -> bool:
        """Say whether one of these faults was ordered for this request."""
        return self.fault is not None and self.fault.kind in kinds

    @property
    def key(self) -> str | None:
        """The idempotency key; a look-up needs none."""
        return self.request.headers.get("Idempotency-Key") if self.request.method != "GET" else None

    @property
    def second_version(self) -> bool:
        """Whether the request speaks to the v2 API."""
        return self.request.path.startswith("/v2/")

    def refusal(self, failure: StripeFailure) -> Reply:
        """Return a failure as the answer to this request."""
        body = failure.as_json(second_version=self.second_version)
        return Reply(failure.status, body, self.request_id)


class Api:
    """Answers the requests of the /v1 and /v2 endpoints."""

    def __init__(self, core: Core, faults: Faults, courier: Courier) -> None:
        """Take the shared parts; the key ring is this object's own."""
        self._core = core
        self._faults = faults
        self._courier = courier
        self._keys = KeyRing(core)

    def serve(self, request: Request, route: Route | None, path: dict[str, str]) -> Response:
        """Return the answer to one request; an unknown address is Stripe's 404."""
        fault = self._faults.take(request.method, request.path)
        incoming = Incoming(request, route, path, fault, new_id("req_"))
        if incoming.suffers("drop_before"):
            return _dropped(request)
        try:
            reply = self._answer(incoming)
        except StripeFailure as failure:
            reply = incoming.refusal(failure)
        if incoming.suffers("drop_after"):
            return _dropped(request)
        return _response(incoming, reply)

    def _answer(self, incoming: Incoming) -> Reply:
        request = incoming.request
        caller = identify(self._core, request)
        if incoming.route is None:
            raise StripeFailure(
                404, f"Unrecognized request URL ({request.method}: {request.path})."
            )
        if incoming.suffers("503_before"):
            raise outage(503)
        if incoming.suffers("429"):
            raise locked()
        params = _params(incoming)
        with self._keys.held(caller.account, incoming.key):
            reply = self._once(incoming, incoming.route, caller, params)
            if incoming.fault and incoming.suffers("slow"):
                time.sleep(incoming.fault.seconds)
        return reply

    def _once(self, incoming: Incoming, route: Route, caller: Caller, params: Json) -> Reply:
        """Return the kept answer of an earlier request with this key, or do the work."""
        request = incoming.request
        fingerprint = fingerprint_of(request.method, request.path, params)
        if incoming.key:
            earlier = self._keys.earlier_reply(caller.account, incoming.key, fingerprint)
            if earlier:
                return earlier
        call = Call(
            core=self._core,
            account=caller.account,
            version=caller.version,
            params=route.shape_for(caller.version)(params, ""),
            base_url=request.host_url.rstrip("/"),
            cause=Cause(incoming.request_id, incoming.key),
            path=incoming.path,
        )
        reply = self._work(incoming, route, call, fingerprint)
        self._courier.flush_if_hurried()
        return reply

    def _work(self, incoming: Incoming, route: Route, call: Call, fingerprint: str) -> Reply:
        """Do the work and keep its answer in one transaction."""
        try:
            with self._core.unit():
                reply = Reply(200, expand(call, route.handler(call)), incoming.request_id)
                if incoming.suffers("500_after"):
                    reply = incoming.refusal(outage(500))
                self._keep(incoming, call, fingerprint, reply)
        except StripeFailure as failure:
            reply = incoming.refusal(failure)
            if failure.replayable:
                with self._core.unit():
                    self._keep(incoming, call, fingerprint, reply)
        return reply

    def _keep(self, incoming: Incoming, call: Call, fingerprint: str, reply: Reply) -> None:
        if incoming.key:
            second = incoming.second_version
            self._keys.keep(call.account, incoming.key, fingerprint, reply, second_version=second)


def _dropped(request: Request) -> Response:
    """Close the connection without an answer, as a broken network does."""
    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response(status=502, headers={"X-Sim-Dropped": "1"})


def _params(incoming: Incoming) -> Json:
    """Return the nested parameters of a query, a form or a JSON body, not yet checked."""
    request = incoming.request
    if request.method == "GET":
        return decode_pairs(list(request.args.items(multi=True)))
    if not incoming.second_version:
        return decode_pairs(list(request.form.items(multi=True)))
    try:
        body: Any = json.loads(request.get_data() or b"{}")
    except ValueError as problem:
        raise invalid("The request body is not JSON.") from problem
    if not isinstance(body, dict):
        raise invalid("The request body is not a JSON object.")
    return body


def _response(incoming: Incoming, reply: Reply) -> Response:
    response = Response(
        json.dumps(reply.body, indent=2), status=reply.status, content_type="application/json"
    )
    response.headers["Request-Id"] = incoming.request_id
    for name in ("Idempotency-Key", "Stripe-Account", "Stripe-Version"):
        if name in incoming.request.headers:
            response.headers[name] = incoming.request.headers[name]
    if reply.replayed:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = reply.request_id
    return response
