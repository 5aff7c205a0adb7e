"""Shapes of acute checks, starts, records, incidents and sheets. Depths are in micrometres."""

from typing import Any

from marshmallow import fields, validate

from app.schemas import Micrometres, StrictSchema

SHORT = validate.Length(1, 120)
NOTE = validate.Length(max=4000)


class AreaDepths(fields.Dict):
    """Area ids with a depth in micrometres each."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            keys=fields.String(validate=validate.Length(1, 60)),
            values=Micrometres(validate=validate.Range(1, 20_000)),
            **options,
        )


class ChoiceResponse(StrictSchema):
    """One option of a question."""

    id = fields.String(required=True)
    text = fields.String(required=True)


class QuestionResponse(StrictSchema):
    """One of the short questions; ``answer`` says what it takes."""

    id = fields.String(required=True)
    text = fields.String(required=True)
    why = fields.String(required=True)
    answer = fields.String(required=True)
    asked_of = fields.String(required=True)
    follows = fields.String(required=True, allow_none=True)
    asks_area = fields.Boolean(required=True)
    choices = fields.List(fields.Nested(ChoiceResponse), required=True)


class AcuteCheckRequest(StrictSchema):
    """Answers by question id: text, or {"value", "on", "areas"}."""

    answers = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    nothing_changed = fields.Boolean(load_default=False)
    what_changed = fields.String(load_default=None, allow_none=True, validate=NOTE)
    confirmed = fields.List(fields.String(validate=validate.Length(1, 80)), load_default=list)


class ConfirmationResponse(StrictSchema):
    """One line that the practitioner confirms at the visit; ``key`` goes back as ``confirmed``."""

    key = fields.String(required=True)
    text = fields.String(required=True)


class AcuteCheckResponse(StrictSchema):
    """That the questions were asked, and the strongest consequence; never the answers."""

    id = fields.UUID(required=True)
    visit_id = fields.UUID(required=True)
    outcome = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)


class StartRequest(StrictSchema):
    """Who, with what, where and how deep; without ``areas`` what the plan and consent say."""

    practitioner_id = fields.UUID(required=True)
    device_id = fields.UUID(required=True)
    lot = fields.String(required=True, validate=validate.Length(0, 120))
    areas = AreaDepths(load_default=None, allow_none=True)


class MayStartQuery(StrictSchema):
    """The same as a question; ``area`` may be repeated, each "id:µm"."""

    practitioner_id = fields.UUID(load_default=None)
    device_id = fields.UUID(load_default=None)
    lot = fields.String(load_default=None)
    area = fields.List(
        fields.String(validate=validate.Regexp(r"^[a-z_]{1,60}:\d{1,5}$")), load_default=None
    )


class ReasonResponse(StrictSchema):
    """Why not, and what to do next."""

    code = fields.String(required=True)
    topic = fields.String(required=True)
    text = fields.String(required=True)
    next_step = fields.String(required=True)
    fix = fields.String(required=True)


class MayStartResponse(StrictSchema):
    """May we, where, how deep, until when, and why not."""

    allowed = fields.Boolean(required=True)
    areas = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    until = fields.AwareDateTime(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(ReasonResponse), required=True)
    notes = fields.List(fields.String(), required=True)


class StartedAreaResponse(StrictSchema):
    """An area that was started, and how deep the patient agreed to."""

    area = fields.String(required=True)
    depth_um = fields.Integer(required=True)
    granted_um = fields.Integer(required=True)


class TreatmentResponse(StrictSchema):
    """A treatment. Without a price agreed ``owed_minor`` is null although it is owed."""

    id = fields.UUID(required=True)
    visit_id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    consent_id = fields.UUID(required=True)
    started_at = fields.AwareDateTime(required=True)
    areas = fields.List(fields.Nested(StartedAreaResponse), required=True)
    is_paid = fields.Boolean(required=True)
    owed_minor = fields.Integer(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    sessions_left = fields.Integer(required=True)
    record_number = fields.Integer(required=True)


class DoneAreaRequest(StrictSchema):
    """One area as it was treated."""

    area = fields.String(required=True, validate=SHORT)
    depth_um = Micrometres(required=True, validate=validate.Range(0, 20_000))
    passes = fields.Integer(required=True, strict=True, validate=validate.Range(0, 100))


class TopicalRequest(StrictSchema):
    """A product that was put on the needled skin."""

    name = fields.String(required=True, validate=SHORT)
    lot = fields.String(required=True, validate=validate.Length(0, 120))
    sterile = fields.Boolean(required=True)
    labelled_for_intradermal_use = fields.Boolean(required=True)


class AnaestheticRequest(StrictSchema):
    """What was used to numb the skin."""

    name = fields.String(required=True, validate=SHORT)
    strength = fields.String(load_default=None, allow_none=True, validate=SHORT)
    legal_class = fields.String(
        required=True, validate=validate.OneOf(["otc", "pharmacy", "prescription"])
    )
    area_cm2 = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 20000))
    minutes = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 600))
    occluded = fields.Boolean(load_default=None, allow_none=True)
    removed_at = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=20))


class ClinicalNoteRequest(StrictSchema):
    """What only clinicians read."""

    note = fields.String(load_default=None, allow_none=True, validate=NOTE)
    needle_count = fields.Integer(
        load_default=None, allow_none=True, validate=validate.Range(1, 200)
    )
    endpoint = fields.String(load_default=None, allow_none=True, validate=NOTE)
    adverse_events = fields.String(load_default=None, allow_none=True, validate=NOTE)
    anaesthetic = fields.Nested(AnaestheticRequest, load_default=None, allow_none=True)


class CompletionRequest(StrictSchema):
    """What was done, as it was."""

    device_model = fields.String(required=True, validate=SHORT)
    device_serial = fields.String(required=True, validate=SHORT)
    lot = fields.String(required=True, validate=SHORT)
    lot_expires_on = fields.Date(required=True)
    areas = fields.List(
        fields.Nested(DoneAreaRequest), required=True, validate=validate.Length(1, 40)
    )
    topicals = fields.List(
        fields.Nested(TopicalRequest), load_default=list, validate=validate.Length(max=20)
    )
    note = fields.Nested(ClinicalNoteRequest, load_default=dict)


class FlagResponse(StrictSchema):
    """Something in the record that stands out."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class CompletionResponse(StrictSchema):
    """One record of a treatment; number 2 and on are corrections."""

    id = fields.UUID(required=True)
    treatment_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    completed_at = fields.AwareDateTime(required=True)
    completed_by = fields.UUID(required=True)
    device_model = fields.String(required=True)
    device_serial = fields.String(required=True)
    lot = fields.String(required=True)
    lot_expires_on = fields.Date(required=True)
    areas = fields.Raw(required=True)
    topicals = fields.Raw(required=True)
    beyond_consent = fields.Boolean(required=True)
    flags = fields.List(fields.Nested(FlagResponse), required=True)


class IncidentRequest(StrictSchema):
    """A treatment without a valid start."""

    patient_id = fields.UUID(required=True)
    visit_id = fields.UUID(load_default=None, allow_none=True)
    named_staff_id = fields.UUID(required=True)
    procedure_id = fields.String(required=True, validate=SHORT)
    areas = AreaDepths(required=True)
    device_id = fields.UUID(load_default=None, allow_none=True)
    lot = fields.String(load_default="", validate=validate.Length(0, 120))
    reason = fields.String(required=True, validate=validate.Length(1, 4000))
    happened_at = fields.AwareDateTime(required=True)


class IncidentResponse(StrictSchema):
    """An incident, without what was written about it."""

    id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    visit_id = fields.UUID(required=True, allow_none=True)
    named_staff_id = fields.UUID(required=True)
    recorded_by = fields.UUID(required=True)
    procedure_id = fields.String(required=True)
    areas = fields.Raw(required=True)
    refused_because = fields.List(fields.String(), required=True)
    happened_at = fields.AwareDateTime(required=True)
    recorded_at = fields.AwareDateTime(required=True)


class AftercareRequest(StrictSchema):
    """Which sheet: ahead of the visit, or after its treatment."""

    occasion = fields.String(required=True, validate=validate.OneOf(["before", "after"]))


class AftercareResponse(StrictSchema):
    """A sheet that was given."""

    id = fields.UUID(required=True)
    document_id = fields.UUID(required=True)
    message_id = fields.UUID(required=True, allow_none=True)
    occasion = fields.String(required=True)
    given_at = fields.AwareDateTime(required=True)
