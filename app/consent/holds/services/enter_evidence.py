"""A clinician enters evidence: a new version of the answers, with who saw what and when.

It clears a "not sure" that nothing else clears. It decides nothing: the hold stays for a decision.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import date

from app import audit
from app.catalogue.answers import UNSURE
from app.consent import queries
from app.consent.consent_facts import ground_of
from app.consent.errors import DecisionRefused, NotEligible
from app.consent.holds.services.decide_hold import lock_hold, may_decide
from app.consent.holds.services.open_hold import reopen_for_answers
from app.consent.screening.judging import AnswersNotUsable
from app.consent.screening.models import AnswersSource, ConsentAnswers
from app.consent.screening.questionnaire import parse_answers
from app.consent.screening.screen_answers import screen
from app.consent.screening.stored_answers import Origin, add_version, asked_of_patient, read_answers
from app.database import TenantScope
from app.plans.queries import get_plan_version

KINDS = {
    "test": "A test, such as a pregnancy test",
    "device_card": "A device card",
    "examination": "An examination",
    "letter": "A letter of a specialist",
}
SHORTEST_NOTE, LONGEST_NOTE = 5, 1000


@dataclass(frozen=True)
class Evidence:
    """What was seen: the question it answers, the answer, the kind, its day and a note."""

    question: str
    value: str
    kind: str
    seen_on: date
    note: str


def enter_evidence(scope: TenantScope, *, hold_id: uuid.UUID, evidence: Evidence) -> ConsentAnswers:
    """Store evidence as the next version of the answers.

    Raises HoldUnknown, HoldMoved, NotEligible, DecisionRefused or AnswersNotUsable.
    """
    consent, _ = lock_hold(scope, hold_id)
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    staff_id = scope.actor.id
    if scope.actor.kind != "staff" or staff_id is None:
        raise NotEligible("Only a clinician enters evidence.")
    latest = queries.find_latest_answers(scope, consent.id)
    if latest is None:
        raise DecisionRefused("The patient has not answered yet.")
    _check(evidence, ground.today)
    answer = may_decide(scope, staff_id=staff_id, ground=ground)
    if not answer.allowed:
        raise NotEligible(answer.reason)
    questions = asked_of_patient(ground)
    new, problems = parse_answers(
        questions, {evidence.question: evidence.value}, today=ground.today
    )
    if problems:
        raise AnswersNotUsable(problems)
    answers = {**read_answers(scope, consent, latest), **new}
    outcome = screen(scope, ground, answers)
    told = {**vars(evidence), "seen_on": evidence.seen_on.isoformat()}
    origin = Origin(AnswersSource.EVIDENCE, staff_id, json.dumps(told, ensure_ascii=False))
    row = add_version(scope, consent, answers, outcome, origin)
    reopen_for_answers(scope, consent)
    consent.version += 1
    audit.record(
        scope,
        "consent:evidence:enter",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        number=row.number,
        kind=evidence.kind,
    )
    return row


def _check(evidence: Evidence, today: date) -> None:
    wrong: dict[str, str] = {}
    if evidence.kind not in KINDS:
        wrong["evidence_kind"] = "Choose what was seen."
    if evidence.value == UNSURE:
        wrong["value"] = "Evidence says yes or no."
    if not date(1900, 1, 1) <= evidence.seen_on <= today:
        wrong["seen_on"] = "Enter the day of the evidence; it cannot be in the future."
    if not SHORTEST_NOTE <= len(evidence.note.strip()) <= LONGEST_NOTE:
        wrong["note"] = "Say in a few words what you saw."
    if wrong:
        raise DecisionRefused(next(iter(wrong.values())), fields=wrong)
