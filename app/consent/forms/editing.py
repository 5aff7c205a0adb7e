"""Changes to a wording, as data: a clause is added, moved, edited or taken away.

A wording stays a mapping of sections of blocks throughout; nothing here ever takes markup.
"""

import re
from collections.abc import Mapping
from typing import Any, get_args

from app.consent.errors import FormNotSound, FormUnknown
from app.consent.forms.content import BlockKind

Raw = dict[str, Any]
KINDS: tuple[str, ...] = get_args(BlockKind)
_CLAUSE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NUMBERED = re.compile(r"([a-z]{1,8})-[0-9]+")


def find_block(raw: Raw, clause: str) -> Raw:
    """Return a clause's block; raises FormUnknown."""
    return _place(raw, clause)[0][_place(raw, clause)[1]]


def section_of(raw: Raw, clause: str) -> str:
    """Return the id of the section in which a clause stands; raises FormUnknown."""
    for section in raw["sections"]:
        if any(block["id"] == clause for block in section["blocks"]):
            return str(section["id"])
    raise FormUnknown("There is no such clause.")


def move_block(raw: Raw, clause: str, by: int) -> None:
    """Move a clause up (-1) or down (1); past the end of its section into the next one."""
    blocks, at = _place(raw, clause)
    to = at + by
    if 0 <= to < len(blocks):
        blocks.insert(to, blocks.pop(at))
        return
    names = [one["id"] for one in raw["sections"]]
    next_to = names.index(section_of(raw, clause)) + by
    if 0 <= next_to < len(names):
        target = raw["sections"][next_to]["blocks"]
        target.insert(len(target) if by < 0 else 0, blocks.pop(at))


def remove_block(raw: Raw, clause: str) -> None:
    """Take a clause away; raises FormUnknown."""
    blocks, at = _place(raw, clause)
    del blocks[at]


def add_block(raw: Raw, section: str, block: Raw) -> None:
    """Add a clause at the end of a section; raises FormUnknown, FormNotSound for a used id."""
    if not _CLAUSE.fullmatch(block["id"]):
        raise FormNotSound("An id has small letters, digits and hyphens, like ri-7.", findings=[])
    used = {one["id"] for part in raw["sections"] for one in part["blocks"]}
    if block["id"] in used:
        raise FormNotSound("Another clause has this id already.", findings=[])
    for part in raw["sections"]:
        if part["id"] == section:
            part["blocks"].append(block)
            return
    raise FormUnknown("There is no such section.")


def free_clause_id(raw: Raw, section: str) -> str:
    """Return an id for a new clause of a section, like those beside it; raises FormUnknown."""
    used = {one["id"] for part in raw["sections"] for one in part["blocks"]}
    beside = [
        one["id"] for part in raw["sections"] if part["id"] == section for one in part["blocks"]
    ]
    numbered = next((one for one in map(_NUMBERED.fullmatch, beside) if one), None)
    letters = re.sub(r"[^a-z]", "", section)[:8] or "c"
    prefix = numbered[1] if numbered else letters
    return next(name for at in range(1, 10_000) if (name := f"{prefix}-{at}") not in used)


def change_block(raw: Raw, clause: str, values: Mapping[str, Any]) -> None:
    """Put values into a clause; an empty one leaves the field out."""
    block = find_block(raw, clause)
    for name, value in values.items():
        if value in ("", [], None, False):
            block.pop(name, None)
        else:
            block[name] = value


def _place(raw: Raw, clause: str) -> tuple[list[Raw], int]:
    for section in raw["sections"]:
        for at, block in enumerate(section["blocks"]):
            if block["id"] == clause:
                return section["blocks"], at
    raise FormUnknown("There is no such clause.")
