"""The middle of the patient's way: health questions, a hold, the form, and whether it was clear.

Each page is shown when its step has come, each post leads on by 303 or shows the same page again
with what was typed. Nothing about health is shown before identity is proved.
"""

import uuid

from flask import Blueprint, Response

from app.consent import queries
from app.consent.ciphers import get_shown
from app.consent.consent_facts import ground_of, responsible_person
from app.consent.forms import queries as form_queries
from app.consent.forms.view import read_view
from app.consent.holds.services.settle_hold import end_expired, settle_hold
from app.consent.models import Consent
from app.consent.screening.fields import Fields, errors_of, question_sections, text_of
from app.consent.screening.services.answer_questions import give_answers
from app.consent.screening.stored_answers import asked_of_patient, read_outcome
from app.consent.screening.told_rules import patient_sentences
from app.consent.signing.drafts import read_page
from app.consent.signing.page_errors import show_kindly
from app.consent.signing.page_frame import (
    autosave_of,
    go_on,
    location_of,
    open_step,
    posted_fields,
    show,
    to_step,
)
from app.consent.signing.patient_questions import FIELD, asked_view, questions_asked
from app.consent.signing.reading_time import seconds_read
from app.consent.signing.services.read_form import (
    check_understanding,
    confirm_read,
    note_form_shown,
    teach_back_of,
)
from app.consent.signing.steps import Step
from app.consent.ways.at_the_form import patient
from app.consent.ways.services.hand_over import find_tablet
from app.consent.ways.services.prove_identity import id_was_shown
from app.database import TenantScope
from app.kit.in_words import day_in_words, language_in_words
from app.kit.speech import say
from app.plans.queries import get_plan_version
from app.tenants.queries import get_staff
from app.tenants.words import role_in_words

Page = Response | tuple[str, int]
bp = Blueprint("sign_way", __name__, url_prefix="/sign")
show_kindly(bp)


@bp.get("/questions")
@patient
def show_questions(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Ask about the patient's health."""
    consent = open_step(scope, consent_id, Step.QUESTIONS)
    if isinstance(consent, Response):
        return consent
    return _questions(scope, consent, read_page(scope, consent, "questions"), [])


@bp.post("/questions")
@patient
def answer(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Take the answers; what is wrong is named beside its question and the rest is kept."""
    fields = posted_fields()
    given = give_answers(scope, consent_id=consent_id, fields=fields)
    consent = queries.get_consent(scope, consent_id)
    if given.is_stored:
        return go_on(consent)
    return _questions(scope, consent, fields, errors_of(given.problems, given.missing))


@bp.get("/hold")
@patient
def show_hold(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Say kindly that a person looks at the answers first; a wait that is over ends here."""
    settle_hold(scope, consent_id=consent_id)
    consent = open_step(scope, consent_id, Step.HOLD)
    if isinstance(consent, Response):
        return consent
    reviewer = responsible_person(scope)
    hold = queries.find_open_hold(scope, consent.id)
    in_clinic = id_was_shown(consent) or find_tablet(scope, consent.id) is not None
    return show(
        scope,
        consent,
        Step.HOLD,
        "hold",
        reasons=_hold_reasons(scope, consent),
        reviewer={"name": reviewer.name, "role": role_in_words(reviewer.role)},
        hear_by=say("as soon as that is done"),
        hear_how=say("by email or telephone"),
        in_clinic=in_clinic,
        decide_url=f"/clinics/{scope.tenant_id}/holds/{hold.id}" if hold and in_clinic else None,
        waits_until=day_in_words(hold.waits_until) if hold and hold.waits_until else None,
        check_url="/sign/hold",
        advice=[],
        money_text=None,
        edit_url="/sign/questions",
    )


@bp.get("/read")
@patient
def show_form(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Show the form as it was made for this patient."""
    end_expired(scope, consent_id=consent_id)
    consent = open_step(scope, consent_id, Step.READ)
    if isinstance(consent, Response):
        return consent
    form = form_queries.get_form_version(scope, consent.form_version_id)
    version_text = say(
        "Form “%(key)s”, version %(number)s, in %(language)s",
        key=form.form_key,
        number=form.number,
        language=language_in_words(form.locale),
    )
    version = get_plan_version(scope, consent.plan_version_id)
    name = get_staff(scope, version.practitioner_id).name
    typed = read_page(scope, consent, "read")
    note_form_shown(scope, consent)
    asked = asked_view(questions_asked(scope, consent), location_of(scope, consent).zone)
    return show(
        scope,
        consent,
        Step.READ,
        "read",
        action_url="/sign/read",
        answers_text=say("%(name)s answers it before you sign.", name=name),
        questions={
            key.removeprefix(FIELD): text_of(typed, key) for key in typed if key.startswith(FIELD)
        },
        seconds=seconds_read(typed),
        print_url=None,
        **read_view(get_shown(scope, consent), version_text, asked),
        **autosave_of(scope, consent, "read"),
    )


@bp.post("/read")
@patient
def confirm(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Note that the form was read."""
    fields = dict(posted_fields())
    shown = str(fields.pop("document_sha256", ""))
    return go_on(confirm_read(scope, consent_id=consent_id, shown_sha256=shown, fields=fields))


@bp.get("/understood")
@patient
def show_understood(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Ask three questions that show whether it was clear."""
    consent = open_step(scope, consent_id, Step.UNDERSTOOD)
    if isinstance(consent, Response):
        return consent
    return _understood(scope, consent, read_page(scope, consent, "understood"), [])


@bp.post("/understood")
@patient
def check(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Explain each answer once, then go on whatever was answered."""
    consent = open_step(scope, consent_id, Step.UNDERSTOOD)
    if isinstance(consent, Response):
        return consent
    fields = posted_fields()
    seen = consent.understood_at is not None and fields == read_page(scope, consent, "understood")
    _, missing = check_understanding(scope, consent_id=consent_id, fields=fields)
    if missing:
        wrong = [{"field": one, "message": say("Choose one answer.")} for one in missing]
        return _understood(scope, consent, fields, wrong)
    return to_step(Step.SIGN if seen else Step.UNDERSTOOD)


def _questions(
    scope: TenantScope, consent: Consent, fields: Fields, errors: list[dict[str, str]]
) -> Page:
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    return show(
        scope,
        consent,
        Step.QUESTIONS,
        "questions",
        status=422 if errors else 200,
        errors=errors,
        intro=say(
            "Your answers keep you safe. If you are not sure, say so: we look at it with you."
        ),
        action_url="/sign/questions",
        sections=question_sections(ground.told, asked_of_patient(ground), ground.facts, fields),
        returning=None,
        **autosave_of(scope, consent, "questions"),
    )


def _hold_reasons(scope: TenantScope, consent: Consent) -> list[str]:
    hold = queries.find_open_hold(scope, consent.id)
    row = queries.find_answers_of_hold(scope, hold) if hold is not None else None
    if row is None:
        return [say("The clinic wants to talk with you first.")]
    fired = read_outcome(scope, consent, row)["fired"]
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    stops = (rule for rule in fired if rule["action"] in ("block", "defer", "review"))
    return list(patient_sentences(ground.told, stops))


def _understood(
    scope: TenantScope, consent: Consent, fields: Fields, errors: list[dict[str, str]]
) -> Page:
    done = consent.understood_at is not None and not errors
    questions = []
    for block in teach_back_of(get_shown(scope, consent)):
        value = text_of(fields, block.clause)
        result = ("right" if value == block.correct else "review") if done else None
        questions.append(
            {
                "id": block.clause,
                "text": block.text,
                "options": [{"value": one.id, "label": one.text} for one in block.options],
                "value": value or None,
                "result": result,
                "explanation": block.explanation,
            }
        )
    return show(
        scope,
        consent,
        Step.UNDERSTOOD,
        "understood",
        status=422 if errors else 200,
        errors=errors,
        action_url="/sign/understood",
        questions=questions,
        done=done,
        **autosave_of(scope, consent, "understood"),
    )
