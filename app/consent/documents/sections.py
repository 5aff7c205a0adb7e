"""What was shown becomes blocks on paper: every section and every clause, in its order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from app.consent.forms.shown import AssembledForm, ShownBlock, ShownSection
from app.documents.blocks import Block, Bullets, Facts, Heading, Notice, Paragraph
from app.kit.speech import say

# These are told on paper by what the person did with them.
_TOLD_ELSEWHERE = frozenset({"understanding", "signature"})


def on_paper(shown: AssembledForm) -> AssembledForm:
    """Return the form without its part on signing on a screen, which nobody does on paper."""
    kept = tuple(part for part in shown.sections if part.id != "electronic_signing")
    return replace(shown, sections=kept)


def form_blocks(shown: AssembledForm) -> Iterator[Block]:
    """Yield the form's sections as they were read."""
    for section in shown.sections:
        if section.id not in _TOLD_ELSEWHERE:
            yield Heading(2, section.title)
            yield from _section(section)


def _section(section: ShownSection) -> Iterator[Block]:
    for block in section.blocks:
        yield from _DRAWN[block.kind](block)


def _heading(block: ShownBlock) -> Iterator[Block]:
    yield Heading(3, block.title)


def _plain(block: ShownBlock) -> Iterator[Block]:
    if block.title:
        yield Heading(3, block.title)
    yield Paragraph(block.text, numbered=not block.title)


def _list(block: ShownBlock) -> Iterator[Block]:
    if block.title:
        yield Heading(3, block.title)
    if block.text:
        yield Paragraph(block.text)
    if block.items:
        yield Bullets(block.items)


def _facts(block: ShownBlock) -> Iterator[Block]:
    yield Heading(3, block.title)
    yield Facts(block.rows)


def _risk(block: ShownBlock) -> Iterator[Block]:
    likelihood = f": {block.likelihood}" if block.likelihood else ""
    yield Paragraph(f"{block.title}{likelihood}. {block.text}", numbered=True)


def _way(block: ShownBlock) -> Iterator[Block]:
    yield Paragraph(f"{block.title}. {block.text}", numbered=True)


def _aftercare(block: ShownBlock) -> Iterator[Block]:
    yield Heading(3, block.title)
    if block.text:
        yield Paragraph(block.text)
    if block.items:
        yield Bullets(block.items)
    if block.avoid:
        yield Paragraph(say("Please leave:"))
        yield Bullets(block.avoid)


def _acknowledgement(block: ShownBlock) -> Iterator[Block]:
    yield Notice(say("Agreed"), block.text)


def _nothing(_block: ShownBlock) -> Iterator[Block]:
    yield from ()


_DRAWN: Mapping[str, Callable[[ShownBlock], Iterator[Block]]] = {
    "heading": _heading,
    "paragraph": _plain,
    "list": _list,
    "facts": _facts,
    "risk": _risk,
    "benefit": _plain,
    "alternative": _way,
    "aftercare": _aftercare,
    "acknowledgement": _acknowledgement,
    "question": _nothing,
    "signature": _nothing,
}
