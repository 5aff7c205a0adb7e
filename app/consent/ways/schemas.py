"""Shapes of the ways by which a form is signed."""

from flask_smorest.fields import Upload
from marshmallow import fields, validate

from app.schemas import NameField, StrictSchema


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


class HandOverRequest(StrictSchema):
    """What whoever hands a device over says: that they have seen the patient's ID."""

    has_seen_id = fields.Boolean(required=True, validate=validate.Equal(True))


class HandedOverResponse(StrictSchema):
    """Where this device goes on to; the session that it has now stands in its cookie alone."""

    location = fields.String(required=True)


class TabletResponse(StrictSchema):
    """Whether a device of the clinic stands locked on a form, since when, and by whose hand."""

    is_handed_over = fields.Boolean(required=True)
    is_covered = fields.Boolean(required=True)
    handed_over_at = fields.AwareDateTime(required=True, allow_none=True)
    touched_at = fields.AwareDateTime(required=True, allow_none=True)
    host_id = fields.UUID(required=True, allow_none=True)
    device_id = fields.UUID(required=True, allow_none=True)


class PaperResponse(StrictSchema):
    """A form on paper: its code, and the moments and people from the print to the seal."""

    id = fields.UUID(required=True)
    consent_id = fields.UUID(required=True)
    code = fields.String(required=True)
    blank_id = fields.UUID(required=True, allow_none=True)
    printed_at = fields.AwareDateTime(required=True)
    printed_by = fields.UUID(required=True)
    scanned_at = fields.AwareDateTime(required=True, allow_none=True)
    scanned_by = fields.UUID(required=True, allow_none=True)
    signed_at = fields.AwareDateTime(required=True, allow_none=True)
    seen_by = fields.UUID(required=True, allow_none=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)
    confirmed_by = fields.UUID(required=True, allow_none=True)


class UseBlankRequest(StrictSchema):
    """The number on a blank form that a patient signed while the system was out."""

    number = fields.Integer(required=True, strict=True, validate=validate.Range(1, 999_999))


class ScanRequest(StrictSchema):
    """The pages of a signed form, as files."""

    scan = fields.List(Upload(), required=True, validate=validate.Length(1, 20))


class ConfirmPaperRequest(StrictSchema):
    """What whoever has the original in hand says: when it was signed, who saw it, where it lies."""

    signed_at = fields.AwareDateTime(required=True)
    seen_by = fields.UUID(required=True)
    name = NameField(required=True)
    original = fields.String(required=True, validate=validate.Length(1, 200))
    has_original = fields.Boolean(required=True, validate=validate.Equal(True))


class PrintBlanksRequest(StrictSchema):
    """How many blank forms of which wording for which location."""

    form_version_id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    many = fields.Integer(required=True, strict=True, validate=validate.Range(1, 20))


class BlankFormResponse(StrictSchema):
    """A numbered form without a name."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    form_version_id = fields.UUID(required=True)
    location_id = fields.UUID(required=True)
    printed_at = fields.AwareDateTime(required=True)


class NewPartyRequest(StrictSchema):
    """An interpreter or a witness."""

    role = fields.String(required=True, validate=validate.OneOf(["interpreter", "witness"]))
    name = NameField(required=True)
    mode = fields.String(required=True, validate=validate.OneOf(["in_person", "video", "phone"]))
    language = fields.String(load_default="", validate=validate.Length(max=120))
    reference = fields.String(load_default="", validate=validate.Length(max=120))


class StatePartyRequest(StrictSchema):
    """The name that somebody put to their sentence, and that they are an adult."""

    name = NameField(required=True)
    is_adult = fields.Boolean(required=True)


class PartyResponse(StrictSchema):
    """Somebody beside the patient; ``stated_at`` is null until they put their name to it."""

    id = fields.UUID(required=True)
    role = fields.String(required=True)
    name = fields.String(required=True)
    mode = fields.String(required=True)
    language = fields.String(required=True)
    reference = fields.String(required=True)
    statement = fields.String(required=True)
    stated_at = fields.AwareDateTime(required=True, allow_none=True)
