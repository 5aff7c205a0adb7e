"""Shapes of the clinic's settings, its locations and its people's qualifications."""

from typing import Any

from marshmallow import fields, validate

from app.schemas import Micrometres, NameField, StrictSchema
from app.tenants.queries import is_in_reach

CLOCK = validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d$", error="Write a time like 21:00.")


class ClinicResponse(StrictSchema):
    """A clinic."""

    id = fields.UUID(required=True)
    legal_name = fields.String(required=True)
    address = fields.String(required=True)
    brand_colour = fields.String(required=True)
    settings_id = fields.UUID(required=True)
    version = fields.Integer(required=True)


class SettingsRequest(StrictSchema):
    """The next version of the settings. Quiet hours are both given or both null."""

    legal_name = NameField(required=True)
    address = fields.String(required=True, validate=validate.Length(1, 500))
    brand_colour = fields.String(required=True, validate=validate.Length(max=7))
    logo_id = fields.UUID(load_default=None, allow_none=True)
    languages = fields.List(
        fields.String(validate=validate.Length(2, 35)),
        required=True,
        validate=validate.Length(1, 20),
    )
    privacy_notice = fields.String(load_default="", validate=validate.Length(max=6000))
    quiet_from = fields.String(load_default=None, allow_none=True, validate=CLOCK)
    quiet_until = fields.String(load_default=None, allow_none=True, validate=CLOCK)
    retention_years = fields.Dict(
        keys=fields.String(), values=fields.Integer(strict=True), required=True
    )
    reason = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=300))


class SettingsResponse(StrictSchema):
    """One version of the settings."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    legal_name = fields.String(required=True)
    address = fields.String(required=True)
    brand_colour = fields.String(required=True)
    logo_id = fields.UUID(required=True, allow_none=True)
    languages = fields.List(fields.String(), required=True)
    privacy_notice = fields.String(required=True)
    quiet_from = fields.String(required=True, allow_none=True)
    quiet_until = fields.String(required=True, allow_none=True)
    retention_years = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    reason = fields.String(required=True, allow_none=True)
    made_by = fields.UUID(required=True, allow_none=True)
    made_at = fields.AwareDateTime(required=True)


class LocationRequest(StrictSchema):
    """A location."""

    name = NameField(required=True)
    address = fields.String(required=True, validate=validate.Length(1, 500))
    zone = fields.String(required=True, validate=validate.Length(max=60))
    currency = fields.String(required=True, validate=validate.Length(max=3))
    jurisdiction = fields.String(required=True, validate=validate.Length(2, 12))
    market = fields.String(required=True, validate=validate.Length(2, 4))
    premises_kind = fields.String(required=True, validate=validate.Length(1, 100))
    premises_registration = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(max=100)
    )
    premises_registered_until = fields.Date(load_default=None, allow_none=True)
    emergency_contact = fields.String(required=True, validate=validate.Length(1, 200))
    opening_hours = fields.Dict(keys=fields.String(), load_default=dict[str, Any])


class LocationChange(LocationRequest):
    """A location as it is to be, with the visits that its new hours leave out and that stand."""

    visits_outside = fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(max=5000),
        metadata={"description": "Ids that a refusal with visits_outside_hours named, all of them"},
    )


class LocationResponse(LocationRequest):
    """A location, and whether whoever asks may work there."""

    id = fields.UUID(required=True)
    in_reach = fields.Function(is_in_reach, required=True, metadata={"type": "boolean"})
    closed_from = fields.Date(required=True, allow_none=True)
    closed_reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ClosingRequest(StrictSchema):
    """From which of its own days a location is closed, and why."""

    closed_from = fields.Date(required=True)
    reason = fields.String(
        required=True,
        validate=[validate.Length(1, 300), validate.Regexp(r"(?s).*\S", error="Say why.")],
    )


class ScopeRequest(StrictSchema):
    """What a qualification allows at a location."""

    location_id = fields.UUID(required=True)
    procedure_id = fields.String(required=True, validate=validate.Length(1, 60))
    max_depth_um = Micrometres(required=True, validate=validate.Range(0, 8000))
    areas = fields.List(fields.String(), load_default=None, allow_none=True)
    device_kinds = fields.List(fields.String(), load_default=None, allow_none=True)
    energy = fields.String(load_default="none", validate=validate.OneOf(["none", "radiofrequency"]))
    prescribed_anaesthetic = fields.Boolean(load_default=False)
    attests = fields.Boolean(load_default=True)
    basis = fields.String(required=True, validate=validate.Length(1, 300))


class ScopeResponse(ScopeRequest):
    """What a qualification allows at a location."""

    id = fields.UUID(required=True)


class QualificationRequest(StrictSchema):
    """A registration with a professional body. ``is_checked`` counts for nobody's own."""

    kind = fields.String(required=True, validate=validate.Length(1, 100))
    body = fields.String(required=True, validate=validate.Length(1, 200))
    registration_number = fields.String(required=True, validate=validate.Length(1, 100))
    is_prescriber = fields.Boolean(required=True)
    expires_on = fields.Date(required=True)
    insurance = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    insurance_expires_on = fields.Date(load_default=None, allow_none=True)
    is_checked = fields.Boolean(load_default=True)
    scopes = fields.List(
        fields.Nested(ScopeRequest), required=True, validate=validate.Length(max=50)
    )


class RenewalRequest(StrictSchema):
    """New last days of a qualification."""

    expires_on = fields.Date(required=True)
    insurance = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    insurance_expires_on = fields.Date(load_default=None, allow_none=True)
    is_checked = fields.Boolean(load_default=False)


class QualificationResponse(StrictSchema):
    """A qualification."""

    id = fields.UUID(required=True)
    staff_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    body = fields.String(required=True)
    registration_number = fields.String(required=True)
    is_prescriber = fields.Boolean(required=True)
    expires_on = fields.Date(required=True)
    insurance = fields.String(required=True, allow_none=True)
    insurance_expires_on = fields.Date(required=True, allow_none=True)
    verified_by = fields.UUID(required=True, allow_none=True)
    verified_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)
