"""Changes to the parts of a wording, as data: a section is added, renamed, moved or taken away.

The sections that honest consent needs keep the ids by which the check knows them; a clinic's own
ones are numbered. An id is never shown to patients and stays the same in every language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from app.consent.errors import FormNotSound, FormUnknown
from app.consent.forms.content import shipped_form, shipped_keys
from app.consent.forms.editing import Raw
from app.consent.forms.lint import NEEDED_SECTIONS
from app.consent.purposes import Purpose
from app.errors import Conflict
from app.kit.speech import nearest_language

OWN = "own"
LONGEST_TITLE = 120
_SECTION = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Whose headings stand in for those of a clinic that has not chosen its own.
_USUAL: Mapping[Purpose, str] = {
    Purpose.TREATMENT: "mechanical",
    Purpose.ADD_ON: "prp",
    Purpose.CLINICAL_PHOTOS: "clinical_photos",
    Purpose.MARKETING_PHOTOS: "marketing_photos",
}


class SectionNotEmpty(Conflict):
    """Clauses would go with the section; ``clauses`` names them, and nobody said that they may."""

    code = "form_section_not_empty"


@dataclass(frozen=True)
class MissingSection:
    """A section that a form of its purpose has to have, with its usual heading."""

    id: str
    title: str


def missing_sections(raw: Raw, locale: str) -> tuple[MissingSection, ...]:
    """Return the needed sections that a wording lacks, in reading order."""
    present = {one["id"] for one in raw["sections"]}
    purpose = _purpose(raw)
    usual = _usual_titles(purpose, locale)
    return tuple(
        MissingSection(one, usual.get(one, one))
        for one in NEEDED_SECTIONS[purpose]
        if one not in present
    )


def add_section(raw: Raw, *, section: str, title: str) -> str:
    """Add an empty section and return its id; "" or OWN as ``section`` numbers one of the clinic's.

    A needed section goes to where it is usually read, any other one before the place to sign.
    Raises FormNotSound for an id that is used or no id, and without a heading.
    """
    name = section if section not in ("", OWN) else _free_id(raw)
    if not _SECTION.fullmatch(name):
        raise FormNotSound(
            "An id has small letters, digits and low lines, like own_1.", findings=[]
        )
    if any(one["id"] == name for one in raw["sections"]):
        raise FormNotSound("The form has this section already.", findings=[])
    heading = title.strip() or _usual_titles(_purpose(raw), raw["locale"]).get(name, "")
    if not heading:
        raise FormNotSound("Enter a heading.", findings=[])
    raw["sections"].insert(_where(raw, name), {"id": name, "title": heading, "blocks": []})
    return name


def rename_section(raw: Raw, section: str, title: str) -> None:
    """Change a section's heading; raises FormUnknown, FormNotSound without one."""
    if not title.strip():
        raise FormNotSound("Enter a heading.", findings=[])
    find_section(raw, section)["title"] = title.strip()


def move_section(raw: Raw, section: str, by: int) -> None:
    """Move a section up (-1) or down (1); at the end it stays. Raises FormUnknown."""
    at = raw["sections"].index(find_section(raw, section))
    if 0 <= at + by < len(raw["sections"]):
        raw["sections"].insert(at + by, raw["sections"].pop(at))


def remove_section(raw: Raw, section: str, *, with_clauses: bool) -> None:
    """Take a section away; raises FormUnknown, SectionNotEmpty for one whose clauses would go too.

    ``with_clauses`` says that they may.
    """
    found = find_section(raw, section)
    if found["blocks"] and not with_clauses:
        many = len(found["blocks"])
        raise SectionNotEmpty(
            f"{many} clause{'s' if many > 1 else ''} would go with this section. Say that you want"
            " that, or move them first.",
            clauses=[one["id"] for one in found["blocks"]],
        )
    raw["sections"].remove(found)


def find_section(raw: Raw, section: str) -> Raw:
    """Return a section's data; raises FormUnknown."""
    for one in raw["sections"]:
        if one["id"] == section:
            found: Raw = one
            return found
    raise FormUnknown("There is no such section.")


@cache
def _usual_titles(purpose: Purpose, locale: str) -> Mapping[str, str]:
    key, language = _USUAL[purpose], nearest_language(locale)
    shipped = shipped_form(key, language if (key, language) in shipped_keys() else "en")[1]
    return {one.id: one.title for one in shipped.sections}


def _purpose(raw: Raw) -> Purpose:
    return Purpose(raw.get("purpose", Purpose.TREATMENT))


def _free_id(raw: Raw) -> str:
    used = {one["id"] for one in raw["sections"]}
    return next(name for number in range(1, 1000) if (name := f"own_{number}") not in used)


def _where(raw: Raw, name: str) -> int:
    """Return the place of a new section: after the last one that is usually read before it."""
    order = NEEDED_SECTIONS[_purpose(raw)]
    names = [one["id"] for one in raw["sections"]]
    if name not in order:
        last = names.index("signature") if "signature" in names else len(names)
        return min(last, names.index("understanding")) if "understanding" in names else last
    before = [at for at, one in enumerate(names) if one in order[: order.index(name)]]
    return max(before) + 1 if before else 0
