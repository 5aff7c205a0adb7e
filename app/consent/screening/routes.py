"""Screening a plan with given answers, for programs of the clinic."""

import uuid
from typing import Any

from flask_smorest import Blueprint

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent.screening.questionnaire import allowed_values
from app.consent.screening.schemas import PlanQuestionsResponse, ScreeningRequest, ScreeningResponse
from app.consent.screening.services.try_answers import (
    Tried,
    ground_for_trying,
    questions_of_plan,
    try_answers,
)
from app.database import TenantScope

bp = Blueprint(
    "screening",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/plans/<uuid:plan_id>/screening",
    description="Screening",
)


@bp.get("")
@guard(Permission.CONSENT_READ)
@bp.response(200, PlanQuestionsResponse)
def list_questions(scope: TenantScope, plan_id: uuid.UUID) -> dict[str, Any]:
    """List what the latest version of a plan asks, follow-ups after their parents."""
    ground = ground_for_trying(scope, plan_id=plan_id)
    return {
        "visit_on": ground.visit_date,
        "today": ground.today,
        "areas": list(ground.facts.areas),
        "questions": [
            {
                **{name: getattr(one, name) for name in _SHOWN},
                "values": list(allowed_values(one)),
                "choices": one.choices,
            }
            for one in questions_of_plan(ground)
        ],
    }


_SHOWN = ("id", "section", "text", "asked_of", "answer", "follows", "asks_area")


@bp.post("")
@guard(Permission.CONSENT_READ)
@bp.arguments(ScreeningRequest)
@bp.response(200, ScreeningResponse)
def screen(scope: TenantScope, wanted: dict[str, Any], plan_id: uuid.UUID) -> dict[str, Any]:
    """Return what the rules make of given answers; nothing is stored and nobody is asked."""
    return _told(try_answers(scope, plan_id=plan_id, **wanted))


def _told(tried: Tried) -> dict[str, Any]:
    ground, outcome = tried.ground, tried.outcome
    return {
        **vars(outcome),
        "visit_on": ground.visit_date,
        "today": ground.today,
        "catalogue_version": ground.catalogue.version,
        "may_sign": outcome.may_sign,
        "is_held": outcome.is_held,
        "personal_risks": [
            {"risk_id": name, "title": ground.catalogue.risk[name].title, "because": because}
            for name, because in tried.personal_risks().items()
        ],
    }
