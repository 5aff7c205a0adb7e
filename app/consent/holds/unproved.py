"""What was answered "not sure" and may be cleared by evidence alone, question by question.

A later answer of the patient's own is no evidence. Evidence clears the very question that it
answers, so that a follow-up ("is your blood sugar too high?") is proved by itself.
"""

from collections.abc import Mapping
from typing import Any

from app.catalogue.answers import UNSURE
from app.catalogue.content import Catalogue
from app.consent.holds import queries as hold_queries
from app.consent.holds.models import Hold
from app.consent.models import Consent
from app.consent.screening.judging import own_questions
from app.consent.screening.models import AnswersSource, ConsentAnswers
from app.consent.screening.stored_answers import plain_answers, read_evidence, read_outcome
from app.database import TenantScope

Unproved = Mapping[str, tuple[str, ...]]


def unproved_answers(scope: TenantScope, consent: Consent, catalogue: Catalogue) -> Unproved:
    """Return, by rule, the questions that were "not sure" in any version and lack evidence."""
    lacking: dict[str, None] = {}
    for row in hold_queries.list_answers(scope, consent.id):
        lacking.pop(_seen_in(scope, consent, row), None)
        given = plain_answers(scope, consent, row)
        for rule in read_outcome(scope, consent, row)["fired"]:
            lacking |= dict.fromkeys(_unsure_of(rule, given, catalogue))
    return _by_rule(frozenset(lacking), catalogue)


def unproved_at_visit(
    scope: TenantScope, consent: Consent, hold: Hold, found: Mapping[str, Any], catalogue: Catalogue
) -> Unproved:
    """Return the same for what a clinic found at a visit; only evidence from since then counts."""
    given = found.get("answers", {})
    lacking = {
        name for rule in found.get("fired", ()) for name in _unsure_of(rule, given, catalogue)
    }
    seen = {_seen_in(scope, consent, row) for row in evidence_since(scope, consent, hold)}
    return _by_rule(frozenset(lacking - seen), catalogue)


def evidence_since(scope: TenantScope, consent: Consent, hold: Hold) -> list[ConsentAnswers]:
    """Return the evidence that was entered since a hold was opened, the oldest first."""
    return [
        row
        for row in hold_queries.list_answers(scope, consent.id)
        if row.source == AnswersSource.EVIDENCE and row.made_at >= hold.opened_at
    ]


def _seen_in(scope: TenantScope, consent: Consent, row: ConsentAnswers) -> str:
    """Return the question that a version gives evidence for, or ""."""
    if row.source != AnswersSource.EVIDENCE:
        return ""
    return str((read_evidence(scope, consent, row) or {}).get("question", ""))


def _unsure_of(
    rule: Mapping[str, Any], given: Mapping[str, Any], catalogue: Catalogue
) -> tuple[str, ...]:
    """Return the "not sure" behind a stored rule that asks for evidence."""
    if not rule["needs_evidence"]:
        return ()
    own = own_questions(catalogue.rule[rule["rule_id"]], catalogue)
    return tuple(name for name in own if given.get(name, {}).get("value") == UNSURE)


def _by_rule(lacking: frozenset[str], catalogue: Catalogue) -> Unproved:
    found = (
        (rule.id, tuple(one for one in own_questions(rule, catalogue) if one in lacking))
        for rule in catalogue.rules
    )
    return {rule: questions for rule, questions in found if questions}
