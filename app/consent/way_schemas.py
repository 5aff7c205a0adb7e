"""Shapes of the ways by which a form is signed."""

from marshmallow import fields

from app.schemas import StrictSchema


class ShownCodeResponse(StrictSchema):
    """What a code holds, to be drawn as a QR code; it works once and until ``ends_at``."""

    link = fields.String(required=True)
    ends_at = fields.AwareDateTime(required=True)


class ProgressResponse(StrictSchema):
    """How far a patient is: a code, two sentences, and whether anything can still change."""

    code = fields.String(required=True)
    text = fields.String(required=True)
    how = fields.String(required=True)
    goes_on = fields.Boolean(required=True)
