"""The aftercare sheet as a document: warning signs and numbers first, then day by day."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from app.care.aftercare_content import SheetSection
from app.documents.blocks import Block, Bullets, Heading, Notice, Paragraph
from app.documents.draft import DocumentDraft
from app.pages_setup import moment

TITLE = "Looking after your skin"


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
    place: str
    at: datetime
    zone: str
    is_planned: bool
    emergency: str
    made_at: datetime
    page: Literal["A4", "Letter"]
    sections: tuple[SheetSection, ...]

    def as_json(self) -> str:
        """Return the frozen values, which are kept encrypted until the sheet is sealed."""
        plain: dict[str, Any] = {**vars(self), "sections": [asdict(one) for one in self.sections]}
        plain["at"], plain["made_at"] = self.at.isoformat(), self.made_at.isoformat()
        return json.dumps(plain, ensure_ascii=False)


def page_for(market: str) -> Literal["A4", "Letter"]:
    """Return the paper that people have at home in a market."""
    return "Letter" if market == "US" else "A4"


def draft_of(sheet: Sheet) -> DocumentDraft:
    """Return the sheet ready to be rendered."""
    when = "Planned for" if sheet.is_planned else "Treated on"
    return DocumentDraft(
        title=TITLE,
        language="en",
        page=sheet.page,
        author=f"{sheet.clinic_name}, {sheet.clinic_address}",
        created_at=sheet.made_at,
        reference=sheet.reference,
        summary=(
            ("For", sheet.patient_name),
            ("Treatment", f"{sheet.procedure}, {sheet.device}"),
            ("Where on the body", sheet.areas),
            (when, moment(sheet.at, sheet.zone)),
            ("By", f"{sheet.practitioner}, {sheet.place}"),
            ("In an emergency", f"Call {sheet.emergency}. Do not wait for us."),
            ("To reach the clinic", sheet.contact),
        ),
        blocks=tuple(_blocks(sheet)),
    )


def _blocks(sheet: Sheet) -> Iterator[Block]:
    warnings = [one for one in sheet.sections if one.level != "normal"]
    days = [one for one in sheet.sections if one.level == "normal"]
    yield Heading(2, "When to get help")
    for section in warnings:
        if section.level == "emergency":
            yield Notice(section.title, f"{section.text}\n" + "\n".join(section.do))
            continue
        yield from _section(section)
    yield Heading(2, "Day by day")
    if sheet.is_planned:
        yield Paragraph(
            "The dates are those of the planned visit. If the visit moves, you get a new sheet."
        )
    for section in days:
        yield from _section(section)


def _section(section: SheetSection) -> Iterator[Block]:
    yield Heading(3, section.title)
    if section.text:
        yield Paragraph(section.text)
    if section.do and section.dont:
        yield Heading(4, "Do")
    if section.do:
        yield Bullets(section.do)
    if section.dont:
        yield Heading(4, "Leave out")
        yield Bullets(section.dont)


def area_titles(titles: Mapping[str, str], areas: Mapping[str, int]) -> str:
    """Return areas with their depths for people: "Cheeks to 1 mm, forehead to 0.5 mm"."""
    return ", ".join(f"{titles.get(area, area)} to {um / 1000:g} mm" for area, um in areas.items())


def reference_of(subject_id: uuid.UUID) -> str:
    """Return a short reference that people can read out."""
    return f"AC-{subject_id.hex[-12:].upper()}"
