"""Fills a form from the plan and the catalogue, so that it says what applies to this patient.

Pure: values are put in by name, once, and nothing from them is ever read as a name again. Personal
risks come first, then the serious ones however rare, then the usual ones.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from app.catalogue.aftercare import advice_for
from app.catalogue.content import Catalogue
from app.catalogue.expressions import Situation, holds
from app.catalogue.facts import PlanFacts, derive_facts, make_situation
from app.catalogue.off_label import off_label_reasons
from app.consent.form_content import FormBlock, FormContent
from app.consent.form_lint import PLACEHOLDER
from app.consent.outcome import ScreeningOutcome
from app.consent.risk_blocks import PersonalRisk, RiskTelling, risk_blocks
from app.consent.shown import AssembledForm, ShownBlock, ShownOption, ShownSection
from app.kit.in_words import day_in_words, millimetres
from app.kit.money import format_money

_ANAESTHETICS = {
    "none": "None",
    "otc": "a cream bought without prescription",
    "pharmacy": "a cream from the pharmacy",
    "prescription": "a cream on prescription",
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


class ValueUnknown(ValueError):
    """The form names a value that assembly does not know; linting it would have said so."""


@dataclass(frozen=True)
class _Desk:
    """All that filling a block needs."""

    catalogue: Catalogue
    facts: ConsentFacts
    situation: Situation
    values: Mapping[str, str]
    off_label: tuple[str, ...]


def assemble(form: FormContent, catalogue: Catalogue, facts: ConsentFacts) -> AssembledForm:
    """Return the form as this patient reads it; raises ValueUnknown for an unknown name."""
    plan, visit = facts.plan, facts.visit_date
    situation = make_situation(catalogue, derive_facts(catalogue, plan, visit), visit)
    reasons = off_label_reasons(catalogue, plan, plan.market, visit_date=visit)
    desk = _Desk(catalogue, facts, situation, _values(catalogue, facts, form.add_on), reasons)
    sections = (
        ShownSection(
            part.id, part.title, tuple(one for block in part.blocks for one in _fill(block, desk))
        )
        for part in form.sections
    )
    return AssembledForm(
        form_id=form.id,
        form_version=form.version,
        locale=form.locale,
        catalogue_version=catalogue.version,
        title=form.title,
        sections=tuple(section for section in sections if section.blocks),
    )


def personal_risks_of(outcome: ScreeningOutcome) -> tuple[PersonalRisk, ...]:
    """Return the personal risks that fired rules add, each with the sentence that says why."""
    return tuple(
        PersonalRisk(rule.adds_risk, rule.patient) for rule in outcome.fired if rule.adds_risk
    )


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of {names}, in one pass; raises ValueUnknown."""

    def value_of(match: re.Match[str]) -> str:
        try:
            return values[match.group(1)]
        except KeyError:
            raise ValueUnknown(f"There is no value called '{match.group(1)}'.") from None

    return PLACEHOLDER.sub(value_of, text)


def _fill(block: FormBlock, desk: _Desk) -> Iterator[ShownBlock]:
    if block.when is not None and not holds(block.when, desk.situation):
        return
    if not all(desk.values.get(name) for name in block.needs):
        return
    shown = ShownBlock(
        kind=block.kind,
        clause=block.id,
        title=fill_text(block.title, desk.values),
        text=fill_text(block.text, desk.values),
        items=tuple(fill_text(item, desk.values) for item in block.items),
        options=tuple(ShownOption(option.id, option.text) for option in block.options),
        correct=next((option.id for option in block.options if option.correct), ""),
        explanation=block.explanation,
    )
    if block.kind == "risk":
        yield from risk_blocks(block, _telling(desk))
    elif block.kind == "aftercare":
        yield from _aftercare(shown, desk)
    elif block.fill is not None:
        yield from _FILLERS[block.fill](shown, desk)
    else:
        yield shown


def _telling(desk: _Desk) -> RiskTelling:
    return RiskTelling(desk.catalogue, desk.facts.plan, desk.facts.personal_risks)


def _fill_plan(block: ShownBlock, desk: _Desk) -> Iterator[ShownBlock]:
    values = desk.values
    rows = (
        ("Treatment", values["procedure"]),
        ("Reason", values["indication"]),
        ("Where and how deep at most", values["areas"]),
        ("Device", values["device"]),
        ("Left out", values["left_out"]),
        ("How often", values["sessions_text"]),
        ("Numbing cream", values["anaesthetic"]),
        ("Added to it", values["add_ons"]),
        ("Price", values["price_terms"] and f"{values['price']}. {values['price_terms']}"),
        ("Location", f"{values['location_name']}, {values['location_address']}"),
    )
    yield replace(block, rows=tuple(row for row in rows if row[1]))


def _fill_never(block: ShownBlock, desk: _Desk) -> Iterator[ShownBlock]:
    yield replace(block, items=tuple(item.title for item in desk.catalogue.never_treat))


def _fill_off_label(block: ShownBlock, desk: _Desk) -> Iterator[ShownBlock]:
    if desk.off_label:
        yield replace(block, items=desk.off_label)


def _fill_on_label(block: ShownBlock, desk: _Desk) -> Iterator[ShownBlock]:
    if not desk.off_label:
        yield block


def _fill_emergency(block: ShownBlock, desk: _Desk) -> Iterator[ShownBlock]:
    flags = desk.catalogue.aftercare.red_flags
    signs = (sign.text for flag in flags if flag.level == "emergency" for sign in flag.signs)
    yield replace(block, items=tuple(signs))


_FILLERS: Mapping[str, Callable[[ShownBlock, _Desk], Iterator[ShownBlock]]] = {
    "plan": _fill_plan,
    "never_treat": _fill_never,
    "off_label": _fill_off_label,
    "on_label": _fill_on_label,
    "emergency_signs": _fill_emergency,
}


def _aftercare(block: ShownBlock, desk: _Desk) -> Iterator[ShownBlock]:
    yield block
    plan = desk.facts.plan
    areas = [desk.catalogue.area[name] for name in plan.areas]
    groups = tuple(dict.fromkeys(group for area in areas for group in area.aftercare))
    advice = advice_for(desk.catalogue.aftercare, groups, plan.energy)
    for phase in advice.phases:
        yield ShownBlock(
            kind="aftercare",
            clause=f"{block.clause}.{phase.id}",
            title=phase.title,
            items=tuple(one.text for one in phase.do),
            avoid=tuple(one.text for one in phase.dont),
        )
    for extra in advice.extras:
        yield ShownBlock(
            kind="aftercare",
            clause=f"{block.clause}.{extra.group}",
            title=extra.title,
            items=tuple(one.text for one in extra.items),
        )


def _values(catalogue: Catalogue, facts: ConsentFacts, add_on: str | None) -> dict[str, str]:
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
        "add_ons": ", ".join(one.title for one in catalogue.add_ons if one.id in plan.add_ons),
        "left_out": "; ".join(
            f"{catalogue.area[area].title}: {what}" for area, what in facts.left_out
        ),
        "price": format_money(facts.price_minor, facts.currency),
        "price_terms": facts.price_terms,
        "deposit": "" if deposit is None else format_money(deposit, facts.currency),
        "deposit_terms": facts.deposit_terms,
        "what_matters": facts.what_matters,
        "discussed_on": "" if discussed is None else day_in_words(discussed),
        "emergency_number": " or ".join(emergency),
        "add_on": add_ons.get(add_on or "", ""),
        "expires_on": day_in_words(facts.expires_on) if facts.expires_on else "",
    }


def areas_in_words(catalogue: Catalogue, plan: PlanFacts) -> str:
    """Return the areas with their depths, such as "Cheeks (up to 1.5 mm), Forehead (…)"."""
    return ", ".join(
        f"{catalogue.area[name].title} (up to {millimetres(depth)})"
        for name, depth in plan.areas.items()
    )


def _anaesthetic_in_words(facts: ConsentFacts) -> str:
    kind = _ANAESTHETICS.get(facts.plan.anaesthetic, facts.plan.anaesthetic)
    return f"{kind}: {facts.anaesthetic_name}" if facts.anaesthetic_name else kind


def _sessions_in_words(sessions: int, interval_days: int) -> str:
    if sessions == 1:
        return "1 treatment"
    weeks, rest = divmod(interval_days, 7)
    apart = f"{interval_days} days" if rest else f"{weeks} week{'s' if weeks > 1 else ''}"
    return f"{sessions} treatments, {apart} apart"
