"""Shapes of plans, discussions and visits."""

from typing import Any

from marshmallow import fields, post_load, validate

from app.plans.body_map import VIEWS
from app.plans.models import Anaesthetic, Capacity, DiscussionMode, VisitState
from app.plans.terms import LONGEST_NOTE, LONGEST_SPOT, LONGEST_TERMS, LeftOut, PlanTerms
from app.schemas import Micrometres, MinorUnits, StrictSchema


class LeftOutRequest(StrictSchema):
    """A spot to leave out; ``x`` and ``y`` are thousandths of the drawing from its upper left."""

    area = fields.String(required=True)
    what = fields.String(required=True, validate=validate.Length(1, LONGEST_SPOT))
    view = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(list(VIEWS)))
    x = fields.Integer(load_default=None, allow_none=True, strict=True)
    y = fields.Integer(load_default=None, allow_none=True, strict=True)


class PlanTermsRequest(StrictSchema):
    """What a plan says; depths in micrometres, the price in minor units of the location's money."""

    procedure_id = fields.String(required=True)
    indication_id = fields.String(required=True)
    areas = fields.Dict(keys=fields.String(), values=Micrometres(), required=True)
    device_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    sessions = fields.Integer(required=True, strict=True)
    interval_days = fields.Integer(required=True, strict=True, validate=validate.Range(1, 365))
    anaesthetic = fields.String(
        required=True, validate=validate.OneOf([one.value for one in Anaesthetic])
    )
    skin_type = fields.Integer(required=True, strict=True)
    what_matters = fields.String(required=True, validate=validate.Length(1, 2000))
    price_minor = MinorUnits(required=True)
    anaesthetic_name = fields.String(load_default="", validate=validate.Length(max=200))
    add_ons = fields.List(fields.String(), load_default=[])
    capacity = fields.String(
        load_default=Capacity.PRESUMED.value,
        validate=validate.OneOf([one.value for one in Capacity]),
    )
    capacity_note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))
    price_terms = fields.String(load_default="", validate=validate.Length(max=LONGEST_TERMS))
    leave_out = fields.List(fields.Nested(LeftOutRequest), load_default=[])

    @post_load
    def make_terms(self, data: dict[str, Any], **_: object) -> PlanTerms:
        """Return the terms as the services take them."""
        spots = tuple(LeftOut(**spot) for spot in data.pop("leave_out"))
        return PlanTerms(**data | {"add_ons": tuple(data["add_ons"])}, leave_out=spots)


class PlanRequest(StrictSchema):
    """A new plan."""

    patient_id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    terms = fields.Nested(PlanTermsRequest, required=True)


class PlanResponse(StrictSchema):
    """A plan."""

    id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    latest_number = fields.Integer(required=True)
    version = fields.Integer(required=True)


class PlanVersionResponse(StrictSchema):
    """One version of a plan, without the patient's own words."""

    id = fields.UUID(required=True)
    plan_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    procedure_id = fields.String(required=True)
    indication_id = fields.String(required=True)
    device_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    sessions = fields.Integer(required=True)
    anaesthetic = fields.String(required=True)
    anaesthetic_name = fields.String(required=True)
    add_ons = fields.List(fields.String(), required=True)
    capacity = fields.String(required=True)
    price_minor = fields.Integer(required=True)
    currency = fields.String(required=True)
    price_terms = fields.String(required=True)


class DiscussionRequest(StrictSchema):
    """A discussion that was held."""

    held_at = fields.AwareDateTime(required=True)
    held_by = fields.UUID(required=True)
    mode = fields.String(
        required=True, validate=validate.OneOf([one.value for one in DiscussionMode])
    )
    language = fields.String(required=True, validate=validate.Length(2, 20))
    interpreter = fields.String(load_default=None, allow_none=True)
    note = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=4000))


class DiscussionResponse(StrictSchema):
    """A recorded discussion."""

    id = fields.UUID(required=True)
    plan_version_id = fields.UUID(required=True)
    held_at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True)


class VisitRequest(StrictSchema):
    """A visit to plan."""

    practitioner_id = fields.UUID(required=True)
    planned_at = fields.AwareDateTime(required=True)
    outside_hours = fields.Boolean(
        load_default=False,
        metadata={"description": "Confirms that they come although the location is closed then."},
    )


class VisitMoveRequest(StrictSchema):
    """Where a visit goes next."""

    to = fields.Enum(VisitState, by_value=True, required=True)


class VisitResponse(StrictSchema):
    """A visit."""

    id = fields.UUID(required=True)
    plan_id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    planned_at = fields.AwareDateTime(required=True)
    outside_hours_by = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "Who confirmed a visit outside the opening hours."},
    )
    state = fields.String(required=True)
    version = fields.Integer(required=True)
