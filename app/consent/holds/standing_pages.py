"""The page on which the medical lead approves standing decisions, and their API."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.catalogue.queries import get_catalogue
from app.consent.errors import NotEligible, RuleUnknown
from app.consent.holds.decision import NO_ANAESTHETIC, NO_PRILOCAINE
from app.consent.holds.services.decide_standing import LONGEST_TEXT, NewStanding, decide_standing
from app.consent.holds.standing_models import StandingDecision
from app.consent.holds.standing_queries import list_standing
from app.consent.holds.standing_rules import OFFERS, Standing, may_stand
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.schemas import Micrometres, StrictSchema
from app.staff_pages import go_to
from app.tenants.queries import map_staff_names

pages = Blueprint(
    "standing_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings/standing"
)
bp = ApiBlueprint(
    "standing",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/standing-decisions",
    description="Standing decisions",
)
SUBSTITUTES = (NO_ANAESTHETIC, NO_PRILOCAINE)


class StandingDecisionRequest(StrictSchema):
    """A standing decision to approve, or with ``is_active`` false to end."""

    rule_id = fields.String(required=True, validate=validate.Length(1, 100))
    after = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    is_active = fields.Boolean(load_default=True)
    patient = fields.String(required=True, validate=validate.Length(1, LONGEST_TEXT))
    confirm = fields.String(required=True, validate=validate.Length(1, LONGEST_TEXT))
    basis = fields.String(required=True, validate=validate.Length(1, LONGEST_TEXT))
    risk_id = fields.String(load_default=None, allow_none=True)
    max_depth_um = Micrometres(load_default=None, allow_none=True)
    without = fields.List(fields.String(validate=validate.OneOf(SUBSTITUTES)), load_default=list)


class StandingDecisionResponse(StrictSchema):
    """One version of a standing decision; the newest of a rule counts, if it is active."""

    id = fields.UUID(required=True)
    rule_id = fields.String(required=True)
    number = fields.Integer(required=True)
    is_active = fields.Boolean(required=True)
    patient = fields.String(required=True)
    confirm = fields.String(required=True)
    basis = fields.String(required=True)
    risk_id = fields.String(required=True, allow_none=True)
    max_depth_um = fields.Integer(required=True, allow_none=True)
    without = fields.List(fields.String(), required=True)
    decided_by = fields.UUID(required=True)
    decided_at = fields.AwareDateTime(required=True)


@bp.get("")
@guard(Permission.CLINIC_READ)
@bp.response(200, StandingDecisionResponse(many=True))
def list_all(scope: TenantScope) -> Sequence[StandingDecision]:
    """List every version of every standing decision."""
    return list_standing(scope)


@bp.post("")
@guard(Permission.STANDING_APPROVE, step_up=True)
@idempotent
@bp.arguments(StandingDecisionRequest)
@bp.response(201, StandingDecisionResponse)
def decide(scope: TenantScope, wanted: dict[str, Any]) -> StandingDecision:
    """Approve a standing decision as the rule's next version, or end it."""
    after, is_active = wanted.pop("after"), wanted.pop("is_active")
    standing = Standing(**{**wanted, "without": tuple(wanted["without"])})
    return decide_standing(scope, NewStanding(standing, after, is_active))


@pages.get("")
@guard(Permission.CLINIC_READ)
def show_all(scope: TenantScope) -> str:
    """Show what stands decided, and what may be."""
    newest = {one.rule_id: one for one in list_standing(scope)}
    catalogue = get_catalogue(scope)
    rules = [one for one in catalogue.rules if may_stand(one)]
    return render_template(
        "consent/standing.html",
        active=[
            (one, newest[one.id]) for one in rules if one.id in newest and newest[one.id].is_active
        ],
        others=[
            (one, newest.get(one.id), OFFERS.get(one.id))
            for one in sorted(rules, key=lambda one: (one.id not in OFFERS, one.id))
            if not _is_active(newest.get(one.id))
        ],
        names=map_staff_names(scope),
    )


@pages.get("/decide")
@guard(Permission.STANDING_APPROVE, step_up=True)
def show_one(scope: TenantScope) -> str | Response:
    """Show the rule of the address with what is offered or holds, to approve, change or end."""
    rule_id = request.args.get("rule", "")
    if not rule_id:
        return go_to(scope, "/settings/standing")
    known = [one for one in list_standing(scope) if one.rule_id == rule_id]
    filled = known[-1] if known else OFFERS.get(rule_id)
    return _page(scope, rule_id, _form_of(filled))


@pages.post("/decide")
@guard(Permission.STANDING_APPROVE, step_up=True)
@idempotent
def approve(scope: TenantScope) -> Response:
    """Approve or end a standing decision."""
    form = sent_form()
    rule_id = form.typed("rule_id")
    also = (NotEligible,)
    with asking_again(form, lambda again: _page(scope, rule_id, again), {"": "patient"}, also=also):
        depth = (
            form.depth_um("max_depth", "Enter millimetres.") if form.typed("max_depth") else None
        )
        standing = Standing(
            rule_id,
            form.typed("patient"),
            form.typed("confirm"),
            form.typed("basis"),
            form.optional("risk_id"),
            depth,
            tuple(form.chosen("without")),
        )
        after = form.whole("after", "Please read it again.", low=0, high=10_000)
        form.check()
        is_active = form.typed("act") != "end"
        decide_standing(scope, NewStanding(standing, after, is_active))
    return go_to(scope, "/settings/standing", "standing" if is_active else "standing-ended")


def _is_active(row: StandingDecision | None) -> bool:
    return row is not None and row.is_active


def _form_of(filled: Standing | StandingDecision | None) -> Form:
    form = Form()
    if filled is not None:
        depth = filled.max_depth_um
        values = {
            "patient": filled.patient,
            "confirm": filled.confirm,
            "basis": filled.basis,
            "risk_id": filled.risk_id or "",
            "max_depth": f"{depth / 1000:g}" if depth else "",
        }
        form = Form(values)
        form.sent.setlist("without", list(filled.without))
    return form


def _page(scope: TenantScope, rule_id: str, form: Form) -> str:
    catalogue = get_catalogue(scope)
    known = [one for one in list_standing(scope) if one.rule_id == rule_id]
    rule = catalogue.rule.get(rule_id)
    if rule is None or not may_stand(rule):
        raise RuleUnknown("No standing decision may be made about this rule.")
    return render_template(
        "consent/standing_one.html",
        form=form,
        rule=rule,
        question=catalogue.question[rule.question],
        known=known,
        risks=[{"value": "", "label": "None"}]
        + [{"value": one.id, "label": one.title} for one in catalogue.risks],
        names=map_staff_names(scope),
    )
