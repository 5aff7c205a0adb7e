"""Shapes of signing in."""

from marshmallow import fields, validate

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

    code = fields.String(required=True, validate=validate.Length(max=40))


class CsrfResponse(StrictSchema):
    """The new token: a step-up changes the cookie, so it changes this too."""

    csrf_token = fields.String(required=True)


class MembershipResponse(StrictSchema):
    """A clinic in which the person works."""

    clinic_id = fields.UUID(required=True, attribute="tenant_id")
    name = fields.String(required=True)
    staff_id = fields.UUID(required=True)


class OwnAccountResponse(StrictSchema):
    """What protects a person's account."""

    email = fields.String(required=True)
    name = fields.String(required=True)
    email_verified_at = fields.AwareDateTime(required=True, allow_none=True)
    has_authenticator = fields.Boolean(required=True, attribute="has_totp")
    passkeys = fields.Integer(required=True)
    recovery_codes_left = fields.Integer(required=True, attribute="codes_left")
    email_change = fields.Nested(lambda: EmailChangeResponse(), required=True, allow_none=True)


class EmailChangeResponse(StrictSchema):
    """A change of address under way; ``due_at`` is null until the new one is proved."""

    new_email = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    proved_at = fields.AwareDateTime(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)


class OwnSessionResponse(StrictSchema):
    """A living sign-in of the person."""

    id = fields.UUID(required=True, attribute="session_id")
    created_at = fields.AwareDateTime(required=True)
    last_seen_at = fields.AwareDateTime(required=True)
    method = fields.String(required=True)
    device = fields.String(required=True, attribute="device_words")
    near = fields.String(required=True, attribute="near_address")
    is_shared = fields.Boolean(required=True)
    is_current = fields.Boolean(required=True)


class NewEmailRequest(StrictSchema):
    """The address that a person wants, and the password where there is no second factor."""

    email = fields.String(required=True)
    password = fields.String(load_default="")


class PasswordRequest(StrictSchema):
    """The password so far and the next one."""

    old = fields.String(required=True)
    new = fields.String(required=True)


class NewAuthenticatorResponse(StrictSchema):
    """A secret for an authenticator, not yet kept."""

    secret = fields.String(required=True)
    uri = fields.String(required=True)


class AuthenticatorRequest(StrictSchema):
    """A secret, a code made with it, and the password where there is no second factor yet."""

    secret = fields.String(required=True)
    code = fields.String(required=True, validate=validate.Length(max=40))
    password = fields.String(load_default="")


class EnrolledResponse(StrictSchema):
    """The session's new token, and recovery codes if they were made now."""

    csrf_token = fields.String(required=True)
    recovery_codes = fields.List(fields.String(), required=True)


class RecoveryCodesResponse(StrictSchema):
    """Ten codes, shown this once."""

    recovery_codes = fields.List(fields.String(), required=True)


class EmailRequest(StrictSchema):
    """An address."""

    email = fields.String(required=True, validate=validate.Length(max=400))


class TokenRequest(StrictSchema):
    """The secret of a link."""

    token = fields.String(required=True, validate=validate.Length(max=200))


class ResetRequest(TokenRequest):
    """The secret of a link and the new password."""

    new = fields.String(required=True)


class ProofRequest(StrictSchema):
    """The password, where there is no second factor yet."""

    password = fields.String(load_default="")


class PasskeyOptionsResponse(StrictSchema):
    """The ``publicKey`` options of ``navigator.credentials``, as WebAuthn writes them in JSON."""

    public_key = fields.Dict(required=True)


class CredentialRequest(StrictSchema):
    """What the browser answered, as ``PublicKeyCredential.toJSON()`` writes it."""

    credential = fields.Dict(required=True)


class NewPasskeyRequest(CredentialRequest):
    """A new passkey and its name."""

    name = fields.String(required=True, validate=validate.Length(max=200))


class PasskeyResponse(StrictSchema):
    """A passkey of the person."""

    id = fields.UUID(required=True, attribute="passkey_id")
    name = fields.String(required=True)
    is_backed_up = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)


class SharedDeviceRequest(StrictSchema):
    """A name for the device in hand."""

    name = fields.String(required=True, validate=validate.Length(max=200))


class SharedDeviceResponse(StrictSchema):
    """A shared device of the clinic."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    enrolled_by = fields.UUID(required=True)
    enrolled_at = fields.AwareDateTime(required=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)
    revoked_at = fields.AwareDateTime(required=True, allow_none=True)


class PinRequest(StrictSchema):
    """A PIN of at least six digits."""

    pin = fields.String(required=True, validate=validate.Length(max=40))
