"""Every check before a start but those of people and things: visit, consent, health, areas, days.

Each yields the reasons that it finds, none where all is well; no check hides another.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.care.answer import Fix, Reason, Topic
from app.care.intended import Case
from app.catalogue.facts import earliest_by_interval
from app.catalogue.rules import Action
from app.database import TenantScope
from app.kit.in_words import day_in_words
from app.patients.services.limit_use import is_restricted
from app.plans.models import VisitState

STARTABLE = frozenset({VisitState.PLANNED, VisitState.ARRIVED})
_VISIT_WORDS = {
    VisitState.STARTED: "This visit has started already.",
    VisitState.COMPLETED: "This visit is over.",
    VisitState.CANCELLED: "This visit was cancelled.",
    VisitState.MISSED: "The patient did not come to this visit.",
}


def check_use(scope: TenantScope, case: Case) -> Iterator[Reason]:
    """The patient's data may be used and not only kept (GDPR article 18(2))."""
    if is_restricted(scope, case.ground.visit.patient_id):
        yield Reason(
            "data_restricted",
            Topic.PATIENT,
            "This patient's data may only be kept at present.",
            "Talk with the patient; the restriction is lifted under Rights and data.",
            Fix.RIGHTS,
        )


def check_visit(case: Case) -> Iterator[Reason]:
    """The visit is still to come, or the patient is here."""
    state = VisitState(case.ground.visit.state)
    if state in STARTABLE:
        return
    next_step = "Plan another visit for another treatment."
    if state is VisitState.STARTED:
        next_step = "Open the treatment and record what was done."
    yield Reason(
        f"visit_{state.value}", Topic.VISIT, _VISIT_WORDS[state], next_step, Fix.PLAN_VISIT
    )


def check_consent(case: Case) -> Iterator[Reason]:
    """The patient's consent is in force at this instant."""
    if case.ground.standing.allowed:
        return
    for text in case.ground.standing.reasons:
        yield Reason(
            "no_consent",
            Topic.CONSENT,
            text,
            "Open the consent: it shows the next step, or lets you ask for a new one.",
            Fix.CONSENT,
        )


def check_add_ons(case: Case) -> Iterator[Reason]:
    """Each add-on of the plan has a consent of its own in force (rule ``add_on_prp``)."""
    titles = {one.id: one.title for one in case.ground.catalogue.add_ons}
    for add_on in sorted(case.ground.facts.add_ons - case.ground.add_ons_agreed):
        yield Reason(
            "no_add_on_consent",
            Topic.CONSENT,
            f"The patient has not agreed to what is added: {titles.get(add_on, add_on)}.",
            "Send the form for the add-on, or agree on a plan without it.",
            Fix.CONSENT,
        )


def check_health(case: Case) -> Iterator[Reason]:
    """The short questions were answered within 48 hours, and nothing in them stands in the way."""
    acute = case.acute
    if acute is None:
        yield _ask_again("health_not_asked", "Today's short health questions are not answered yet.")
        return
    if not acute.is_fresh:
        text = "The short health questions were answered more than 48 hours ago."
        yield _ask_again("health_too_old", text)
        return
    if not acute.outcome.is_complete or acute.outcome.missing_practitioner:
        text = "Some of the short health questions are not answered yet."
        yield _ask_again("health_incomplete", text)
    if acute.outcome.is_held:
        yield _held(case)
    elif acute.unconfirmed:
        # How many and not which: they would tell a front desk what was answered.
        yield Reason(
            "not_confirmed",
            Topic.HEALTH,
            "Something that is confirmed at each visit is not confirmed yet.",
            "The practitioner opens the short questions and confirms each line.",
            Fix.ASK_HEALTH,
        )


def _ask_again(code: str, text: str) -> Reason:
    return Reason(
        code,
        Topic.HEALTH,
        text,
        "Ask them now; it takes about two minutes.",
        Fix.ASK_HEALTH,
    )


def _held(case: Case) -> Reason:
    # Neither what was answered nor which rule it met: a front desk needs the consequence alone.
    outcome = case.acute.outcome if case.acute else None
    if outcome is not None and outcome.action is Action.DEFER and outcome.earliest_date:
        day = day_in_words(outcome.earliest_date)
        return Reason(
            "health_wait",
            Topic.HEALTH,
            f"After today's health answers this has to wait until {day}.",
            "Plan the visit on that day or later, and ask again then.",
            Fix.PLAN_VISIT,
        )
    if outcome is not None and outcome.action is Action.REVIEW:
        return Reason(
            "health_review",
            Topic.HEALTH,
            "A clinician has to look at today's health answers first.",
            "The practitioner opens the answers and talks with the patient.",
            Fix.ASK_HEALTH,
        )
    return Reason(
        "health_stop",
        Topic.HEALTH,
        "Today's health answers do not allow this treatment.",
        "The practitioner opens the answers, explains it, and plans another day with the patient.",
        Fix.PLAN_VISIT,
    )


def check_areas(case: Case) -> Iterator[Reason]:
    """Every area is covered by the consent, down to the depth that is intended."""
    standing = case.ground.standing
    if not case.areas:
        yield Reason(
            "no_area",
            Topic.AREA,
            "No area is chosen that the consent covers.",
            "Choose an area, or change the plan and ask for consent to it.",
            Fix.CHANGE_PLAN,
        )
    if not standing.allowed:
        return
    for area, depth_um in case.areas.items():
        title, granted = case.ground.title_of(area), standing.areas.get(area)
        if granted is None:
            yield Reason(
                "area_not_covered",
                Topic.AREA,
                f"{title}: the patient has not agreed to this area.",
                "Leave it out, or change the plan and ask for consent to it.",
                Fix.CHANGE_PLAN,
            )
        elif depth_um > granted:
            yield Reason(
                "too_deep",
                Topic.AREA,
                f"{title}: agreed to {granted / 1000:g} mm and no deeper, not"
                f" {depth_um / 1000:g} mm.",
                f"Go no deeper than {granted / 1000:g} mm, or ask for consent to more.",
                Fix.CHOOSE,
            )


def check_intervals(case: Case) -> Iterator[Reason]:
    """Each area has had its shortest interval since it was last treated, in whatever way."""
    ground = case.ground
    # What is intended counts, not what was planned: both may differ.
    facts = replace(ground.facts, areas=case.areas)
    earliest = earliest_by_interval(ground.catalogue, facts)
    for area, last in ground.facts.last_treatment.items():
        first = earliest.get(area)
        if area not in case.areas or first is None or ground.today >= first:
            continue
        if case.shortened_on is not None and last < case.shortened_on:
            continue  # A clinician shortened this very interval, with a reason.
        yield Reason(
            "too_soon",
            Topic.INTERVAL,
            f"{ground.title_of(area)}: last treated on {day_in_words(last)}. The earliest day is"
            f" {day_in_words(first)}.",
            "Leave the area out, or plan the visit on that day or later.",
            Fix.PLAN_VISIT,
        )
