"""The record of acts, for programs."""

from typing import Any

from flask_smorest import Blueprint

from app.audit import queries
from app.audit.chain_state import ChainState, chain_state
from app.audit.places import read_place, write_place
from app.audit.queries import Wanted
from app.audit.schemas import ChainStateResponse, EventPageRequest, EventPageResponse
from app.audit.sentences import KINDS
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope

PAGE = 100
bp = Blueprint(
    "audit", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>/audit", description="Audit"
)


@bp.get("/events")
@guard(Permission.AUDIT_READ)
@bp.arguments(EventPageRequest, location="query")
@bp.response(200, EventPageResponse)
def list_events(scope: TenantScope, wanted: dict[str, Any]) -> dict[str, Any]:
    """List what was done, by whom, to what, the newest first."""
    before = read_place(wanted.pop("before"))
    kind = wanted.pop("kind")
    found = queries.page_events(scope, Wanted(**wanted, **of_kind(kind)), before=before, size=PAGE)
    following = (found[-1].at, found[-1].id) if len(found) == PAGE else None
    return {"events": found, "next": write_place(following)}


@bp.get("/chain")
@guard(Permission.AUDIT_READ)
@bp.response(200, ChainStateResponse)
def get_chain(scope: TenantScope) -> ChainState:
    """Say up to where the record is sealed, anchored outside, time-stamped and checked."""
    return chain_state(scope)


def of_kind(kind: str) -> dict[str, Any]:
    """Return how a kind of act narrows a list of events."""
    if kind not in KINDS:
        return {}
    codes = KINDS[kind][1]
    return {"prefix": codes} if isinstance(codes, str) else {"actions": codes}
