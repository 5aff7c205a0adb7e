"""Everything about a hold on one screen: what fired and why, both versions of the answers, what was
decided before, and what may be decided now."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.catalogue.answers import NO, YES
from app.catalogue.content import Catalogue
from app.catalogue.rules import Question
from app.consent import queries
from app.consent.ciphers import open_text
from app.consent.consent_facts import Ground, ground_of
from app.consent.holds import queries as hold_queries
from app.consent.holds.decided import Decided, newest_of, read_decision
from app.consent.holds.decision import Findings, shortest_reason
from app.consent.holds.decision_words import decision_rows
from app.consent.holds.findings import findings_of, found_by_clinic
from app.consent.holds.models import DecisionKind, Hold, HoldOrigin
from app.consent.holds.outside import EMAIL
from app.consent.holds.services.decide_hold import may_decide
from app.consent.models import Consent
from app.consent.screening.fields import answers_in_words
from app.consent.screening.models import AnswersSource, ConsentAnswers
from app.consent.screening.stored_answers import asked_of_patient, read_answers, read_evidence
from app.database import TenantScope
from app.kit.clock import now
from app.kit.in_words import millimetres
from app.plans.queries import get_plan_version
from app.tenants.queries import get_staff

ORIGINS: Mapping[str, str] = {
    HoldOrigin.ANSWERS: "An answer of the patient stands in the way.",
    HoldOrigin.CHANGED: "The patient changed an answer. Compare both before you decide.",
    HoldOrigin.EXPIRED: "The decision has run out before the patient signed.",
    HoldOrigin.INCIDENT: "The clinic stopped the treatment after an incident.",
    HoldOrigin.ACUTE_CHECK: "The clinic stopped the treatment after the questions at a visit.",
    HoldOrigin.CLINIC: "The clinic stopped the treatment.",
}
CONFIDENCE = {
    "A": "primary text read",
    "B": "abstract, regulator page or manual",
    "C": "several trade pages agree",
    "D": "professional knowledge, not verified",
}
SOURCES = {
    AnswersSource.PATIENT: "the patient",
    AnswersSource.EVIDENCE: "evidence that the clinic saw",
    AnswersSource.REJUDGED: "the same answers, for another day of the visit",
}


def hold_view(scope: TenantScope, consent: Consent, hold: Hold) -> dict[str, Any]:
    """Return what the page of a hold shows to a clinician."""
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    findings = findings_of(scope, consent, hold)
    rows = hold_queries.list_answers(scope, consent.id)
    decisions = hold_queries.list_decisions(scope, consent.id)
    newest = newest_of(hold, decisions)
    pending = newest if newest is not None and _waits_for_second(scope, newest) else None
    me = scope.actor.id or uuid.UUID(int=0)
    return {
        "hold": hold,
        "origin": ORIGINS[hold.origin],
        "age": age_in_words(hold.opened_at, now()),
        "found": found_by_clinic(scope, consent, hold).get("reason", ""),
        "rules": [rule_view(one, findings, ground.catalogue) for one in findings.fired],
        "findings": findings,
        "answers_number": rows[-1].number if rows else 0,
        "versions": _versions(scope, consent, ground, rows),
        "decisions": [
            decision_view(scope, read_decision(scope, consent, one), ground.catalogue)
            for one in decisions
        ],
        "pending": pending,
        "is_stale": pending is not None and bool(rows) and pending.answers_id != rows[-1].id,
        "mine": pending is not None and pending.decided_by == me,
        "asked_outside": _asked_outside(scope, consent),
        "eligible": may_decide(scope, staff_id=me, ground=ground),
        "areas": [
            {
                "id": area,
                "title": ground.catalogue.area[area].title,
                "um": um,
                "mm": millimetres(um),
            }
            for area, um in ground.facts.areas.items()
        ],
        "has_anaesthetic": ground.facts.anaesthetic != "none",
        "shortest": shortest_reason(DecisionKind.SAFE, findings),
        "visit_date": ground.visit_date,
        "today": ground.today,
    }


def decision_view(scope: TenantScope, decided: Decided, catalogue: Catalogue) -> dict[str, Any]:
    """Return one decision as lines to read."""
    refused = decided.second is not None and not decided.second.agrees
    return {
        "row": decided.row,
        "lines": list(decision_rows(decided, catalogue)),
        "refused": decided.second if refused else None,
        "waits": _waits_for_second(scope, decided.row),
        "next_step": decided.terms.next_step,
    }


def age_in_words(since: datetime, at: datetime) -> str:
    """Return how long something waits: "3 hours", "2 days"."""
    minutes = max(0, int((at - since).total_seconds() // 60))
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {word}{'s' if count > 1 else ''}"
    return "less than a minute"


def _asked_outside(scope: TenantScope, consent: Consent) -> list[dict[str, Any]]:
    return [
        {
            "email": open_text(scope, consent.patient_id, EMAIL, one.id, one.email_cipher),
            "expires_at": one.expires_at,
            "by": get_staff(scope, one.asked_by).name,
        }
        for one in hold_queries.list_open_reviews(scope, consent.id)
    ]


def _waits_for_second(scope: TenantScope, row: Any) -> bool:
    return row.needs_second and hold_queries.find_agreement(scope, row.id) is None


def rule_view(rule: Mapping[str, Any], findings: Findings, catalogue: Catalogue) -> dict[str, Any]:
    """Return one rule that fired, with its sentence, its sources and what may be done about it."""
    titles = {one.id: one.title for one in catalogue.sources}
    return {
        "id": rule["rule_id"],
        "action": rule["action"],
        "word": rule["action"].replace("_", " "),
        "text": rule["clinician"],
        "question": catalogue.question[rule["question_id"]].text,
        "question_id": rule["question_id"],
        "areas": ", ".join(catalogue.area[one].title for one in rule["areas"]),
        "sources": [titles.get(one, one) for one in rule["source"]],
        "confidence": CONFIDENCE.get(rule["confidence"][:1], rule["confidence"]),
        "unsure": rule["unsure"],
        "earliest": rule["earliest_date"],
        "needs": rule["override_needs"],
        "never": rule["never"],
        "refer": (rule["refer"] or "").replace("_", " "),
        "barred": rule in findings.barred,
        "overridable": rule in findings.overridable,
        "lacks_evidence": rule in findings.lacking_evidence,
        "waits": rule in findings.waiting,
        "shortenable": rule in findings.shortenable,
        "proofs": [
            _proof_view(catalogue.question[one])
            for one in findings.unproved.get(rule["rule_id"], ())
            if rule in findings.lacking_evidence
        ],
    }


def _proof_view(question: Question) -> dict[str, Any]:
    """Return a question that evidence has to answer; a date is asked for where one belongs."""
    words = {YES: "Yes", NO: "No", **question.labels}
    choices = [{"value": one.id, "label": one.text} for one in question.choices]
    return {
        "id": question.id,
        "text": question.text,
        "takes_day": question.answer == "date_or_no",
        "options": choices or [{"value": one, "label": words[one]} for one in (YES, NO)],
    }


def _versions(
    scope: TenantScope, consent: Consent, ground: Ground, rows: Sequence[ConsentAnswers]
) -> dict[str, Any]:
    """Return the newest answers beside the ones before, with what changed marked."""
    if not rows:
        return {"lines": [], "changed": [], "now": None, "before": None, "evidence": []}
    asked = asked_of_patient(ground)
    pairs = [(consent, row) for row in rows[-2:]]
    earlier = hold_queries.find_answers_before(scope, consent) if len(rows) == 1 else None
    if earlier is not None:
        pairs.insert(0, (queries.get_consent(scope, earlier.consent_id), earlier))
    given = [read_answers(scope, whose, row) for whose, row in pairs]
    told = [dict(answers_in_words(ground.catalogue, asked, one)) for one in given]
    quiet = {one.text for one in asked if one.id in given[-1] and given[-1][one.id].value == NO}
    newest, before = told[-1], told[0] if len(told) > 1 else {}
    questions = list(dict.fromkeys((*newest, *before)))
    lines = [(one, before.get(one, ""), newest.get(one, "")) for one in questions]
    return {
        "lines": lines,
        "changed": [one for one in lines if before and one[1] != one[2]],
        "noteworthy": [(one, said) for one, _, said in lines if said and one not in quiet],
        "now": rows[-1],
        "before": pairs[0][1] if before else None,
        "is_other_form": earlier is not None,
        "sources": SOURCES,
        "evidence": [
            _evidence(scope, consent, row) for row in rows if row.source == AnswersSource.EVIDENCE
        ],
    }


def _evidence(scope: TenantScope, consent: Consent, row: ConsentAnswers) -> dict[str, Any]:
    told = read_evidence(scope, consent, row) or {}
    by = "" if row.entered_by is None else get_staff(scope, row.entered_by).name
    return {**told, "by": by, "at": row.made_at, "number": row.number}
