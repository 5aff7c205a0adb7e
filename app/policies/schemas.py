"""Shapes of policies and of the decisions about them."""

from marshmallow import fields, validate

from app.policies.models import BASES
from app.schemas import StrictSchema


class PolicyResponse(StrictSchema):
    """What a policy says at a place on a day, on which basis, and who decided it."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    value = fields.Raw(required=True)
    sentence = fields.String(required=True)
    basis = fields.String(required=True)
    shown_basis = fields.String(required=True)
    verified = fields.Boolean(required=True)
    in_force_from = fields.Date(required=True, allow_none=True)
    source = fields.String(required=True)
    quote = fields.String(required=True)
    number = fields.Integer(required=True)


class PolicyDecisionRequest(StrictSchema):
    """What a clinic decides; ``value`` is a whole number, a truth, or a list of words."""

    value = fields.Raw(required=True)
    basis = fields.String(required=True, validate=validate.OneOf(BASES))
    verified = fields.Boolean(load_default=False)
    source = fields.String(load_default="", validate=validate.Length(max=300))
    reason = fields.String(required=True, validate=validate.Length(1, 500))
    in_force_from = fields.Date(required=True)


class PolicyDecisionResponse(StrictSchema):
    """A decision as it was recorded."""

    id = fields.UUID(required=True)
    jurisdiction = fields.String(required=True)
    policy = fields.String(required=True)
    number = fields.Integer(required=True)
    value = fields.Function(lambda row: row.value["value"], required=True)
    basis = fields.String(required=True)
    verified = fields.Boolean(required=True)
    source = fields.String(required=True)
    reason = fields.String(required=True)
    in_force_from = fields.Date(required=True, allow_none=True)
    decided_by = fields.UUID(required=True)
    decided_at = fields.AwareDateTime(required=True)
