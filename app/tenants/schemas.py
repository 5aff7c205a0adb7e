"""Shapes of signing up, staff and devices."""

from marshmallow import fields, validate

from app.schemas import Micrometres, NameField, StrictSchema


class SignUpRequest(StrictSchema):
    """A new clinic with its owner."""

    legal_name = NameField(required=True)
    address = fields.String(required=True, validate=validate.Length(1, 500))
    owner_name = NameField(required=True)
    owner_email = fields.String(required=True)
    password = fields.String(required=True)
    processor_agreement = fields.String(required=True)


class ConfirmSignUpRequest(StrictSchema):
    """The secret of the letter, and the password of the account."""

    token = fields.String(required=True, validate=validate.Length(max=200))
    password = fields.String(required=True)


class LabelEntry(StrictSchema):
    """What a maker's label says for one market; depths in micrometres."""

    market = fields.String(required=True)
    cap_um = Micrometres(required=True)
    areas = fields.List(fields.String(), required=True)
    indications = fields.List(fields.String(), required=True)
    age_min = fields.Integer(load_default=18)
    skin_types = fields.List(fields.Integer(), load_default=[1, 2, 3, 4, 5, 6])


class DeviceRequest(StrictSchema):
    """A device of the clinic."""

    location_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    model = fields.String(required=True, validate=validate.Length(1, 100))
    serial = fields.String(required=True, validate=validate.Length(1, 100))
    label = fields.List(fields.Nested(LabelEntry), required=True)


class DeviceResponse(DeviceRequest):
    """A device."""

    id = fields.UUID(required=True)


class LotRequest(StrictSchema):
    """A lot of cartridges."""

    lot = fields.String(required=True, validate=validate.Length(1, 100))
    expires_on = fields.Date(required=True)


class LotResponse(LotRequest):
    """A lot of cartridges."""

    id = fields.UUID(required=True)
    device_id = fields.UUID(required=True)
