"""The simulator as one WSGI application: the API, the pages and the control plane."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request, Response

from stripesim.api import Api
from stripesim.control import Control
from stripesim.core import Core
from stripesim.courier import Courier
from stripesim.dashboard import dashboard_page, resend_event
from stripesim.faults import Faults
from stripesim.pages import checkout_page, onboarding_page, style_sheet
from stripesim.routes import ROUTES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LARGEST_BODY = 1_000_000


class StripeSim:
    """The WSGI callable."""

    def __init__(self, core: Core, courier: Courier) -> None:
        """Take the shared parts and build the table of addresses."""
        self.core = core
        self.faults = Faults()
        self._courier = courier
        self._api = Api(core, self.faults, courier)
        self._control = Control(core, self.faults, courier)
        rules = [
            Rule(route.path, methods=[route.method], endpoint=f"api:{index}")
            for index, route in enumerate(ROUTES)
        ]
        self._map = Map([*rules, *_pages()], redirect_defaults=False)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = _LARGEST_BODY
        request.max_form_memory_size = _LARGEST_BODY
        try:
            response = self._dispatch(request, self._map.bind_to_environ(environ))
        except RequestEntityTooLarge as problem:
            body = json.dumps(
                {"error": {"message": problem.description, "type": "invalid_request_error"}}
            )
            response = Response(body, status=413, content_type="application/json")
        return response(environ, start_response)

    def _dispatch(self, request: Request, adapter: MapAdapter) -> Response:
        try:
            endpoint, values = adapter.match()
        except (NotFound, MethodNotAllowed) as problem:
            if request.path.startswith(("/v1/", "/v2/")):
                return self._api.serve(request, None, {})
            return Response(problem.description, status=problem.code)
        except HTTPException as problem:
            return Response(problem.description, status=problem.code)
        kind, _, index = endpoint.partition(":")
        if kind == "api":
            return self._api.serve(request, ROUTES[int(index)], dict(values))
        return self._page(request, kind, values)

    def _page(self, request: Request, kind: str, values: Mapping[str, Any]) -> Response:
        if kind == "control":
            return self._control.serve(request, values["name"])
        if kind == "pay":
            page = checkout_page(self.core, request, values["session"], values.get("step", ""))
            self._courier.flush_if_hurried()
            return page
        if kind == "onboard":
            return onboarding_page(self.core, request, values["account"])
        if kind == "resend":
            return resend_event(self.core, values["event"])
        return style_sheet() if kind == "style" else dashboard_page(self.core)


def _pages() -> list[Rule]:
    """Return the addresses beside the API; a rule belongs to one map, so each app has its own."""
    return [
        Rule("/", methods=["GET"], endpoint="dashboard"),
        Rule("/_style.css", methods=["GET"], endpoint="style"),
        Rule("/_resend/<event>", methods=["POST"], endpoint="resend"),
        Rule("/c/pay/<session>", methods=["GET", "POST"], endpoint="pay"),
        Rule("/c/pay/<session>/<any(challenge):step>", methods=["GET", "POST"], endpoint="pay"),
        Rule("/_onboard/<account>", methods=["GET", "POST"], endpoint="onboard"),
        Rule("/_sim", methods=["GET"], endpoint="control", defaults={"name": ""}),
        Rule("/_sim/<name>", methods=["GET", "POST", "DELETE"], endpoint="control"),
    ]
