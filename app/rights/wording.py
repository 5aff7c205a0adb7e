"""Requests, limits and decisions in plain words, the same on pages, in messages and in exports."""

from datetime import date

from app.rights.models import DecisionState, RightsDecision

CLASS_WORDS = {
    "marketing": "Marketing and photos for marketing",
    "contact": "Addresses, phone numbers and messages",
    "clinical": "The record of treatment",
    "financial": "Invoices and receipts",
}
REASON_WORDS = {
    "objected": "nobody may use it for marketing any more",
    "no_longer_needed": "it is not needed any more",
    "visit_planned": "a visit is planned, so we must be able to reach the patient",
    "consent_in_force": "a consent is in force or being signed, and its papers go there",
    "sessions_left": "treatments were bought and are still to come",
    "aftercare": "the last treatment was less than 60 days ago",
    "nothing_recorded": "nothing was recorded that has to be kept",
    "time_is_over": "the time for which it had to be kept is over",
    "kept": "it has to be kept",
    "treated_since": "the patient was treated again, so it is kept for longer",
}
BASIS_WORDS = {"law": "the law", "guidance": "guidance", "clinic": "the clinic's policy"}
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


def in_words(day: date) -> str:
    """Return a day as people say it."""
    return f"{day.day} {day:%B %Y}"


def decision_sentence(one: RightsDecision, backup_days: int) -> str:
    """Return what becomes of one class, why and when, in one or two sentences."""
    what, why = CLASS_WORDS[one.retention], REASON_WORDS[one.reason]
    if one.state == DecisionState.DONE:
        at = in_words(one.carried_out_at.date()) if one.carried_out_at else ""
        return f"{what}: erased on {at}. {backup_sentence(backup_days)}"
    if one.state == DecisionState.CANCELLED:
        return f"{what}: called off."
    if one.state == DecisionState.HELD:
        return f"{what}: not erased for now, because a legal reason forbids it."
    if one.due_on is None:
        return f"{what}: kept for now, because {why}. It is erased as soon as that is over."
    if one.years is None or one.counted_from is None:
        return f"{what}: erased now, because {why}. {backup_sentence(backup_days)}"
    if one.reason == "time_is_over":
        return f"{what}: erased now, because {why}. {backup_sentence(backup_days)}"
    return (
        f"{what}: kept and not used until {in_words(one.due_on)}. {_upper(BASIS_WORDS[one.basis])}"
        f" asks for {one.years} years from {in_words(one.counted_from)}. Then it is erased."
    )


def backup_sentence(days: int) -> str:
    """Return what holds for copies that already lie in backups."""
    return f"Copies in backups cannot be read either after {days} days at the latest."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
