"""Shapes of logos and of files that show qualifications."""

from marshmallow import fields

from app.schemas import StrictSchema
from app.uploads import FileField


class LogoRequest(StrictSchema):
    """One picture."""

    logo = FileField(required=True)


class LogoResponse(StrictSchema):
    """A logo as it was drawn anew, in pixels; it counts once settings name its id."""

    id = fields.UUID(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    added_at = fields.AwareDateTime(required=True)


class EvidenceRequest(StrictSchema):
    """One file."""

    evidence = FileField(required=True)


class EvidenceResponse(StrictSchema):
    """A file that shows a qualification, as it was kept; ``sha256`` in hexadecimal."""

    id = fields.UUID(required=True)
    qualification_id = fields.UUID(required=True)
    media_type = fields.String(required=True)
    length = fields.Integer(required=True)
    sha256 = fields.Function(lambda one: one.sha256.hex(), metadata={"type": "string"})
    added_at = fields.AwareDateTime(required=True)
