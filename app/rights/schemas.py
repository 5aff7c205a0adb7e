"""Shapes of the rights' room."""

from marshmallow import fields, validate

from app.patients.addendum_models import AddendumAbout
from app.patients.limit_models import LimitKind
from app.rights.models import RequestKind
from app.rights.services.take_request import CHANNELS, IDENTIFIED_BY
from app.schemas import StrictSchema


class RightsRequestRequest(StrictSchema):
    """What a patient asked, how, and how it is known that it was them."""

    kind = fields.Enum(RequestKind, by_value=True, required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    identified_by = fields.String(required=True, validate=validate.OneOf(IDENTIFIED_BY))


class DecisionResponse(StrictSchema):
    """What becomes of one class of data. ``due_on`` null: it waits for something else."""

    id = fields.UUID(required=True)
    request_id = fields.UUID(required=True)
    retention = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True)
    basis = fields.String(required=True)
    jurisdiction = fields.String(required=True, allow_none=True)
    years = fields.Integer(required=True, allow_none=True)
    counted_from = fields.Date(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    carried_out_at = fields.AwareDateTime(required=True, allow_none=True)


class RightsRequestResponse(StrictSchema):
    """A request."""

    id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    channel = fields.String(required=True)
    identified_by = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True)
    version = fields.Integer(required=True)


class DecisionsResponse(StrictSchema):
    """The decisions of one request for erasure."""

    decisions = fields.List(fields.Nested(DecisionResponse), required=True)


class LimitRequest(StrictSchema):
    """A limit to set. ``until_on`` is for legal holds only."""

    kind = fields.Enum(LimitKind, by_value=True, required=True)
    reason = fields.String(required=True, validate=validate.Length(1, 40))
    until_on = fields.Date(load_default=None, allow_none=True)


class LimitResponse(StrictSchema):
    """A limit on a patient's data."""

    id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True)
    until_on = fields.Date(required=True, allow_none=True)
    placed_by = fields.UUID(required=True, allow_none=True)
    placed_at = fields.AwareDateTime(required=True)
    lifted_at = fields.AwareDateTime(required=True, allow_none=True)


class AddendumRequest(StrictSchema):
    """A correction in the patient's words, and whether the clinic agrees."""

    about = fields.Enum(AddendumAbout, by_value=True, required=True)
    subject_id = fields.UUID(required=True)
    text = fields.String(required=True, validate=validate.Length(1, 4000))
    is_agreed = fields.Boolean(required=True)


class AddendumResponse(StrictSchema):
    """A correction beside the record."""

    id = fields.UUID(required=True)
    about = fields.String(required=True)
    subject_id = fields.UUID(required=True)
    recorded_at = fields.AwareDateTime(required=True)


class DataExportResponse(StrictSchema):
    """A copy of data on its way: ``done`` of ``total`` steps."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class RightsResponse(StrictSchema):
    """All that concerns the rights of one patient."""

    limits = fields.List(fields.Nested(LimitResponse), required=True)
    requests = fields.List(fields.Nested(RightsRequestResponse), required=True)
    decisions = fields.List(fields.Nested(DecisionResponse), required=True)
    exports = fields.List(fields.Nested(DataExportResponse), required=True)
