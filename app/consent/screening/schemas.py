"""Shapes of screening: what a plan asks, answers to try, and what the rules make of them."""

from marshmallow import fields, validate

from app.catalogue.rules import Action
from app.schemas import StrictSchema

MOST_ANSWERS = 400
ACTIONS = [one.value for one in Action]


class PlanChoiceResponse(StrictSchema):
    """One option of a question with choices."""

    id = fields.String(required=True)
    text = fields.String(required=True)


class PlanQuestionResponse(StrictSchema):
    """One question that the plan calls for; ``follows`` names the question that opens it."""

    id = fields.String(required=True)
    section = fields.String(required=True)
    text = fields.String(required=True)
    asked_of = fields.String(required=True)
    answer = fields.String(required=True)
    follows = fields.String(required=True, allow_none=True)
    asks_area = fields.Boolean(required=True)
    values = fields.List(fields.String(), required=True)
    choices = fields.List(fields.Nested(PlanChoiceResponse), required=True)


class PlanQuestionsResponse(StrictSchema):
    """Everything that a plan asks, on the days that it is judged on."""

    visit_on = fields.Date(required=True)
    today = fields.Date(required=True)
    areas = fields.List(fields.String(), required=True)
    questions = fields.List(fields.Nested(PlanQuestionResponse), required=True)


class ScreeningRequest(StrictSchema):
    """Answers to try. Nothing of them is stored."""

    answers = fields.Dict(
        keys=fields.String(),
        required=True,
        validate=validate.Length(max=MOST_ANSWERS),
        metadata={
            "description": "Question id to 'yes', 'no', 'unsure', the id of a choice, a day "
            "(YYYY-MM-DD), or an object with 'value', 'on' and 'areas'."
        },
    )
    visit_on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The day of the visit; the next planned one, or today, if NULL."},
    )


class TriedRuleResponse(StrictSchema):
    """A rule that fired, with its sentence for the clinician and the one for the patient."""

    rule_id = fields.String(required=True)
    question_id = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    clinician = fields.String(required=True)
    patient = fields.String(required=True)
    confidence = fields.String(required=True)
    source = fields.List(fields.String(), required=True)
    areas = fields.List(fields.String(), required=True)
    unsure = fields.Boolean(required=True)
    earliest_date = fields.Date(required=True, allow_none=True)
    needs_new_answer = fields.Boolean(required=True)
    needs_evidence = fields.Boolean(required=True)
    may_be_shortened = fields.Boolean(required=True)
    override_needs = fields.String(required=True, allow_none=True)
    override_open = fields.Boolean(required=True)
    until = fields.String(required=True, allow_none=True)
    refer = fields.String(required=True, allow_none=True)
    substitute = fields.String(required=True, allow_none=True)
    adds_risk = fields.String(required=True, allow_none=True)
    requires = fields.List(fields.String(), required=True)
    never = fields.String(required=True, allow_none=True)


class PersonalRiskResponse(StrictSchema):
    """A risk that is likelier for this patient, with every reason why."""

    risk_id = fields.String(required=True)
    title = fields.String(required=True)
    because = fields.List(fields.String(), required=True)


class ExcludedSpotsResponse(StrictSchema):
    """Areas with spots to leave out, and the rule that says so."""

    rule_id = fields.String(required=True)
    areas = fields.List(fields.String(), required=True)


class ScreeningResponse(StrictSchema):
    """What the rules make of a set of answers, on one day, for one plan.

    ``action`` is the strongest of all that fired. ``may_sign`` is whether nothing and nobody stands
    between the patient and signing; it is false while ``missing`` names a question.
    """

    visit_on = fields.Date(required=True)
    today = fields.Date(required=True)
    catalogue_version = fields.String(required=True)
    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    may_sign = fields.Boolean(required=True)
    is_held = fields.Boolean(required=True)
    fired = fields.List(fields.Nested(TriedRuleResponse), required=True)
    earliest_date = fields.Date(required=True, allow_none=True)
    opens_on = fields.Date(required=True, allow_none=True)
    needs_new_answer = fields.Boolean(required=True)
    missing = fields.List(fields.String(), required=True)
    missing_practitioner = fields.List(fields.String(), required=True)
    personal_risks = fields.List(fields.Nested(PersonalRiskResponse), required=True)
    excluded_spots = fields.List(fields.Nested(ExcludedSpotsResponse), required=True)
    substitutes = fields.List(fields.String(), required=True)
    requires = fields.List(fields.String(), required=True)
