"""Shapes of holds and of the decisions about them."""

from marshmallow import fields, validate

from app.consent.holds.decision import LONGEST_REASON, NO_ANAESTHETIC, NO_PRILOCAINE
from app.consent.holds.models import DecisionKind
from app.consent.holds.services.enter_evidence import KINDS as EVIDENCE_KINDS
from app.schemas import Micrometres, StrictSchema

KINDS = [one.value for one in DecisionKind]


class HoldLineResponse(StrictSchema):
    """One hold of the queue, as much as a front desk may know."""

    id = fields.UUID(required=True)
    consent_id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    opened_at = fields.AwareDateTime(required=True)
    age = fields.String(required=True)
    is_after_signing = fields.Boolean(required=True)
    waits_until = fields.Date(required=True, allow_none=True)
    place = fields.String(required=True)


class FiredRuleResponse(StrictSchema):
    """A rule that stands in the way, and what may be done about it.

    ``unproved`` are the questions that were "not sure" and that only evidence answers.
    """

    rule_id = fields.String(required=True)
    question_id = fields.String(required=True)
    action = fields.String(required=True)
    clinician = fields.String(required=True)
    confidence = fields.String(required=True)
    source = fields.List(fields.String(), required=True)
    areas = fields.List(fields.String(), required=True)
    unsure = fields.Boolean(required=True)
    earliest_date = fields.String(required=True, allow_none=True)
    may_be_shortened = fields.Boolean(required=True)
    override_needs = fields.String(required=True, allow_none=True)
    override_open = fields.Boolean(required=True)
    is_barred = fields.Boolean(required=True)
    lacks_evidence = fields.Boolean(required=True)
    unproved = fields.List(fields.String(), required=True)


class SecondResponse(StrictSchema):
    """The second person's word."""

    name = fields.String(required=True)
    agrees = fields.Boolean(required=True)


class HoldDecisionResponse(StrictSchema):
    """A decision about a hold; with ``needs_second`` it waits for ``second`` to agree."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True)
    depths = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    left_out = fields.List(fields.String(), required=True)
    prophylaxis = fields.Boolean(required=True)
    without = fields.List(fields.String(), required=True)
    lifted = fields.List(fields.String(), required=True)
    delay_until = fields.Date(required=True, allow_none=True)
    expires_on = fields.Date(required=True, allow_none=True)
    needs_second = fields.Boolean(required=True)
    decided_by = fields.UUID(required=True)
    decided_at = fields.AwareDateTime(required=True)
    second = fields.Nested(SecondResponse, required=True, allow_none=True)
    consent_state = fields.String(required=True)


class HoldResponse(StrictSchema):
    """A hold with the rules that fired on the newest answers and the decisions about it."""

    id = fields.UUID(required=True)
    consent_id = fields.UUID(required=True)
    origin = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    waits_until = fields.Date(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    is_after_signing = fields.Boolean(required=True)
    answers_number = fields.Integer(required=True)
    may_be_safe = fields.Boolean(required=True)
    needs_second = fields.Boolean(required=True)
    rules = fields.List(fields.Nested(FiredRuleResponse), required=True)
    decisions = fields.List(fields.Nested(HoldDecisionResponse), required=True)


class HoldDecisionRequest(StrictSchema):
    """A decision: bound to the version of the answers that was read."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    reason = fields.String(required=True, validate=validate.Length(1, LONGEST_REASON))
    answers_number = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    depths = fields.Dict(keys=fields.String(), values=Micrometres(), load_default=dict)
    left_out = fields.List(fields.String(), load_default=list)
    prophylaxis = fields.Boolean(load_default=False)
    without = fields.List(
        fields.String(validate=validate.OneOf([NO_ANAESTHETIC, NO_PRILOCAINE])), load_default=list
    )
    lifts = fields.List(fields.String(), load_default=list)
    delay_until = fields.Date(load_default=None, allow_none=True)
    expires_on = fields.Date(load_default=None, allow_none=True)
    next_step = fields.String(load_default="", validate=validate.Length(max=500))


class SecondRequest(StrictSchema):
    """The second person's word on one decision."""

    number = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    agrees = fields.Boolean(required=True)
    reason = fields.String(required=True, validate=validate.Length(1, LONGEST_REASON))


class OutsideRequest(StrictSchema):
    """Whom to ask outside about one decision."""

    number = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    email = fields.Email(required=True, validate=validate.Length(max=254))


class OutsideResponse(StrictSchema):
    """A question to somebody outside; the address is not told again."""

    id = fields.UUID(required=True)
    decision_id = fields.UUID(required=True)
    state = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class HoldEvidenceRequest(StrictSchema):
    """What a clinician saw that answers one question."""

    question = fields.String(required=True, validate=validate.Length(1, 100))
    value = fields.String(required=True, validate=validate.Length(1, 100))
    kind = fields.String(required=True, validate=validate.OneOf(list(EVIDENCE_KINDS)))
    seen_on = fields.Date(required=True)
    note = fields.String(required=True, validate=validate.Length(1, 1000))


class HoldEvidenceResponse(StrictSchema):
    """The version of the answers that evidence made, and what the rules make of it."""

    id = fields.UUID(required=True)
    consent_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    outcome = fields.String(required=True)
    source = fields.String(required=True)


class PauseRequest(StrictSchema):
    """Why a plan that was consented to is stopped."""

    plan_id = fields.UUID(required=True)
    origin = fields.String(required=True, validate=validate.OneOf(["clinic", "incident"]))
    reason = fields.String(required=True, validate=validate.Length(1, LONGEST_REASON))
