"""Shapes of exports and of leaving."""

from marshmallow import fields

from app.leaving.progress import manifest_of, percent_of
from app.schemas import StrictSchema


class ExportResponse(StrictSchema):
    """How far an export has come. ``percent`` reaches 100 only when it is finished."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    asked_at = fields.DateTime(required=True)
    rows_done = fields.Integer(required=True)
    files_done = fields.Integer(required=True)
    bytes_done = fields.Integer(required=True)
    percent = fields.Function(percent_of, metadata={"type": "integer"})
    problem = fields.String(required=True, allow_none=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    expires_at = fields.DateTime(required=True, allow_none=True)
    manifest_sha256 = fields.Function(manifest_of, metadata={"type": ["string", "null"]})


class LeavingRequest(StrictSchema):
    """The clinic's legal name, typed to show that it is meant."""

    legal_name = fields.String(required=True)


class LeavingState(StrictSchema):
    """When it was asked, when the deletion begins, and since when it is under way."""

    leaving_at = fields.DateTime(required=True)
    delete_after = fields.DateTime(required=True)
    erasing_since = fields.DateTime(required=True, allow_none=True)


class LeavingResponse(StrictSchema):
    """How far the clinic is on its way out; null where it stays."""

    leaving = fields.Nested(LeavingState, required=True, allow_none=True)
