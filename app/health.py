"""For the engineer on call: alive, ready, and numbers."""

from http import HTTPStatus

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from app.audit.gauges import published_gauges
from app.auth.guards import public, unit
from app.errors import NotFound

bp = Blueprint("health", __name__)
LOOPBACK = frozenset({"127.0.0.1", "::1"})


@bp.get("/healthz")
@public
def healthz() -> tuple[str, int]:
    """Say that the process answers; touches nothing else."""
    return "ok\n", HTTPStatus.OK


@bp.get("/readyz")
@public
def readyz() -> tuple[str, int]:
    """Say that the database answers too."""
    unit().session.execute(text("SELECT 1"))
    return "ready\n", HTTPStatus.OK


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Return the counters, to this machine only."""
    if request.remote_addr not in LOOPBACK:
        raise NotFound
    # What the worker measures lies in a file, since nobody asks the worker itself.
    numbers = generate_latest() + published_gauges()
    return Response(numbers, content_type=CONTENT_TYPE_LATEST)
