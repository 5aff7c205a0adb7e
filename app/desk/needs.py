"""What is missing before a patient can be treated, in words, with the one act that fixes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.consent.models import ConsentState
from app.consent.queries import UNSIGNED
from app.desk.queries import ConsentLine, DepositDue, PlanLine
from app.kit.clock import now
from app.kit.money import format_money

# State → (word, kind of the tag). The word alone says it; the kind only helps.
CONSENT_WORDS: Mapping[str, tuple[str, str]] = {
    ConsentState.SENT: ("Consent form sent", "wait"),
    ConsentState.OPENED: ("Patient is answering", "wait"),
    ConsentState.HELD: ("On hold", "stop"),
    ConsentState.CLEARED: ("Patient may sign", "wait"),
    ConsentState.SIGNED: ("Waits for attestation", "wait"),
    ConsentState.ACTIVE: ("Consent in force", "good"),
    ConsentState.DECLINED: ("Patient said no", "stop"),
    ConsentState.WITHDRAWN: ("Consent withdrawn", "stop"),
    ConsentState.SUPERSEDED: ("Replaced by a newer form", "plain"),
    ConsentState.VOIDED: ("Form called back", "plain"),
    ConsentState.NOT_SAFE: ("Not safe now", "stop"),
    ConsentState.PAUSED: ("On hold after signing", "stop"),
    ConsentState.EXPIRED: ("Has run out", "stop"),
}
# What is said beside the state of a consent.
WISHES_PAPER = ("Wants to sign on paper", "wait")
ENTERED_LATER = ("Signed on paper, entered later", "info")
VISIT_WORDS: Mapping[str, tuple[str, str]] = {
    "planned": ("Planned", "plain"),
    "arrived": ("Here", "info"),
    "started": ("Treatment started", "info"),
    "completed": ("Treated", "good"),
    "cancelled": ("Cancelled", "plain"),
    "missed": ("Did not come", "plain"),
}


@dataclass(frozen=True)
class Need:
    """A thing that is missing: its word, the tag's kind, and the act that fixes it.

    ``path`` is below the clinic's address; empty where nothing but waiting helps.
    """

    word: str
    kind: str
    act: str = ""
    path: str = ""


def consent_marks(consent: ConsentLine | None) -> tuple[tuple[str, str], ...]:
    """Return what is said of a consent beside its state: a wish for paper, or a later entry."""
    if consent is None:
        return ()
    wishes = consent.paper_wished_at is not None and consent.state in UNSIGNED
    later = consent.is_entered_later
    return (*((WISHES_PAPER,) if wishes else ()), *((ENTERED_LATER,) if later else ()))


def consent_need(line: PlanLine, consent: ConsentLine | None, at: datetime) -> Need | None:
    """Return what stands between a plan and its treatment on the side of consent, or None."""
    plan = f"/plans/{line.plan.id}"
    if not line.is_discussed:
        again = line.plan.talk_again_since is not None
        word = "To be talked over after an incident" if again else "Not discussed yet"
        return Need(word, "stop", "Record the discussion", f"{plan}/discussion")
    if consent is None:
        return Need("No consent form sent", "stop", "Send the consent form", plan)
    page = f"/consents/{consent.id}"
    word, kind = CONSENT_WORDS[consent.state]
    if consent.locked_at is not None and consent.state in UNSIGNED:
        return Need("Link locked after wrong tries", "stop", "Send a new link", page)
    if consent.open_questions and consent.state in UNSIGNED:
        return Need("Patient asked a question", "wait", "Answer it", f"{page}#asked")
    match ConsentState(consent.state):
        case ConsentState.ACTIVE:
            return _in_force(line, consent, at)
        case ConsentState.SIGNED:
            return Need(word, kind, "Attest", page)
        case ConsentState.HELD | ConsentState.PAUSED:
            return Need(word, kind, "See what it waits for", page)
        case ConsentState.SENT | ConsentState.OPENED | ConsentState.CLEARED:
            return _unsigned(consent, page)
        case _:
            return Need(word, kind, "Talk it over again", plan)


def _unsigned(consent: ConsentLine, page: str) -> Need:
    if consent.paper_wished_at is not None:
        return Need(*WISHES_PAPER, "Print the form", f"{page}/paper")
    if consent.link_expires_at <= now():
        return Need("Link has run out", "stop", "Send a new link", page)
    return Need(*CONSENT_WORDS[consent.state], "Help them sign", page)


def withdrawn_need(withdrawn_at: datetime | None, zone: str) -> Need | None:
    """Return that a visit stands under a consent that was taken back, or None.

    Also where a newer form is out already: until that is confirmed, nobody has agreed.
    """
    if withdrawn_at is None:
        return None
    there = withdrawn_at.astimezone(ZoneInfo(zone))
    word = f"Consent withdrawn {there.day} {there:%b}, {there:%H:%M}"
    return Need(word, "stop", "See what is left to do", "/withdrawals")


def _in_force(line: PlanLine, consent: ConsentLine, at: datetime) -> Need | None:
    plan = f"/plans/{line.plan.id}"
    if consent.plan_version_id != line.version.id:
        return Need("Plan changed after consent", "wait", "Send a new form", plan)
    if consent.valid_until is not None and consent.valid_until <= at:
        return Need("Consent will have run out", "stop", "Send a new form", plan)
    return None


def money_need(deposit: DepositDue | None) -> Need | None:
    """Return what is owed before the visit; money never stops a treatment."""
    if deposit is None:
        return None
    amount = format_money(deposit.due_minor, deposit.currency)
    path = f"/purchases/{deposit.purchase_id}"
    return Need(f"Deposit of {amount} not paid", "wait", "Ask for the deposit", path)


def needs_of(
    line: PlanLine,
    consent: ConsentLine | None,
    deposit: DepositDue | None,
    at: datetime,
    withdrawn: Need | None = None,
) -> list[Need]:
    """Return everything that is missing for a visit at a moment, the most urgent first."""
    own = consent_need(line, consent, at)
    if withdrawn is not None and consent is not None:
        own = own if consent.state != ConsentState.WITHDRAWN else None
    return [need for need in (withdrawn, own, money_need(deposit)) if need is not None]


def areas_in_words(areas: Mapping[str, int], titles: Mapping[str, str]) -> str:
    """Return areas with their depths: "Cheeks to 1 mm, Forehead to 0.5 mm"."""
    return ", ".join(f"{titles.get(area, area)} to {um / 1000:g} mm" for area, um in areas.items())
