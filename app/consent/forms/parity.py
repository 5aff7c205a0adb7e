"""Whether two versions of a form have the same structure, and where they differ.

A translation says the same clauses, risks, options and right answers in other words; a minor change
of a form may touch words alone, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.consent.forms.content import FormBlock, FormContent
from app.consent.forms.lint import PLACEHOLDER, texts_of


@dataclass(frozen=True)
class _Bones:
    """What of a clause is not words."""

    section: str
    kind: str
    fills: tuple[str, ...]
    risks: tuple[str, ...]
    options: tuple[tuple[str, bool], ...]
    items: int
    names: frozenset[str]
    when: str


def differences(form: FormContent, other: FormContent) -> tuple[str, ...]:
    """Return what differs between two forms beside their words, one sentence each."""
    return tuple(_compare(form, other))


def _compare(form: FormContent, other: FormContent) -> Iterator[str]:
    for name, mine, theirs in (
        ("key", form.id, other.id),
        ("purpose", form.purpose, other.purpose),
        ("procedure", form.procedure, other.procedure),
        ("add-on", form.add_on, other.add_on),
        ("parts of the body", form.area_groups, other.area_groups),
    ):
        if mine != theirs:
            yield f"The {name} differs."
    mine_all, theirs_all = _bones_of(form), _bones_of(other)
    for clause in theirs_all.keys() - mine_all.keys():
        yield f"The clause '{clause}' is missing."
    for clause in mine_all.keys() - theirs_all.keys():
        yield f"The clause '{clause}' is too many."
    for clause in mine_all.keys() & theirs_all.keys():
        yield from _differ(clause, mine_all[clause], theirs_all[clause])
    common = [one for one in theirs_all if one in mine_all]
    if common != [one for one in mine_all if one in theirs_all]:
        yield "The clauses stand in another order."


def _bones_of(form: FormContent) -> dict[str, _Bones]:
    return {block.id: _bones(part.id, block) for part in form.sections for block in part.blocks}


def _bones(section: str, block: FormBlock) -> _Bones:
    return _Bones(
        section=section,
        kind=block.kind,
        fills=(block.fill or "", block.group or "", str(block.do_nothing), *block.needs),
        risks=block.risks,
        options=tuple((one.id, one.correct) for one in block.options),
        items=len(block.items),
        names=frozenset(name for text in texts_of(block) for name in PLACEHOLDER.findall(text)),
        when=repr(block.when),
    )


def _differ(clause: str, mine: _Bones, theirs: _Bones) -> Iterator[str]:
    told = (
        (mine.section != theirs.section, "stands in another section"),
        (mine.kind != theirs.kind, "is of another kind"),
        (mine.risks != theirs.risks, "tells other risks"),
        (_ids(mine) != _ids(theirs), "has other options"),
        (mine.options != theirs.options, "has another right answer"),
        (mine.items != theirs.items, "has more or fewer points"),
        (mine.names != theirs.names, "is filled with other values"),
        ((mine.fills, mine.when) != (theirs.fills, theirs.when), "is shown to other people"),
    )
    for differs, words in told:
        if differs:
            yield f"The clause '{clause}' {words}."
            return


def _ids(bones: _Bones) -> tuple[str, ...]:
    return tuple(name for name, _ in bones.options)
