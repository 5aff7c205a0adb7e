"""The patient answers; the rules say on the server whether they may go on to sign.

Complete sets of answers are versions that are never overwritten. A hold stays open whatever is
answered later: a person looks at both.
"""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from app import audit
from app.catalogue.answers import Answer
from app.catalogue.rules import Question
from app.catalogue.shipped import canonical_json
from app.consent import queries
from app.consent.assembly import personal_risks_of
from app.consent.ciphers import close_text, open_text, put_shown
from app.consent.consent_facts import Ground, assemble_for, ground_of
from app.consent.drafts import save_page
from app.consent.form_fields import Fields, read_fields
from app.consent.models import Consent, ConsentAnswers, ConsentDraft, ConsentState, Hold
from app.consent.outcome import ScreeningOutcome
from app.consent.questionnaire import Problem, parse_answers, questions_for
from app.consent.screening import AnswersNotUsable, evaluate
from app.consent.steps import Step, require_step
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
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


def asked_of_patient(ground: Ground) -> tuple[Question, ...]:
    """Return the questions that this plan asks its patient."""
    return questions_for(ground.catalogue, ground.facts, visit_date=ground.visit_date)


def give_answers(scope: TenantScope, *, consent_id: uuid.UUID, fields: Fields) -> Given:
    """Take a page full of answers; what is wrong is named, and everything typed is kept.

    Raises NotReady or ConsentMoved where there is nothing to answer now.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    require_step(scope, consent, Step.QUESTIONS)
    save_page(scope, consent, "questions", fields)
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    questions = asked_of_patient(ground)
    raw = read_fields(questions, fields)
    answers, problems = parse_answers(questions, raw, today=ground.today)
    if problems:
        return Given(ConsentState(consent.state), problems)
    try:
        outcome = evaluate(ground.catalogue, answers, ground.facts, ground.visit_date, ground.today)
    except AnswersNotUsable as unusable:
        return Given(ConsentState(consent.state), unusable.problems)
    if outcome.missing:
        return Given(ConsentState(consent.state), missing=outcome.missing)
    _take(scope, consent, ground, answers, outcome)
    return Given(ConsentState(consent.state))


def read_answers(scope: TenantScope, consent: Consent, row: ConsentAnswers) -> dict[str, Answer]:
    """Return a stored set of answers."""
    text = open_text(
        scope, consent.patient_id, "consent_answers.answers", row.id, row.answers_cipher
    )
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    raw = json.loads(text)["answers"]
    answers, _ = parse_answers(asked_of_patient(ground), raw, today=ground.today)
    return answers


def read_outcome(scope: TenantScope, consent: Consent, row: ConsentAnswers) -> dict[str, Any]:
    """Return what the rules made of a stored set of answers, as JSON-ready values."""
    text = open_text(
        scope, consent.patient_id, "consent_answers.outcome", row.id, row.outcome_cipher
    )
    found: dict[str, Any] = json.loads(text)
    return found


def _take(
    scope: TenantScope,
    consent: Consent,
    ground: Ground,
    answers: Mapping[str, Answer],
    outcome: ScreeningOutcome,
) -> None:
    row = _new_version(scope, consent, answers, outcome)
    scope.session.add(row)
    consent.version += 1
    audit.record(
        scope,
        "consent:answers:give",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        number=row.number,
    )
    if consent.state == ConsentState.HELD:
        return
    if not outcome.may_sign:
        consent.state = ConsentState.HELD
        scope.session.add(_hold(scope, consent, row))
        audit.record(
            scope, "consent:hold:open", subject_id=consent.id, patient_id=consent.patient_id
        )
        return
    consent.state = ConsentState.CLEARED
    form = queries.get_form_version(scope, consent.form_version_id)
    put_shown(scope, consent, assemble_for(scope, form, ground, personal_risks_of(outcome)))


def _new_version(
    scope: TenantScope,
    consent: Consent,
    answers: Mapping[str, Answer],
    outcome: ScreeningOutcome,
) -> ConsentAnswers:
    latest = queries.find_latest_answers(scope, consent.id)
    row_id = new_id()
    text = canonical_json({"salt": secrets.token_hex(32), "answers": _plain(answers)})
    told = canonical_json(outcome.as_dict())
    return ConsentAnswers(
        tenant_id=scope.tenant_id,
        id=row_id,
        consent_id=consent.id,
        number=1 if latest is None else latest.number + 1,
        answers_cipher=close_text(
            scope, consent.patient_id, "consent_answers.answers", row_id, text
        ),
        answers_salted_sha256=sha256(text.encode()).digest(),
        outcome=outcome.action.value,
        outcome_cipher=close_text(
            scope, consent.patient_id, "consent_answers.outcome", row_id, told
        ),
        catalogue_version_id=consent.catalogue_version_id,
        made_at=now(),
    )


def _plain(answers: Mapping[str, Answer]) -> dict[str, dict[str, object]]:
    return {
        name: {
            "value": one.value,
            **({"on": one.on.isoformat()} if one.on else {}),
            **({"areas": list(one.areas)} if one.areas else {}),
        }
        for name, one in answers.items()
    }


def _hold(scope: TenantScope, consent: Consent, row: ConsentAnswers) -> Hold:
    return Hold(
        tenant_id=scope.tenant_id,
        id=new_id(),
        consent_id=consent.id,
        answers_id=row.id,
        outcome=row.outcome,
        opened_at=now(),
    )
