"""What was assembled, laid out for the page on which it is read."""

from collections.abc import Iterator
from typing import Any

from app.consent.forms.shown import AssembledForm, ShownBlock, ShownSection
from app.kit.speech import say

# These steps have pages of their own.
ELSEWHERE = frozenset({"electronic_signing", "understanding", "signature"})
_SUMMARY = frozenset({"treatment", "areas", "sessions", "location"})
WORDS_A_MINUTE = 180


def read_view(
    shown: AssembledForm, version_text: str, asked: list[dict[str, object]]
) -> dict[str, Any]:
    """Return document, summary, personal risks and sections as ``read.html`` takes them.

    ``asked`` are the patient's questions as ``asked_view`` gives them.
    """
    parts = [part for part in shown.sections if part.id not in ELSEWHERE]
    return {
        "document": {
            "title": shown.title,
            "version_text": version_text,
            "minutes": max(3, round(_words(parts) / WORDS_A_MINUTE)),
            "sha256": shown.shown_sha256.hex(),
        },
        "summary": summary_of(shown),
        "personal": [_risk(one) for part in parts for one in _personal(part)],
        "sections": [
            {
                "id": part.id,
                "number": str(number),
                "title": part.title,
                "blocks": list(_blocks(part)),
                "asked": [one for one in asked if one["section"] == part.id],
            }
            for number, part in enumerate(parts, start=1)
        ],
    }


def electronic_view(shown: AssembledForm) -> dict[str, Any]:
    """Return the form's own words on signing on a screen, and what choosing the screen says."""
    part = next(part for part in shown.sections if part.id == "electronic_signing")
    agreed = [block.text for block in part.blocks if block.kind == "acknowledgement"]
    others = [block for block in part.blocks if block.kind != "acknowledgement"]
    return {
        "blocks": [one for block in others for one in _plain(block)],
        "agreement": " ".join(agreed),
    }


def summary_of(shown: AssembledForm) -> list[dict[str, str]]:
    """Return what, where, how often and at which place."""
    blocks = (block for part in shown.sections for block in part.blocks if block.row_ids)
    rows = (row for block in blocks for row in zip(block.row_ids, block.rows, strict=True))
    return [{"label": row[0], "value": row[1]} for name, row in rows if name in _SUMMARY]


def _words(parts: list[ShownSection]) -> int:
    texts = (
        text
        for part in parts
        for block in part.blocks
        for text in (block.title, block.text, *block.items, *block.avoid)
    )
    return sum(len(text.split()) for text in texts)


def _personal(part: ShownSection) -> list[ShownBlock]:
    """Return the risks below the first heading of a section with personal risks."""
    found: list[ShownBlock] = []
    inside = False
    for block in part.blocks:
        if block.kind == "heading":
            inside = block.group == "personal"
        elif inside and block.kind == "risk":
            found.append(block)
    return found


def _risk(block: ShownBlock) -> dict[str, object]:
    return {
        "id": block.clause.replace(".", "-"),
        "name": f"{block.title}: {block.likelihood}" if block.likelihood else block.title,
        "text": block.text,
        "lasts": None,
        "serious": block.group == "serious",
        "reason": None,
    }


def _blocks(part: ShownSection) -> Iterator[dict[str, object]]:
    """Yield a section's blocks; personal risks stand at the top of the page."""
    personal = _personal(part)
    risks: list[dict[str, object]] = []
    for block in part.blocks:
        if block.kind == "heading" and block.group != "personal":
            risks = []
            group = {"title": block.title, "odds": "", "risks": risks}
            yield {"kind": "risks", "groups": [group]}
        elif block.kind == "risk" and block not in personal:
            risks.append(_risk(block))
        elif block.kind not in ("heading", "risk"):
            yield from _plain(block)


def _plain(block: ShownBlock) -> Iterator[dict[str, object]]:
    if block.title:
        yield {"kind": "heading", "text": block.title}
    if block.kind == "facts":
        items = [{"label": label, "value": value} for label, value in block.rows]
        yield {"kind": "facts", "items": items}
    if block.text:
        yield {"kind": "paragraph", "text": block.text}
    if block.items:
        yield {"kind": "list", "items": list(block.items)}
    if block.avoid:
        yield {"kind": "paragraph", "text": say("Please leave:")}
        yield {"kind": "list", "items": list(block.avoid)}
