"""What holds at a location and who decided it, for programs."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.policies import queries
from app.policies.definitions import POLICIES
from app.policies.holding import Holding
from app.policies.models import PolicyDecision
from app.policies.schemas import PolicyDecisionRequest, PolicyDecisionResponse, PolicyResponse
from app.policies.services.decide_policy import NewDecision, decide_policy
from app.schemas import StrictSchema
from app.tenants.queries import get_location
from app.versioned import versioned

bp = Blueprint(
    "policies_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/locations/<uuid:location_id>/policies",
    description="Rules of locations",
)


class OnDay(StrictSchema):
    """Which day is asked about; today at the location unless told otherwise."""

    on = fields.Date(load_default=None, allow_none=True)


@bp.get("")
@guard(Permission.CLINIC_READ)
@bp.arguments(OnDay, location="query")
@bp.response(200, PolicyResponse(many=True))
def list_policies(
    scope: TenantScope, asked: dict[str, date | None], location_id: uuid.UUID
) -> list[dict[str, Any]]:
    """List every policy at a location on a day, with its basis."""
    held = queries.get_policies(scope, get_location(scope, location_id), on=asked["on"])
    return [_response(held.holding(name)) for name in POLICIES]


@bp.get("/<policy>/decisions")
@guard(Permission.CLINIC_READ)
@bp.response(200, PolicyDecisionResponse(many=True))
def list_decisions(
    scope: TenantScope, location_id: uuid.UUID, policy: str
) -> Sequence[PolicyDecision]:
    """List the clinic's decisions about a policy of the location's jurisdiction."""
    found = queries.get_definition(policy)
    jurisdiction = get_location(scope, location_id).jurisdiction
    decisions = queries.list_decisions(scope, jurisdiction)
    return [one for one in decisions if one.policy == found.id]


@bp.put("/<policy>")
@guard(Permission.CLINIC_MANAGE)
@versioned
@bp.arguments(PolicyDecisionRequest)
@bp.response(200, PolicyDecisionResponse)
def decide(
    scope: TenantScope,
    wanted: dict[str, Any],
    location_id: uuid.UUID,
    policy: str,
    expected_version: int,
) -> PolicyDecision:
    """Decide a policy of the location's place; ``If-Match`` names the newest number, or 0."""
    value = wanted.pop("value")
    return decide_policy(
        scope,
        NewDecision(
            jurisdiction=get_location(scope, location_id).jurisdiction,
            policy=policy,
            value=tuple(value) if isinstance(value, list) else value,
            after=expected_version,
            **wanted,
        ),
    )


def _response(held: Holding) -> dict[str, Any]:
    return {
        "id": held.policy.id,
        "title": held.policy.title,
        "value": list(held.value) if isinstance(held.value, tuple) else held.value,
        "sentence": held.sentence,
        "basis": held.basis,
        "shown_basis": held.shown_basis,
        "verified": held.verified,
        "in_force_from": held.in_force_from,
        "source": held.source,
        "quote": held.quote(),
        "number": 0 if held.decided is None else held.decided.number,
    }
