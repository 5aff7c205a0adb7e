"""A practitioner asks the short questions again: what is answered now is a new row, always."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app import audit
from app.care import queries
from app.care.acute import (
    AskedAnswers,
    acute_questions,
    asked_as_json,
    consented_answers,
    judge_answers,
    previous_answers,
)
from app.care.confirmations import needed_confirmations
from app.care.errors import AcuteAnswersIncomplete, FlipUnexplained, VisitClosed
from app.care.models import AcuteCheck
from app.care.visit_ground import VisitGround, ground_of_visit
from app.catalogue.answers import Answer
from app.catalogue.rules import Action, Question
from app.consent.holds.standing_queries import map_active
from app.consent.holds.standing_rules import apply_standing
from app.consent.screening.judging import AnswersNotUsable
from app.consent.screening.outcome import ScreeningOutcome
from app.consent.screening.questionnaire import parse_answers
from app.database import TenantScope
from app.kit.clock import day_in, now
from app.kit.ids import new_id
from app.patients.services.limit_use import require_unrestricted
from app.plans.models import VisitState
from app.plans.queries import get_visit_for_update
from app.vault import encrypt_field

OPEN = frozenset({VisitState.PLANNED, VisitState.ARRIVED})
SHORTEST_REASON = 5


@dataclass(frozen=True)
class Asked:
    """What came in: answers by question id, as the questionnaire reads them.

    ``nothing_changed`` fills every question of the patient that was left open with what they said
    the last time. ``what_changed`` explains why something that stood in the way is gone.
    ``confirmed`` are the keys of what the practitioner confirms; unknown ones are not kept.
    """

    answers: Mapping[str, object]
    nothing_changed: bool = False
    what_changed: str | None = None
    confirmed: Collection[str] = ()


def record_acute_check(scope: TenantScope, *, visit_id: uuid.UUID, asked: Asked) -> AcuteCheck:
    """Keep one set of answers and judge it for the day of the visit.

    Raises VisitClosed, ProcessingRestricted, PatientDeceased, AnswersNotUsable,
    AcuteAnswersIncomplete with the open questions, or FlipUnexplained where an earlier answer of
    this visit stood in the way and this one does not.
    """
    # The lock puts two tablets one after another, so that the later one sees the earlier answers.
    visit = get_visit_for_update(scope, visit_id)
    require_unrestricted(scope, visit.patient_id)
    if visit.state not in OPEN:
        raise VisitClosed(f"This visit is {visit.state}; there is nothing more to ask.")
    ground = ground_of_visit(scope, visit_id, at=now())
    visit_date = max(ground.today, day_in(visit.planned_at, ground.location.zone))
    answers = _read(scope, ground, asked, visit_date)
    outcome = judge_answers(
        ground,
        consented_answers(scope, ground),
        answers,
        visit_date=visit_date,
        asked_on=ground.today,
    )
    _refuse_unexplained_flip(scope, visit_id, outcome, asked.what_changed)
    stands = apply_standing(outcome, ground.catalogue, map_active(scope))
    needed = needed_confirmations(scope, ground, stands)
    confirmed = tuple(one for one in needed if one in asked.confirmed)
    return _keep(scope, ground, AskedAnswers(answers, asked.what_changed, confirmed), outcome)


def _read(
    scope: TenantScope, ground: VisitGround, asked: Asked, visit_date: date
) -> dict[str, Answer]:
    questions = acute_questions(ground.catalogue, ground.facts, visit_date)
    answers, problems = parse_answers(questions, asked.answers, today=ground.today)
    if problems:
        raise AnswersNotUsable(problems)
    if asked.nothing_changed:
        answers = {**previous_answers(scope, ground, questions), **answers}
    missing = _missing(questions, answers)
    if missing:
        raise AcuteAnswersIncomplete(
            "Please answer every question.", questions=[one.id for one in missing]
        )
    return answers


def _missing(questions: Sequence[Question], answers: Mapping[str, Answer]) -> list[Question]:
    return [
        one
        for one in questions
        if one.id not in answers
        and (one.follows is None or answers.get(one.follows, Answer("no")).value != "no")
    ]


def _refuse_unexplained_flip(
    scope: TenantScope, visit_id: uuid.UUID, outcome: ScreeningOutcome, what_changed: str | None
) -> None:
    if outcome.is_held:
        return
    newest = next(iter(queries.list_acute_checks(scope, visit_id)), None)
    stood_in_the_way = (
        newest is not None and Action(newest.outcome).strength >= Action.REVIEW.strength
    )
    if stood_in_the_way and len((what_changed or "").strip()) < SHORTEST_REASON:
        raise FlipUnexplained(
            "An earlier answer stood in the way of this treatment. Say what changed since.",
            fields={"what_changed": "Say what changed since the earlier answers."},
        )


def _keep(
    scope: TenantScope, ground: VisitGround, asked: AskedAnswers, outcome: ScreeningOutcome
) -> AcuteCheck:
    check_id, patient_id = new_id(), ground.visit.patient_id
    check = AcuteCheck(
        tenant_id=scope.tenant_id,
        id=check_id,
        visit_id=ground.visit.id,
        patient_id=patient_id,
        answers_cipher=encrypt_field(
            scope,
            patient_id=patient_id,
            place="acute_check.answers",
            row_id=check_id,
            text=asked_as_json(asked),
        ),
        outcome=outcome.action.value,
        outcome_cipher=encrypt_field(
            scope,
            patient_id=patient_id,
            place="acute_check.outcome",
            row_id=check_id,
            text=json.dumps(outcome.as_dict(), ensure_ascii=False),
        ),
        made_at=now(),
        made_by=scope.actor.id,
    )
    scope.session.add(check)
    audit.record(
        scope,
        "care:acute_check:record",
        subject_id=check.id,
        patient_id=patient_id,
        visit_id=ground.visit.id,
    )
    return check
