"""Shapes of staff, their roles, and invitations."""

from marshmallow import fields, validate

from app.schemas import NameField, StrictSchema
from app.tenants.models import Role


class StaffTermsRequest(StrictSchema):
    """What a member of staff is for, and where; no locations means the whole clinic."""

    role = fields.Enum(Role, by_value=True, required=True)
    location_ids = fields.List(fields.UUID(), load_default=[], validate=validate.Length(max=500))


class StaffResponse(StrictSchema):
    """A member of staff."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True)
    disabled_at = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class StaffLineResponse(StaffResponse):
    """A line of the staff list; ``location_ids`` empty means the whole clinic."""

    location_ids = fields.List(fields.UUID(), required=True)
    last_seen_at = fields.AwareDateTime(required=True, allow_none=True)
    qualified_until = fields.Date(required=True, allow_none=True)


class InvitationRequest(StaffTermsRequest):
    """Whom to invite, as what, and where."""

    email = fields.String(required=True, validate=validate.Length(3, 254))


class InvitationResponse(StrictSchema):
    """An invitation that waits for an answer."""

    id = fields.UUID(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True)
    location_ids = fields.List(fields.UUID(), required=True)
    state = fields.String(required=True)
    sent_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class RolePermissionsResponse(StrictSchema):
    """One line of the table: a permission and the roles that have it."""

    permission = fields.String(required=True)
    meaning = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    is_for_the_whole_clinic = fields.Boolean(required=True)


class InvitationExchangeRequest(StrictSchema):
    """The token from an invitation's link."""

    token = fields.String(required=True, validate=validate.Length(1, 200))


class InvitationExchangeResponse(StrictSchema):
    """Where to go on, and the token that unsafe requests of this session send."""

    location = fields.String(required=True)
    csrf_token = fields.String(required=True)


class AcceptRequest(StrictSchema):
    """A new person's name and password; both are left out by an account that is signed in."""

    name = NameField(load_default=None, allow_none=True)
    password = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=1000))


class AcceptResponse(StrictSchema):
    """The place that was taken."""

    clinic_id = fields.UUID(required=True, attribute="tenant_id")
    staff_id = fields.UUID(required=True, attribute="id")
    role = fields.String(required=True)
