"""The aftercare sheet as a document: warning signs and numbers first, then day by day."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.care.aftercare_content import SheetSection
from app.documents.blocks import Block, Bullets, Heading, Notice, Paragraph
from app.documents.draft import DocumentDraft
from app.kit.in_words import listed, millimetres, moment_in_words
from app.kit.speech import mark, say, speaking
from app.tenants.paper_size import PaperSize

TITLE = mark("Looking after your skin")


@dataclass(frozen=True)
class Sheet:
    """Every value that the sheet shows, frozen. ``at`` is when the treatment was or will be."""

    reference: str
    clinic_name: str
    clinic_address: str
    contact: str
    patient_name: str
    procedure: str
    device: str
    areas: str
    practitioner: str
    location_name: str
    location_address: str
    at: datetime
    zone: str
    is_planned: bool
    emergency: str
    made_at: datetime
    page: PaperSize
    language: str
    sections: tuple[SheetSection, ...]

    def as_json(self) -> str:
        """Return the frozen values, which are kept encrypted until the sheet is sealed."""
        plain: dict[str, Any] = {**vars(self), "sections": [asdict(one) for one in self.sections]}
        plain["at"], plain["made_at"] = self.at.isoformat(), self.made_at.isoformat()
        return json.dumps(plain, ensure_ascii=False)


def draft_of(sheet: Sheet) -> DocumentDraft:
    """Return the sheet ready to be rendered, in the language in which it was gathered."""
    with speaking(sheet.language, whole=True):
        return _draft(sheet)


def _draft(sheet: Sheet) -> DocumentDraft:
    when = say("Planned for") if sheet.is_planned else say("Treated on")
    return DocumentDraft(
        title=say(TITLE),
        language=sheet.language,
        page=sheet.page,
        author=f"{sheet.clinic_name}, {sheet.clinic_address}",
        created_at=sheet.made_at,
        reference=sheet.reference,
        summary=(
            (say("For"), sheet.patient_name),
            (say("Treatment"), listed(sheet.procedure, sheet.device)),
            (say("Where on the body"), sheet.areas),
            (when, moment_in_words(sheet.at, sheet.zone)),
            (say("By"), listed(sheet.practitioner, sheet.location_name, sheet.location_address)),
            (say("In an emergency"), sheet.emergency),
            (say("To reach the clinic"), sheet.contact),
        ),
        blocks=tuple(_blocks(sheet)),
    )


def _blocks(sheet: Sheet) -> Iterator[Block]:
    warnings = [one for one in sheet.sections if one.level != "normal"]
    days = [one for one in sheet.sections if one.level == "normal"]
    yield Heading(2, say("When to get help"))
    for section in warnings:
        if section.level == "emergency":
            yield Notice(section.title, f"{section.text}\n" + "\n".join(section.do))
            continue
        yield from _section(section)
    yield Heading(2, say("Day by day"))
    if sheet.is_planned:
        yield Paragraph(
            say(
                "The dates are those of the planned visit. If the visit moves, you get a new sheet."
            )
        )
    for section in days:
        yield from _section(section)


def _section(section: SheetSection) -> Iterator[Block]:
    yield Heading(3, section.title)
    if section.text:
        yield Paragraph(section.text)
    if section.do and section.dont:
        yield Heading(4, say("Do"))
    if section.do:
        yield Bullets(section.do)
    if section.dont:
        yield Heading(4, say("Leave out"))
        yield Bullets(section.dont)


def area_titles(titles: Mapping[str, str], areas: Mapping[str, int]) -> str:
    """Return areas with their depths for people: "Cheeks to 1 mm, forehead to 0.5 mm"."""
    return say(", ").join(
        say("%(area)s to %(depth)s", area=titles.get(area, area), depth=millimetres(um))
        for area, um in areas.items()
    )


def reference_of(subject_id: uuid.UUID) -> str:
    """Return a short reference that people can read out."""
    return f"AC-{subject_id.hex[-12:].upper()}"
