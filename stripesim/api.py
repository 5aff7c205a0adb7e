"""One API request from the wire to the answer: fault, caller, key, parameters, work, reply."""

import json
import time
from typing import Any

from werkzeug.exceptions import HTTPException
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
        request_id = new_id("req_")
        fault = self._faults.take(request.method, request.path)
        if fault and fault.kind == "drop_before":
            return dropped(request)
        try:
            reply = self._answer(request, route, path, request_id, fault)
        except StripeFailure as failure:
            reply = _refusal(request, failure, request_id)
        if fault and fault.kind == "drop_after":
            return dropped(request)
        return _response(request, reply, request_id)

    def _answer(
        self,
        request: Request,
        route: Route | None,
        path: dict[str, str],
        request_id: str,
        fault: Fault | None,
    ) -> Reply:
        caller = identify(self._core, request)
        if route is None:
            raise StripeFailure(
                404,
                f"Unrecognized request URL ({request.method}: {request.path}).",
            )
        if fault and fault.kind in ("503_before", "429"):
            raise outage(503) if fault.kind == "503_before" else locked()
        params = _params(request)
        key = request.headers.get("Idempotency-Key") if request.method != "GET" else None
        cause = Cause(request_id, key)
        with self._keys.held(caller.account, key):
            reply = self._once(request, route, path, params, caller, cause, fault)
            if fault and fault.kind == "slow":
                time.sleep(fault.seconds)
        return reply

    def _once(
        self,
        request: Request,
        route: Route,
        path: dict[str, str],
        params: Json,
        caller: Caller,
        cause: Cause,
        fault: Fault | None,
    ) -> Reply:
        """Return the kept answer of an earlier request with this key, or do the work."""
        fingerprint = fingerprint_of(request.method, request.path, params)
        if cause.idempotency_key:
            earlier = self._keys.earlier_reply(caller.account, cause.idempotency_key, fingerprint)
            if earlier:
                return earlier
        call = Call(
            core=self._core,
            account=caller.account,
            version=caller.version,
            params=route.shape_for(caller.version)(params, ""),
            base_url=request.host_url.rstrip("/"),
            cause=cause,
            path=path,
        )
        broken = fault is not None and fault.kind == "500_after"
        reply = self._work(request, route, call, fingerprint, broken=broken)
        self._courier.flush_if_hurried()
        return reply

    def _work(
        self, request: Request, route: Route, call: Call, fingerprint: str, *, broken: bool
    ) -> Reply:
        """Do the work and keep its answer in one transaction."""
        request_id = str(call.cause.request_id)
        try:
            with self._core.unit():
                reply = Reply(200, expand(call, route.handler(call)), request_id)
                if broken:
                    reply = _refusal(request, outage(500), request_id)
                self._keep(request, call, fingerprint, reply)
        except StripeFailure as failure:
            reply = _refusal(request, failure, request_id)
            if failure.replayable:
                with self._core.unit():
                    self._keep(request, call, fingerprint, reply)
        return reply

    def _keep(self, request: Request, call: Call, fingerprint: str, reply: Reply) -> None:
        key = call.cause.idempotency_key
        if key:
            second = _is_second_version(request)
            self._keys.keep(call.account, key, fingerprint, reply, second_version=second)


def dropped(request: Request) -> Response:
    """Close the connection without an answer, as a broken network does."""
    socket = request.environ.get("werkzeug.socket")
    if socket is not None:
        socket.shutdown(2)
    return Response(status=502, headers={"X-Sim-Dropped": "1"})


def _params(request: Request) -> Json:
    """Return the nested parameters of a query, a form or a JSON body, not yet checked."""
    if request.method == "GET":
        return decode_pairs(list(request.args.items(multi=True)))
    if not _is_second_version(request):
        return decode_pairs(list(request.form.items(multi=True)))
    try:
        body: Any = json.loads(request.get_data() or b"{}")
    except (ValueError, HTTPException) as problem:
        raise invalid("The request body is not JSON.") from problem
    if not isinstance(body, dict):
        raise invalid("The request body is not a JSON object.")
    return body


def _is_second_version(request: Request) -> bool:
    return request.path.startswith("/v2/")


def _refusal(request: Request, failure: StripeFailure, request_id: str) -> Reply:
    body = failure.as_json(second_version=_is_second_version(request))
    return Reply(failure.status, body, request_id)


def _response(request: Request, reply: Reply, request_id: str) -> Response:
    response = Response(
        json.dumps(reply.body, indent=2), status=reply.status, content_type="application/json"
    )
    response.headers["Request-Id"] = request_id
    for name in ("Idempotency-Key", "Stripe-Account", "Stripe-Version"):
        if request.headers.get(name):
            response.headers[name] = request.headers[name]
    if reply.replayed:
        response.headers["Idempotent-Replayed"] = "true"
        response.headers["Original-Request"] = reply.request_id
    return response
