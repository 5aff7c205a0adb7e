"""Fills a form from the plan and the catalogue, so that it says what applies to this patient.

Pure: values are put in by name, once, and nothing from them is ever read as a name again. Personal
risks come first, then the serious ones however rare, then the usual ones.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.catalogue.aftercare import advice_for
from app.catalogue.content import Catalogue
from app.catalogue.expressions import Situation, holds
from app.catalogue.facts import derive_facts, make_situation
from app.catalogue.off_label import off_label_reasons
from app.catalogue.overlay import told_in
from app.consent.forms.content import FormBlock, FormContent
from app.consent.forms.lint import PLACEHOLDER
from app.consent.forms.risk_blocks import PersonalRisk, RiskTelling, risk_blocks
from app.consent.forms.shown import AssembledForm, ShownBlock, ShownOption, ShownSection
from app.consent.forms.values import ConsentFacts, values_of
from app.consent.screening.outcome import ScreeningOutcome
from app.kit.speech import say, speaking


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
    """Return the form as this patient reads it, every word of it in the form's language.

    Raises ValueUnknown for an unknown name, LanguageMissing, or WordsMissing.
    """
    with speaking(form.locale, whole=True):
        return _assembled(form, told_in(catalogue, form.locale), facts)


def _assembled(form: FormContent, catalogue: Catalogue, facts: ConsentFacts) -> AssembledForm:
    plan, visit = facts.plan, facts.visit_date
    situation = make_situation(catalogue, derive_facts(catalogue, plan, visit), visit)
    reasons = off_label_reasons(catalogue, plan, plan.market, visit_date=visit)
    desk = _Desk(catalogue, facts, situation, values_of(catalogue, facts, form.add_on), reasons)
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
        ("treatment", say("Treatment"), values["procedure"]),
        ("reason", say("Reason"), values["indication"]),
        ("areas", say("Where and how deep at most"), values["areas"]),
        ("device", say("Device"), values["device"]),
        ("left_out", say("Left out"), values["left_out"]),
        ("sessions", say("How often"), values["sessions_text"]),
        ("anaesthetic", say("Numbing cream"), values["anaesthetic"]),
        ("add_ons", say("Added to it"), values["add_ons"]),
        ("price", say("Price"), values["price_terms"] and _price_with_terms(values)),
        ("location", say("Location"), _location_in_words(values)),
    )
    told = tuple(row for row in rows if row[2])
    yield replace(
        block,
        rows=tuple((label, value) for _, label, value in told),
        row_ids=tuple(name for name, _, _ in told),
    )


def _price_with_terms(values: Mapping[str, str]) -> str:
    return f"{values['price']}. {values['price_terms']}"


def _location_in_words(values: Mapping[str, str]) -> str:
    return f"{values['location_name']}{say(', ')}{values['location_address']}"


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
