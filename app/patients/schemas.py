"""Shapes of patients."""

from marshmallow import fields, validate

from app.schemas import NameField, StrictSchema


class PatientRequest(StrictSchema):
    """A new patient."""

    name = NameField(required=True)
    date_of_birth = fields.Date(required=True)
    location_id = fields.UUID(required=True)
    language = fields.String(load_default="en", validate=validate.Length(2, 20))
    email = fields.String(load_default=None, allow_none=True)
    phone = fields.String(load_default=None, allow_none=True)
    health_note = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=4000)
    )


class PatientLineResponse(StrictSchema):
    """One line of a list of patients."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    language = fields.String(required=True)
    location_id = fields.UUID(required=True)


class PatientResponse(PatientLineResponse):
    """A patient as just added."""

    version = fields.Integer(required=True)


class PatientPageRequest(StrictSchema):
    """Which page: the ``next`` of the page before, or a text to search for."""

    after = fields.String(load_default="")
    q = fields.String(load_default="", validate=validate.Length(max=200))


class PatientPageResponse(StrictSchema):
    """A page of patients; ``next`` is empty on the last one."""

    patients = fields.List(fields.Nested(PatientLineResponse), required=True)
    next = fields.String(required=True)
