"""Tells a decision to the patient: as a section of the form, and as lines on paper."""

from collections.abc import Iterator
from dataclasses import replace

from app.catalogue.content import Catalogue
from app.consent.forms.shown import AssembledForm, ShownBlock, ShownSection
from app.consent.holds.decided import Decided
from app.consent.holds.decision import NO_ANAESTHETIC, NO_PRILOCAINE
from app.consent.holds.models import DecisionKind
from app.kit.in_words import day_in_words, millimetres
from app.kit.speech import mark, say

SECTION = "decision"
_WITHOUT = {
    NO_ANAESTHETIC: mark("No numbing cream is used."),
    NO_PRILOCAINE: mark("No numbing cream with prilocaine is used."),
}
_LEAD = mark(
    "Because of what you answered, a clinician looked at it before you sign. This is what they"
    " decided. It is part of what you agree to."
)


def with_decision(
    shown: AssembledForm, decided: Decided | None, catalogue: Catalogue
) -> AssembledForm:
    """Return the form with the decision told before its risks; the same form without one."""
    if decided is None:
        return shown
    blocks = (
        ShownBlock(kind="paragraph", clause=SECTION, text=say(_LEAD)),
        ShownBlock(
            kind="facts",
            clause=f"{SECTION}.terms",
            title=say("The decision"),
            rows=tuple(decision_rows(decided, catalogue)),
        ),
    )
    section = ShownSection(SECTION, say("What was decided about your answers"), blocks)
    at = next(
        (
            index
            for index, part in enumerate(shown.sections)
            if any(block.kind == "risk" for block in part.blocks)
        ),
        0,
    )
    return replace(shown, sections=(*shown.sections[:at], section, *shown.sections[at:]))


def decision_rows(decided: Decided, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield what was decided as labelled lines; the labels are used nowhere else in a form."""
    row, limits = decided.row, decided.terms.limits
    yield say("Decision"), _kind_in_words(decided)
    yield say("Decided by"), decided.by
    yield say("Because"), decided.reason
    for one in decided.terms.overrides:
        yield (
            say("Lifted by two people"),
            say("%(said)s This needed: %(needs)s", said=one.said, needs=one.needs),
        )
    for one in decided.terms.shortened:
        yield say("Wait made shorter"), one.said
    if decided.second is not None and decided.second.agrees:
        yield say("Second person"), decided.second.name
        yield say("The second person’s words"), decided.second.reason
    titles = catalogue.area
    for area, um in limits.depths.items():
        yield say("No deeper than"), f"{titles[area].title}: {millimetres(um)}"
    if limits.left_out:
        yield say("Left out"), ", ".join(titles[area].title for area in limits.left_out)
    if limits.prophylaxis:
        yield say("Protection"), say("The protective medicine that was talked about is confirmed.")
    for name in limits.without:
        yield say("Numbing"), say(_WITHOUT[name]) if name in _WITHOUT else name.replace("_", " ")
    if row.expires_on is not None:
        yield say("This decision holds until"), day_in_words(row.expires_on)


def _kind_in_words(decided: Decided) -> str:
    row = decided.row
    if row.kind == DecisionKind.SAFE:
        return say("The treatment may be done, within the limits below where there are any.")
    if row.kind == DecisionKind.DELAY and row.delay_until is not None:
        day = day_in_words(row.delay_until)
        return say("The treatment may be done from %(day)s on, not before.", day=day)
    return say("The treatment is not done.")
