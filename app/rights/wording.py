"""Requests, limits and decisions in plain words, the same on pages, in messages and in exports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.kit.in_words import date_in_words
from app.kit.speech import mark, say
from app.rights.models import DecisionState, RightsDecision

CLASS_WORDS = {
    "marketing": mark("Marketing and photos for marketing"),
    "contact": mark("Addresses, phone numbers and messages"),
    "clinical": mark("The record of treatment"),
    "financial": mark("Invoices and receipts"),
}
REASON_WORDS = {
    "objected": mark("nobody may use it for marketing any more"),
    "no_longer_needed": mark("it is not needed any more"),
    "visit_planned": mark("a visit is planned, so we must be able to reach the patient"),
    "consent_in_force": mark("a consent is in force or being signed, and its papers go there"),
    "sessions_left": mark("treatments were bought and are still to come"),
    "aftercare": mark("the last treatment was less than 60 days ago"),
    "nothing_recorded": mark("nothing was recorded that has to be kept"),
    "time_is_over": mark("the time for which it had to be kept is over"),
    "kept": mark("it has to be kept"),
    "treated_since": mark("the patient was treated again, so it is kept for longer"),
}
BASIS_WORDS = {
    "law": mark("the law"),
    "guidance": mark("guidance"),
    "clinic": mark("the clinic's policy"),
}
KIND_WORDS = {
    "access": "A copy of their data",
    "rectification": "A correction",
    "restriction": "That their data is kept and not used",
    "objection": "No marketing",
    "erasure": "Erasure",
}
CHANNEL_WORDS = {
    "in_person": "In person",
    "phone": "By phone",
    "email": "By email",
    "letter": "By letter",
    "representative": "Through somebody who acts for them",
}
IDENTIFIED_WORDS = {
    "id_document": "They showed an identity document",
    "known_in_person": "I know them in person",
    "contact_on_file": "They answered from the address or number on file",
    "not_yet": "Nobody has made sure yet",
}
LIMIT_WORDS = {
    "legal_hold": "Legal hold",
    "restriction": "Kept, not used",
    "marketing_objection": "No marketing",
}
LIMIT_REASON_WORDS = {
    "claim": "A legal claim",
    "complaint": "A complaint",
    "regulator": "A regulator asks",
    "court_order": "A court's order",
    "insurer": "An insurer asks",
    "police": "The police ask",
    "accuracy_contested": "The patient says that something is wrong",
    "objection_pending": "An objection is being looked at",
    "unlawful_kept": "The patient wants it kept and not erased",
    "needed_for_claim": "The patient needs it for a claim",
    "awaiting_erasure": "Waits to be erased",
    "asked": "The patient asked",
}

_SETTLED: Mapping[str, str] = {
    DecisionState.DONE: mark("%(what)s: erased on %(done)s."),
    DecisionState.CANCELLED: mark("%(what)s: called off."),
    DecisionState.HELD: mark("%(what)s: not erased for now, because a legal reason forbids it."),
}
_WAITS = mark("%(what)s: kept for now, because %(why)s. It is erased as soon as that is over.")
_ERASED_NOW = mark("%(what)s: erased now, because %(why)s.")
_KEPT = mark(
    "%(what)s: kept and not used until %(day)s. %(basis)s asks for %(years)s years from %(since)s."
    " Then it is erased."
)


def in_words(day: date) -> str:
    """Return a day as people say it."""
    return date_in_words(day)


def decision_sentence(one: RightsDecision, backup_days: int) -> str:
    """Return what becomes of one class, why and when, in one or two sentences."""
    told = _becomes(one)
    is_gone = one.state == DecisionState.DONE or told is _ERASED_NOW
    sentence = say(
        told,
        what=say(CLASS_WORDS[one.retention]),
        why=say(REASON_WORDS[one.reason]),
        day=in_words(one.due_on) if one.due_on else "",
        done=in_words(one.carried_out_at.date()) if one.carried_out_at else "",
        basis=_upper(say(BASIS_WORDS[one.basis])),
        years=one.years,
        since=in_words(one.counted_from) if one.counted_from else "",
    )
    return f"{sentence} {backup_sentence(backup_days)}" if is_gone else sentence


@dataclass(frozen=True)
class DecisionsInWords:
    """What was decided, line by line, put into words only when its language is known."""

    decided: tuple[RightsDecision, ...]
    backup_days: int

    def __str__(self) -> str:
        return "\n".join(f"- {decision_sentence(one, self.backup_days)}" for one in self.decided)


def _becomes(one: RightsDecision) -> str:
    if one.state in _SETTLED:
        return _SETTLED[one.state]
    if one.due_on is None:
        return _WAITS
    is_dated = one.years is not None and one.counted_from is not None
    return _KEPT if is_dated and one.reason != "time_is_over" else _ERASED_NOW


def backup_sentence(days: int) -> str:
    """Return what holds for copies that already lie in backups."""
    return say(
        "Copies in backups cannot be read either after %(days)s days at the latest.", days=days
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
