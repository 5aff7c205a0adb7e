"""Shapes of signing in."""

from marshmallow import fields

from app.schemas import StrictSchema


class SignInRequest(StrictSchema):
    """An address and a password."""

    email = fields.String(required=True)
    password = fields.String(required=True)


class SignInResponse(StrictSchema):
    """The token that unsafe requests send as ``X-CSRF-Token``."""

    csrf_token = fields.String(required=True)
    has_second_factor = fields.Boolean(required=True)


class StepUpRequest(StrictSchema):
    """A code from the second factor."""

    code = fields.String(required=True)


class CsrfResponse(StrictSchema):
    """The new token: a step-up changes the cookie, so it changes this too."""

    csrf_token = fields.String(required=True)


class MembershipResponse(StrictSchema):
    """A clinic in which the person works."""

    clinic_id = fields.UUID(required=True, attribute="tenant_id")
    name = fields.String(required=True)
    staff_id = fields.UUID(required=True)
