"""The patient answers; the rules say on the server whether they may go on to sign.

Complete sets of answers are versions that are never overwritten. A hold stays open whatever is
answered later: a person looks at both. A decision ends with the answers that it was about.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app import audit
from app.catalogue.answers import Answer
from app.catalogue.rules import Action
from app.consent import queries
from app.consent.consent_facts import Ground, ground_of
from app.consent.holds import queries as hold_queries
from app.consent.holds.decided import Decided, decisions_in_force
from app.consent.holds.models import DecisionKind, HoldOrigin
from app.consent.holds.services.open_hold import clear, open_hold_for, reopen_for_answers
from app.consent.models import Consent, ConsentDraft, ConsentState
from app.consent.screening.fields import Fields, read_fields
from app.consent.screening.judging import AnswersNotUsable
from app.consent.screening.models import ConsentAnswers
from app.consent.screening.outcome import ScreeningOutcome
from app.consent.screening.questionnaire import Problem, parse_answers
from app.consent.screening.screen_answers import screen
from app.consent.screening.stored_answers import (
    add_version,
    as_plain,
    asked_of_patient,
    plain_answers,
    read_outcome,
)
from app.consent.services.pause_consent import stop_for_answers
from app.consent.signing.drafts import save_page
from app.consent.signing.steps import Step, require_step
from app.database import TenantScope
from app.plans.queries import get_plan_version


@dataclass(frozen=True)
class Given:
    """What became of a set of answers: stored with its state, or what is wrong with it."""

    state: ConsentState
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_stored(self) -> bool:
        """Whether the answers were complete and possible."""
        return not (self.problems or self.missing)


def save_draft(
    scope: TenantScope, *, consent_id: uuid.UUID, page: str, sequence: int, fields: Fields
) -> ConsentDraft:
    """Keep what was typed on a page; raises DraftNotNewer, NotReady or ConsentMoved."""
    consent = queries.get_consent(scope, consent_id)
    require_step(scope, consent, Step(page))
    return save_page(scope, consent, page, fields, sequence)


def give_answers(scope: TenantScope, *, consent_id: uuid.UUID, fields: Fields) -> Given:
    """Take a page full of answers; what is wrong is named, and everything typed is kept.

    Raises NotReady or ConsentMoved where there is nothing to answer now.
    """
    consent = queries.lock_with_alike(scope, consent_id)
    require_step(scope, consent, Step.QUESTIONS)
    return take_answers(scope, consent, fields)


def take_answers(scope: TenantScope, consent: Consent, fields: Fields) -> Given:
    """Take a page full of answers, whoever typed them; its plan's consents are locked."""
    save_page(scope, consent, "questions", fields)
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    questions = asked_of_patient(ground)
    raw = read_fields(questions, fields)
    answers, problems = parse_answers(questions, raw, today=ground.today)
    if problems:
        return Given(ConsentState(consent.state), problems)
    try:
        outcome = screen(scope, ground, answers)
    except AnswersNotUsable as unusable:
        return Given(ConsentState(consent.state), unusable.problems)
    if outcome.missing:
        return Given(ConsentState(consent.state), missing=outcome.missing)
    _take(scope, consent, ground, answers, outcome)
    return Given(ConsentState(consent.state))


def _take(
    scope: TenantScope,
    consent: Consent,
    ground: Ground,
    answers: Mapping[str, Answer],
    outcome: ScreeningOutcome,
) -> None:
    """Store the answers as a version, and see whether a person has to look at them.

    The same answers again leave a decision as it is; any others end it.
    """
    before = queries.find_latest_answers(scope, consent.id)
    decided = decisions_in_force(scope, consent)
    if before is not None and decided and _is_same(scope, consent, before, answers):
        return
    row = add_version(scope, consent, answers, outcome)
    consent.version += 1
    audit.record(
        scope,
        "consent:answers:give",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        number=row.number,
    )
    if consent.state == ConsentState.HELD:
        reopen_for_answers(scope, consent)
    elif decided and not _was_asked_again(scope, consent, decided, before, outcome):
        ends = decided[-1].row.number
        open_hold_for(scope, consent, row, HoldOrigin.CHANGED, ends_number=ends)
    elif not outcome.may_sign:
        open_hold_for(scope, consent, row, HoldOrigin.ANSWERS)
    elif not decided and (_turned(before, outcome) or _was_barred(scope, consent, before, ground)):
        open_hold_for(scope, consent, row, HoldOrigin.CHANGED)
    else:
        clear(scope, consent)
    if consent.state == ConsentState.HELD:
        stop_for_answers(scope, consent, outcome, as_plain(answers))


def _is_same(
    scope: TenantScope, consent: Consent, before: ConsentAnswers, answers: Mapping[str, Answer]
) -> bool:
    return plain_answers(scope, consent, before) == as_plain(answers)


def _was_asked_again(
    scope: TenantScope,
    consent: Consent,
    decided: Sequence[Decided],
    before: ConsentAnswers | None,
    outcome: ScreeningOutcome,
) -> bool:
    """Return whether a wait is over, that somebody decided, and nothing else stood in the way.

    Then the new answer lifts it, as the rule says; a block that is gone is looked at all the same.
    """
    newest = decided[-1]
    return (
        newest.row.kind == DecisionKind.DELAY
        and newest.terms.asks_again
        and before is not None
        and before.outcome == Action.DEFER
        and outcome.may_sign
        and _only_waited(scope, consent, before)
    )


def _only_waited(scope: TenantScope, consent: Consent, before: ConsentAnswers) -> bool:
    """Return whether nothing but waits stood in the way: no review, and nothing "not sure"."""
    fired = read_outcome(scope, consent, before)["fired"]
    held = [one for one in fired if Action(one["action"]).strength >= Action.REVIEW.strength]
    return all(one["action"] == Action.DEFER and not one["unsure"] for one in held)


def _was_barred(
    scope: TenantScope, consent: Consent, before: ConsentAnswers | None, ground: Ground
) -> bool:
    """Return whether an answer to an earlier form barred the treatment that bars it no more.

    A new form is no way round the answer to the last one: not round a block, nor a "not sure" that
    only evidence clears, nor a wait that asks anew on a day which has not come.
    """
    earlier = None if before is not None else hold_queries.find_answers_before(scope, consent)
    if earlier is None or Action(earlier.outcome).strength < Action.REVIEW.strength:
        return False
    theirs = queries.get_consent(scope, earlier.consent_id)
    asked = ground.catalogue.question
    return any(
        _bars(rule, ground.today) and asked[rule["question_id"]].asked_of != "derived"
        for rule in read_outcome(scope, theirs, earlier)["fired"]
        if rule["question_id"] in asked
    )


def _bars(rule: Mapping[str, Any], today: date) -> bool:
    waits = rule["needs_new_answer"] and rule["earliest_date"]
    is_early = bool(waits) and date.fromisoformat(rule["earliest_date"]) > today
    return rule["action"] == Action.BLOCK or rule["needs_evidence"] or is_early


def _turned(before: ConsentAnswers | None, outcome: ScreeningOutcome) -> bool:
    """Return whether what stood in the way is gone with these answers."""
    held = before is not None and Action(before.outcome).strength >= Action.REVIEW.strength
    return held and outcome.may_sign
