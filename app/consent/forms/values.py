"""The values that stand for the names in a form, in words, from the plan and the catalogue."""

from dataclasses import dataclass
from datetime import date

from app.catalogue.content import Catalogue
from app.catalogue.facts import PlanFacts
from app.consent.forms.risk_blocks import PersonalRisk
from app.kit.in_words import day_in_words, millimetres, money_in_words
from app.kit.speech import isolated, mark, say, say_many

_ANAESTHETICS = {
    "none": mark("None"),
    "otc": mark("a cream bought without prescription"),
    "pharmacy": mark("a cream from the pharmacy"),
    "prescription": mark("a cream on prescription"),
}


@dataclass(frozen=True)
class ConsentFacts:
    """Everything about one consent that its text says.

    Money is in minor units of ``currency``; ``deposit_minor`` is None where no deposit is asked.
    ``personal_risks`` are what screening found for this patient, ``left_out`` pairs of area id and
    spot that is not treated.
    """

    plan: PlanFacts
    visit_date: date
    patient_name: str
    clinic_name: str
    clinic_contact: str
    location_name: str
    location_address: str
    practitioner_name: str
    practitioner_qualification: str
    practitioner_registration: str
    responsible_name: str
    sessions: int
    interval_days: int
    price_minor: int
    currency: str
    deposit_minor: int | None = None
    deposit_terms: str = ""
    price_terms: str = ""
    anaesthetic_name: str = ""
    left_out: tuple[tuple[str, str], ...] = ()
    what_matters: str = ""
    discussed_on: date | None = None
    expires_on: date | None = None
    personal_risks: tuple[PersonalRisk, ...] = ()


def values_of(catalogue: Catalogue, facts: ConsentFacts, add_on: str | None) -> dict[str, str]:
    """Return what stands for each name, so that it keeps its own direction in the sentence."""
    plain = _plain_values(catalogue, facts, add_on)
    return {name: str(isolated(text)) for name, text in plain.items()}


def _plain_values(catalogue: Catalogue, facts: ConsentFacts, add_on: str | None) -> dict[str, str]:
    plan = facts.plan
    add_ons = {one.id: one.title for one in catalogue.add_ons}
    indication = catalogue.indication[plan.indication]
    procedure = catalogue.procedure[plan.procedure]
    emergency = catalogue.aftercare.numbers[plan.market].emergency
    deposit = facts.deposit_minor
    discussed = facts.discussed_on
    return {
        "patient_name": facts.patient_name,
        "clinic_name": facts.clinic_name,
        "clinic_contact": facts.clinic_contact,
        "location_name": facts.location_name,
        "location_address": facts.location_address,
        "practitioner_name": facts.practitioner_name,
        "practitioner_qualification": facts.practitioner_qualification,
        "practitioner_registration": facts.practitioner_registration,
        "responsible_name": facts.responsible_name,
        "procedure": procedure.title,
        "procedure_text": procedure.patient,
        "indication": indication.title,
        "honest": indication.honest,
        "areas": areas_in_words(catalogue, plan),
        "device": plan.device.name,
        "max_depth": millimetres(plan.max_depth_um),
        "sessions_text": _sessions_in_words(facts.sessions, facts.interval_days),
        "anaesthetic": _anaesthetic_in_words(facts),
        "add_ons": say(", ").join(one.title for one in catalogue.add_ons if one.id in plan.add_ons),
        "left_out": say("; ").join(
            f"{catalogue.area[area].title}: {what}" for area, what in facts.left_out
        ),
        "price": money_in_words(facts.price_minor, facts.currency),
        "price_terms": facts.price_terms,
        "deposit": "" if deposit is None else money_in_words(deposit, facts.currency),
        "deposit_terms": facts.deposit_terms,
        "what_matters": facts.what_matters,
        "discussed_on": "" if discussed is None else day_in_words(discussed),
        "emergency_number": say(" or ").join(emergency),
        "add_on": add_ons.get(add_on or "", ""),
        "expires_on": day_in_words(facts.expires_on) if facts.expires_on else "",
    }


def areas_in_words(catalogue: Catalogue, plan: PlanFacts) -> str:
    """Return the areas with their depths, such as "Cheeks (up to 1.5 mm), Forehead (…)"."""
    return say(", ").join(
        say("%(area)s (up to %(depth)s)", area=catalogue.area[name].title, depth=millimetres(depth))
        for name, depth in plan.areas.items()
    )


def _anaesthetic_in_words(facts: ConsentFacts) -> str:
    known = _ANAESTHETICS.get(facts.plan.anaesthetic)
    kind = facts.plan.anaesthetic if known is None else say(known)
    return f"{kind}: {isolated(facts.anaesthetic_name)}" if facts.anaesthetic_name else kind


def _sessions_in_words(sessions: int, interval_days: int) -> str:
    if sessions == 1:
        return say("1 treatment")
    weeks, rest = divmod(interval_days, 7)
    apart = (
        say_many("%(num)s day", "%(num)s days", interval_days)
        if rest
        else say_many("%(num)s week", "%(num)s weeks", weeks)
    )
    treatments = say_many("%(num)s treatment", "%(num)s treatments", sessions)
    return say("%(treatments)s, %(apart)s apart", treatments=treatments, apart=apart)
