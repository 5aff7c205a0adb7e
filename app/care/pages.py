"""The page of a visit: may we, the short questions, the start, and the sheet."""

import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.auth.guards import guard, unit
from app.auth.permissions import Permission
from app.care.acute import acute_questions, acute_standing, previous_answers
from app.care.confirmations import needed_confirmations
from app.care.errors import AcuteAnswersIncomplete, FlipUnexplained, StartRefused
from app.care.services.give_aftercare import give_after, give_before
from app.care.services.note_refusal import note_refused_start
from app.care.services.record_acute_check import Asked, record_acute_check
from app.care.services.start_treatment import start_treatment
from app.care.visit_ground import VisitGround, ground_of_visit
from app.care.visit_view import choice_of, visit_context
from app.catalogue.answers import Answer
from app.catalogue.rules import Question
from app.consent.screening.fields import (
    Fields,
    answers_in_words,
    errors_of,
    question_sections,
    read_fields,
)
from app.consent.screening.judging import AnswersNotUsable
from app.consent.signing.page_frame import posted_fields
from app.database import TenantScope, noted_in
from app.forms import Form, ask_again, sent_form
from app.idempotency import idempotent
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients.queries import get_patient
from app.staff_pages import go_to

bp = Blueprint(
    "visit_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/visits/<uuid:visit_id>"
)
_NOT_QUESTIONS = frozenset({"idempotency_key", "nothing_changed", "what_changed", "confirmed"})


@bp.get("")
@guard(Permission.CONSENT_STATUS)
def show_visit(scope: TenantScope, visit_id: uuid.UUID) -> str:
    """Show whether the treatment may start, with what is chosen in the address."""
    return _visit_page(scope, visit_id, Form(request.args))


@bp.post("/start")
@guard(Permission.TREATMENT_START)
@idempotent
def start(scope: TenantScope, visit_id: uuid.UUID) -> Response:
    """Start the treatment, or show the page again with every reason why not."""
    form = sent_form()
    unit().after_failure(noted_in(scope, partial(note_refused_start, visit_id=visit_id)))
    choice = choice_of(scope, visit_id, form)
    if form.errors:
        ask_again(form, lambda again: _visit_page(scope, visit_id, again))
    try:
        start_treatment(
            scope,
            visit_id=visit_id,
            practitioner_id=choice.means.practitioner_id,
            device_id=choice.means.device_id,
            lot=choice.means.lot,
            areas=choice.areas,
        )
    except StartRefused as refused:
        ask_again(form, lambda again: _visit_page(scope, visit_id, again), int(refused.status))
    return go_to(scope, f"/visits/{visit_id}")


@bp.get("/questions")
@guard(Permission.TREATMENT_START)
def show_questions(scope: TenantScope, visit_id: uuid.UUID) -> str:
    """Ask the short questions, beside what was said the last time."""
    return _questions_page(scope, visit_id, Form())


@bp.post("/questions")
@guard(Permission.TREATMENT_START)
@idempotent
def answer_questions(scope: TenantScope, visit_id: uuid.UUID) -> Response:
    """Keep what was answered; what is open or impossible is named beside its question."""
    form = sent_form()
    ground = ground_of_visit(scope, visit_id, at=now())
    questions = acute_questions(ground.catalogue, ground.facts, ground.today)
    fields = _question_fields()
    same = form.typed("nothing_changed") == "same"
    asked = _own_part(questions) if same else questions
    raw = read_fields(asked, {name: value for name, value in fields.items() if _is_of(name, asked)})
    try:
        record_acute_check(
            scope,
            visit_id=visit_id,
            asked=Asked(
                raw, same, form.optional("what_changed", most=4000), form.chosen("confirmed")
            ),
        )
    except AnswersNotUsable as unusable:
        form.errors.extend(errors_of(unusable.problems, ()))
    except AcuteAnswersIncomplete as open_ones:
        form.errors.extend(errors_of((), _texts(open_ones.extra["questions"])))
    except FlipUnexplained as flip:
        form.take(flip, {})
    if form.errors:
        ask_again(form, lambda again: _questions_page(scope, visit_id, again))
    return go_to(scope, f"/visits/{visit_id}")


@bp.post("/aftercare")
@guard(Permission.AFTERCARE_GIVE)
@idempotent
def give_sheet(scope: TenantScope, visit_id: uuid.UUID) -> Response:
    """Give the sheet before or after the treatment, and send it to the patient."""
    give = give_after if request.form.get("occasion") == "after" else give_before
    give(scope, visit_id=visit_id)
    return go_to(scope, f"/visits/{visit_id}#aftercare")


def _visit_page(scope: TenantScope, visit_id: uuid.UUID, form: Form) -> str:
    context = visit_context(scope, visit_id, form)
    return render_template("care/visit.html", sheet_key=new_id().hex, **context)


def _questions_page(scope: TenantScope, visit_id: uuid.UUID, form: Form) -> str:
    ground = ground_of_visit(scope, visit_id, at=now())
    questions = acute_questions(ground.catalogue, ground.facts, ground.today)
    before = previous_answers(scope, ground, questions)
    fields: Fields = _question_fields() if form.sent else _as_fields(before)
    patients = tuple(one for one in questions if one.asked_of == "patient")
    acute = acute_standing(scope, ground)
    needed = needed_confirmations(scope, ground, acute.outcome if acute else None)
    return render_template(
        "care/questions.html",
        form=form,
        errors=form.errors,
        visit=ground.visit,
        patient=get_patient(scope, ground.visit.patient_id),
        location=ground.location,
        to_confirm=[{"value": key, "label": text} for key, text in needed.items()],
        chosen=form.chosen("confirmed"),
        told_before=answers_in_words(ground.catalogue, patients, before),
        **_sections(ground, questions, fields),
    )


def _sections(
    ground: VisitGround, questions: tuple[Question, ...], fields: Fields
) -> dict[str, Any]:
    own = _own_part(questions)
    theirs = tuple(one for one in questions if one not in own)
    return {
        "sections": question_sections(ground.catalogue, theirs, ground.facts, fields),
        "own_sections": question_sections(ground.catalogue, own, ground.facts, fields),
    }


def _own_part(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    """Return the questions that the practitioner answers, every time anew."""
    return tuple(one for one in questions if one.asked_of == "practitioner")


def _question_fields() -> Fields:
    return {name: value for name, value in posted_fields().items() if name not in _NOT_QUESTIONS}


def _is_of(name: str, questions: tuple[Question, ...]) -> bool:
    return name.partition("__")[0] in {one.id for one in questions}


def _as_fields(answers: Mapping[str, Answer]) -> dict[str, str | list[str]]:
    """Return answers as the page's fields, so that only what changed has to be touched."""
    fields: dict[str, str | list[str]] = {}
    for name, answer in answers.items():
        fields[name] = answer.value
        if answer.areas:
            fields[f"{name}__areas"] = list(answer.areas)
        if answer.on is not None:
            for part in ("year", "month", "day"):
                fields[f"{name}__on_{part}"] = str(getattr(answer.on, part))
    return fields


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
