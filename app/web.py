"""The transaction edge in Flask: one request is one unit of work, ended inside dispatch.

Ending it here and not in ``after_request`` means that a constraint which only speaks at commit
still reaches the error handlers.
"""

import time
import uuid

import structlog
from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import Counter, Histogram
from werkzeug.middleware.proxy_fix import ProxyFix

from app.bodies import refuse_needless_body, refuse_unreadable_body
from app.database import unit_of_work

log = structlog.get_logger(__name__)
REQUESTS = Counter("needlepoint_requests_total", "Answered requests", ["route", "status"])
SECONDS = Histogram("needlepoint_request_seconds", "Time to answer", ["route"])
WITHOUT_DATABASE = frozenset({"static", "health.healthz", "health.metrics"})
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class NeedlepointApp(Flask):
    """Flask with the edge built into its dispatch."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view in a unit of work; commit before the response leaves dispatch."""
        if request.endpoint is None or request.endpoint in WITHOUT_DATABASE:
            return super().dispatch_request()
        with unit_of_work() as work:
            g.unit_of_work = work
            refuse_unreadable_body()
            refuse_needless_body()
            # A context manager could swallow the error; this one never does.
            return self.make_response(super().dispatch_request())


def register(app: Flask, *, trusted_proxies: int) -> None:
    """Install request ids, timing, log lines and security headers.

    ``trusted_proxies`` is how many proxies of our own stand in front. Only that many entries of
    X-Forwarded-For are believed, so that nobody else can choose the address that tries are counted
    by.
    """
    if trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Werkzeug's documented way
            app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies
        )
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.request_id, g.started = str(uuid.uuid4()), time.perf_counter()


def _finish(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Request-Id"] = g.get("request_id", "")
    route = str(request.url_rule) if request.url_rule else "none"
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    REQUESTS.labels(route, response.status_code).inc()
    SECONDS.labels(route).observe(seconds)
    work = g.get("unit_of_work")
    scope = work.scope if work else None
    # The rule, not the path: a path may name a patient's rows.
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        request_id=g.get("request_id", ""),
        tenant_id=str(scope.tenant_id) if scope else None,
    )
    return response
