"""Shapes of forms, consents, drafts and the exchange of links."""

from marshmallow import fields, validate

from app.consent.purposes import Purpose
from app.consent.signing.declining import REASONS
from app.schemas import StrictSchema


class ConsentStatusResponse(StrictSchema):
    """Where a consent stands, in words that a front desk may know; never an answer."""

    id = fields.UUID(required=True)
    plan_id = fields.UUID(required=True)
    plan_version_id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    purpose = fields.String(required=True)
    add_on = fields.String(required=True, allow_none=True, attribute="add_on_id")
    locale = fields.String(required=True)
    is_other_language = fields.Boolean(required=True)
    state = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    link_expires_at = fields.AwareDateTime(required=True)
    locked_at = fields.AwareDateTime(required=True, allow_none=True)
    paper_wished_at = fields.AwareDateTime(required=True, allow_none=True)
    signed_at = fields.AwareDateTime(required=True, allow_none=True)
    is_entered_later = fields.Boolean(required=True)
    attested_at = fields.AwareDateTime(required=True, allow_none=True)
    valid_until = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ConsentRequest(StrictSchema):
    """What to ask consent to; without anything, to the treatment in the patient's language.

    ``locale`` chooses another language than the patient's and needs an interpreted talk.
    """

    purpose = fields.Enum(Purpose, by_value=True, load_default=Purpose.TREATMENT)
    add_on = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    form_key = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))
    locale = fields.String(load_default=None, allow_none=True, validate=validate.Length(2, 20))


class StandingResponse(StrictSchema):
    """May we, where, how deep (µm), until when, and why not."""

    allowed = fields.Boolean(required=True)
    consent_id = fields.UUID(required=True, allow_none=True)
    areas = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    valid_until = fields.AwareDateTime(required=True, allow_none=True)
    reasons = fields.List(fields.String(), required=True)


class AttestationResponse(StrictSchema):
    """A practitioner's confirmation and the executed document."""

    id = fields.UUID(required=True)
    consent_id = fields.UUID(required=True)
    staff_id = fields.UUID(required=True)
    document_id = fields.UUID(required=True)
    statement = fields.String(required=True)
    attested_at = fields.AwareDateTime(required=True)


class WithdrawRequest(StrictSchema):
    """Why a consent is taken back, where the patient wants to say so.

    ``reasons`` are of the short list, and count before signing: for a patient who says no.
    """

    reason = fields.String(load_default="", validate=validate.Length(max=2000))
    reasons = fields.List(fields.String(validate=validate.OneOf(list(REASONS))), load_default=list)


class DeclineResponse(StrictSchema):
    """That a patient said no before signing, through whom, and why if they said so."""

    id = fields.UUID(required=True, attribute="row.id")
    consent_id = fields.UUID(required=True, attribute="row.consent_id")
    way = fields.String(required=True, attribute="row.way")
    recorded_by = fields.UUID(required=True, allow_none=True, attribute="row.recorded_by")
    declined_at = fields.AwareDateTime(required=True, attribute="row.declined_at")
    reasons = fields.List(fields.String(), required=True, attribute="why.reasons")
    words = fields.String(required=True, attribute="why.words")


class VoidRequest(StrictSchema):
    """Why the clinic calls a form or a consent back."""

    reason = fields.String(required=True, validate=validate.Length(5, 2000))


class WithdrawalResponse(StrictSchema):
    """When and through whom a consent was taken back; ``receipt_id`` is NULL while it is made."""

    id = fields.UUID(required=True, attribute="withdrawal.id")
    consent_id = fields.UUID(required=True, attribute="withdrawal.consent_id")
    way = fields.String(required=True, attribute="withdrawal.way")
    recorded_by = fields.UUID(required=True, allow_none=True, attribute="withdrawal.recorded_by")
    withdrawn_at = fields.AwareDateTime(required=True, attribute="withdrawal.withdrawn_at")
    receipt_id = fields.Function(
        lambda one: str(one["receipt"].id) if one["receipt"] else None, required=True
    )
    receipt_sha256 = fields.Function(
        lambda one: one["receipt"].sha256.hex() if one["receipt"] else None, required=True
    )


class ExchangeRequest(StrictSchema):
    """The secret of a link, from the address's fragment."""

    token = fields.String(required=True, validate=validate.Length(1, 200))


class ExchangeResponse(StrictSchema):
    """Where the browser goes on to."""

    location = fields.String(required=True)


class DraftRequest(StrictSchema):
    """A page's fields as they stand: texts, or lists of texts where a field repeats."""

    sequence = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1_000_000))
    values = fields.Dict(keys=fields.String(), required=True)


class DraftResponse(StrictSchema):
    """What is stored, and since when."""

    sequence = fields.Integer(required=True)
    saved_at = fields.AwareDateTime(required=True)


class PatientQuestionResponse(StrictSchema):
    """A question that a patient asked about the form; without ``answer`` it waits for one."""

    id = fields.UUID(required=True)
    section = fields.String(required=True)
    text = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    answer = fields.String(required=True)
    answered_by = fields.String(required=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    taken_back = fields.Boolean(required=True)


class PatientAnswerRequest(StrictSchema):
    """A practitioner's answer."""

    answer = fields.String(required=True, validate=validate.Length(1, 2000))
