"""Shapes of forms, their drafts and the steps of their life."""

from marshmallow import fields, validate

from app.schemas import StrictSchema

SCHEMA = "needlepoint-form-1"


class FormResponse(StrictSchema):
    """A form version; its wording is fixed by ``sha256``."""

    id = fields.UUID(required=True)
    form_key = fields.String(required=True)
    purpose = fields.String(required=True)
    procedure_id = fields.String(required=True, allow_none=True)
    add_on = fields.String(required=True, allow_none=True, attribute="add_on_id")
    locale = fields.String(required=True)
    change = fields.String(required=True)
    translation_of = fields.UUID(required=True, allow_none=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True)
    sha256 = fields.Function(lambda form: form.sha256.hex(), required=True)
    published_at = fields.AwareDateTime(required=True, allow_none=True)
    retired_at = fields.AwareDateTime(required=True, allow_none=True)


class FormStepResponse(StrictSchema):
    """Who took which step; ``is_alone`` where nobody else could."""

    step = fields.String(required=True)
    staff_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    is_alone = fields.Boolean(required=True)
    note = fields.String(required=True)
    sha256 = fields.Function(lambda step: step.sha256.hex(), required=True)


class FormFile(StrictSchema):
    """A form as a file: ``content`` holds sections of blocks, see docs/forms.md."""

    schema = fields.String(required=True, validate=validate.Equal(SCHEMA))
    content = fields.Dict(keys=fields.String(), required=True)
    sha256 = fields.String(load_default="", validate=validate.Length(max=64))


class ImportRequest(StrictSchema):
    """A form to begin a draft with: a file, a shipped one, or a version to copy or translate."""

    file = fields.Nested(FormFile, load_default=None)
    shipped_key = fields.String(load_default="", validate=validate.Length(max=60))
    version_id = fields.UUID(load_default=None, allow_none=True)
    locale = fields.String(load_default=None, allow_none=True, validate=validate.Length(2, 20))
    translation_of = fields.UUID(load_default=None, allow_none=True)


class DraftContentRequest(StrictSchema):
    """A draft's whole wording."""

    content = fields.Dict(keys=fields.String(), required=True)


class FormDraftResponse(StrictSchema):
    """A draft with what is wrong with it today."""

    id = fields.UUID(required=True)
    form_key = fields.String(required=True)
    locale = fields.String(required=True)
    translation_of = fields.UUID(required=True, allow_none=True)
    copied_from = fields.UUID(required=True, allow_none=True)
    updated_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class FindingResponse(StrictSchema):
    """One fault of a wording: an error stops it, a warning wants a look."""

    severity = fields.String(required=True)
    clause = fields.String(required=True)
    message = fields.String(required=True)


class PublishRequest(StrictSchema):
    """Which of the forms that come with the release to publish."""

    key = fields.String(load_default="mechanical", validate=validate.Length(1, 60))
    locale = fields.String(load_default="en", validate=validate.Length(2, 20))


class NoteRequest(StrictSchema):
    """Why."""

    note = fields.String(required=True, validate=validate.Length(1, 1000))
