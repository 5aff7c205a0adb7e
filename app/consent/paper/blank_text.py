"""A form for nobody yet: the published wording with lines where a patient's own facts would stand.

It tells more than any one patient needs: every risk of the procedure, and the honest sentence for
each reason. What only the plan knows is written in by hand.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from app.catalogue.aftercare import advice_for
from app.catalogue.content import Catalogue
from app.catalogue.facts import PlanFacts, PlannedDevice
from app.consent.forms.assembly import fill_text
from app.consent.forms.content import FormBlock, FormContent
from app.consent.forms.lint import PLACEHOLDER_NAMES
from app.consent.forms.risk_blocks import RiskTelling, risk_blocks
from app.consent.forms.shown import AssembledForm, ShownBlock, ShownOption, ShownSection
from app.kit.speech import mark, say
from app.tenants.models import Location

LINE = "_" * 24
_PLAN_ROWS = (
    mark("Treatment"),
    mark("Reason"),
    mark("Where and how deep at most"),
    mark("Spots to leave out"),
    mark("Device"),
    mark("How often"),
    mark("Numbing cream"),
    mark("Price and deposit"),
)
_OFF_LABEL = mark(
    "Whether this use is outside what the device was approved for, and why (the practitioner writes"
    " it here):"
)
# Whatever depends on a plan is printed for all plans; this one only decides nothing.
_ANY_DAY = date(1980, 1, 1)


def facts_of_nobody(catalogue: Catalogue, form: FormContent, location: Location) -> PlanFacts:
    """Return facts under which nothing that could concern somebody is left out."""
    procedure = form.procedure or ""
    return PlanFacts(
        procedure=procedure,
        energy="radiofrequency" if "rf" in procedure.split("_") else "none",
        areas={area.id: 1 for area in catalogue.areas},
        device=PlannedDevice("pen", LINE),
        indication=catalogue.indications[0].id,
        market=location.market,  # type: ignore[arg-type]  # a CHECK holds the column to the list
        jurisdiction=location.jurisdiction,
        skin_type=None,
        date_of_birth=_ANY_DAY,
        anaesthetic="otc",
    )


def blank_shown(
    form: FormContent, catalogue: Catalogue, location: Location, known: Mapping[str, str]
) -> AssembledForm:
    """Return the wording for nobody; ``known`` are the values that do not depend on a patient."""
    plan = facts_of_nobody(catalogue, form, location)
    values = {**dict.fromkeys(PLACEHOLDER_NAMES, LINE), **known}
    sections = (
        ShownSection(
            part.id,
            part.title,
            tuple(one for block in part.blocks for one in _fill(block, catalogue, plan, values)),
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


def _fill(
    block: FormBlock, catalogue: Catalogue, plan: PlanFacts, values: Mapping[str, str]
) -> Iterator[ShownBlock]:
    shown = ShownBlock(
        kind=block.kind,
        clause=block.id,
        title=fill_text(block.title, values),
        text=fill_text(block.text, values),
        items=tuple(fill_text(item, values) for item in block.items),
        options=tuple(ShownOption(option.id, option.text) for option in block.options),
    )
    if block.kind == "risk":
        if block.group != "personal":
            yield from risk_blocks(block, RiskTelling(catalogue, plan, ()))
    elif block.kind == "aftercare":
        yield shown
        yield from _aftercare(block, catalogue, plan)
    elif block.fill is not None:
        yield from _filled(block, shown, catalogue)
    elif "{honest}" in block.text:
        for reason in catalogue.indications:
            text = fill_text(block.text, {**values, "honest": reason.honest})
            yield ShownBlock(kind=block.kind, clause=block.id, title=reason.title, text=text)
    else:
        yield shown


def _filled(block: FormBlock, shown: ShownBlock, catalogue: Catalogue) -> Iterator[ShownBlock]:
    if block.fill == "plan":
        rows = tuple((say(label), f"{LINE}{LINE}") for label in _PLAN_ROWS)
        yield ShownBlock(kind=block.kind, clause=block.id, title=shown.title, rows=rows)
    elif block.fill == "never_treat":
        items = tuple(item.title for item in catalogue.never_treat)
        yield ShownBlock(block.kind, block.id, title=shown.title, text=shown.text, items=items)
    elif block.fill == "emergency_signs":
        flags = (one for one in catalogue.aftercare.red_flags if one.level == "emergency")
        signs = tuple(sign.text for flag in flags for sign in flag.signs)
        yield ShownBlock(block.kind, block.id, title=shown.title, text=shown.text, items=signs)
    elif block.fill == "off_label":
        yield ShownBlock(kind="paragraph", clause=block.id, text=f"{say(_OFF_LABEL)} {LINE}{LINE}")


def _aftercare(block: FormBlock, catalogue: Catalogue, plan: PlanFacts) -> Iterator[ShownBlock]:
    for phase in advice_for(catalogue.aftercare, (), plan.energy).phases:
        yield ShownBlock(
            kind="aftercare",
            clause=f"{block.id}.{phase.id}",
            title=phase.title,
            items=tuple(one.text for one in phase.do),
            avoid=tuple(one.text for one in phase.dont),
        )
