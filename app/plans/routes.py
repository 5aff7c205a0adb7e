"""Plans, discussions and visits, for programs."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.idempotency import idempotent
from app.plans import queries
from app.plans.models import Discussion, Plan, PlanVersion, Visit
from app.plans.schemas import (
    DiscussionRequest,
    DiscussionResponse,
    PlanRequest,
    PlanResponse,
    PlanTermsRequest,
    PlanVersionResponse,
    VisitMoveRequest,
    VisitRequest,
    VisitResponse,
)
from app.plans.services.make_plan import change_plan, make_plan
from app.plans.services.plan_visit import move_visit, plan_visit
from app.plans.services.record_discussion import NewDiscussion, record_discussion
from app.plans.terms import PlanTerms
from app.versioned import versioned

bp = Blueprint(
    "plans", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>", description="Plans"
)


@bp.post("/plans")
@guard(Permission.PLAN_WRITE)
@idempotent
@bp.arguments(PlanRequest)
@bp.response(201, PlanResponse)
def make(scope: TenantScope, wanted: dict[str, Any]) -> Plan:
    """Make a plan."""
    return make_plan(scope, **wanted)


@bp.get("/plans/<uuid:plan_id>")
@guard(Permission.PLAN_READ)
@bp.response(200, PlanResponse)
def get_plan(scope: TenantScope, plan_id: uuid.UUID) -> Plan:
    """Return a plan."""
    return queries.get_plan(scope, plan_id)


@bp.put("/plans/<uuid:plan_id>")
@guard(Permission.PLAN_WRITE)
@idempotent
@versioned
@bp.arguments(PlanTermsRequest)
@bp.response(200, PlanVersionResponse)
def change(
    scope: TenantScope, terms: PlanTerms, plan_id: uuid.UUID, expected_version: int
) -> PlanVersion:
    """Agree a new version of a plan; ``If-Match`` names the version that was read."""
    return change_plan(scope, plan_id=plan_id, terms=terms, version=expected_version)


@bp.get("/plans/<uuid:plan_id>/latest")
@guard(Permission.PLAN_READ)
@bp.response(200, PlanVersionResponse)
def get_latest(scope: TenantScope, plan_id: uuid.UUID) -> PlanVersion:
    """Return the version in force of a plan."""
    return queries.get_latest_version(scope, queries.get_plan(scope, plan_id))


@bp.post("/plan-versions/<uuid:version_id>/discussions")
@guard(Permission.PLAN_WRITE)
@idempotent
@bp.arguments(DiscussionRequest)
@bp.response(201, DiscussionResponse)
def record(scope: TenantScope, wanted: dict[str, Any], version_id: uuid.UUID) -> Discussion:
    """Record the discussion of a plan version."""
    return record_discussion(scope, plan_version_id=version_id, wanted=NewDiscussion(**wanted))


@bp.post("/plans/<uuid:plan_id>/visits")
@guard(Permission.VISIT_WRITE)
@idempotent
@bp.arguments(VisitRequest)
@bp.response(201, VisitResponse)
def add_visit(scope: TenantScope, wanted: dict[str, Any], plan_id: uuid.UUID) -> Visit:
    """Plan a visit."""
    return plan_visit(scope, plan_id=plan_id, **wanted)


@bp.get("/visits/<uuid:visit_id>")
@guard(Permission.PLAN_READ)
@bp.response(200, VisitResponse)
def get_visit(scope: TenantScope, visit_id: uuid.UUID) -> Visit:
    """Return a visit."""
    return queries.get_visit(scope, visit_id)


@bp.post("/visits/<uuid:visit_id>/move")
@guard(Permission.VISIT_WRITE)
@idempotent
@bp.arguments(VisitMoveRequest)
@bp.response(200, VisitResponse)
def move(scope: TenantScope, wanted: dict[str, Any], visit_id: uuid.UUID) -> Visit:
    """Note that a patient arrived, did not come, or that the visit is off."""
    return move_visit(scope, visit_id=visit_id, **wanted)
