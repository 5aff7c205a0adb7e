"""One row of a list becomes a new patient, or a list of problems in plain words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.errors import Invalid
from app.kit.clock import today_in
from app.patients.services.add_patient import NewPatient, check_birth, checked_name
from app.patients.services.keep_contacts import normal_contact
from app.patients.words import LANGUAGES
from app.tenants.models import Location

LONGEST_NOTE = 4000
# What a list may hold, and the headings by which it is recognised.
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "name": ("Full name", ("name", "full name", "patient", "patient name", "client")),
    "given_name": ("First name", ("first name", "given name", "forename", "vorname", "prénom")),
    "family_name": ("Last name", ("last name", "surname", "family name", "nachname", "nom")),
    "date_of_birth": (
        "Date of birth",
        ("date of birth", "dob", "birth date", "birthday", "born", "geburtsdatum"),
    ),
    "email": ("Email", ("email", "e-mail", "email address", "mail")),
    "phone": (
        "Phone",
        ("phone", "mobile", "telephone", "phone number", "cell", "tel", "telefon"),
    ),
    "language": ("Language", ("language", "preferred language")),
    "health_note": ("Note on health", ("note", "notes", "health note", "medical notes")),
}
ORDERS = {
    "dmy": "Day, month, year: 27/3/1988",
    "mdy": "Month, day, year: 3/27/1988",
    "ymd": "Year, month, day: 1988-03-27",
}
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
DAY = re.compile(r"(\d{1,4})[./\- ](\d{1,2})[./\- ](\d{1,4})", re.ASCII)
LATE_TWIN = "twin_since"
WORDS = {
    "cells": "The row has more cells than there are headings.",
    "name_missing": "There is no name.",
    "birth_missing": "There is no date of birth.",
    "birth_unreadable": "This is not a day in the order that you chose.",
    "birth_impossible": "The day is in the future or too long ago.",
    "email": "This is not an email address.",
    "phone": "This is not a phone number. Begin with + and the country's number.",
    "language": "This language is not known. Use a code such as en or de.",
    "note_long": "The note is longer than 4,000 characters.",
    "twin_here": "Somebody with this name and date of birth stands further up in the file.",
    "twin_known": "Somebody like this is on your books already.",
    LATE_TWIN: "Somebody like this came onto your books after the trial, so that the row was left"
    " out. Compare the two. If they are two people, add this one by hand.",
}


@dataclass(frozen=True)
class Mapped:
    """Which column is what, in which order days are written, and where the patients belong."""

    columns: Mapping[str, int]
    order: str
    location: Location


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell; ``said`` only where the code alone does not tell it."""

    column: str
    code: str
    said: str = ""

    def sentence(self) -> str:
        """Return it in plain words; never what was typed."""
        return self.said or WORDS[self.code]


def guess_columns(headings: Sequence[str]) -> dict[str, int]:
    """Return the columns whose headings are known."""
    found: dict[str, int] = {}
    for number, heading in enumerate(headings):
        plain = " ".join(heading.casefold().replace("_", " ").split())
        for field, (_, known) in FIELDS.items():
            if plain in known and field not in found:
                found[field] = number
    return found


def read_row(
    row: Sequence[str], mapped: Mapped, *, width: int
) -> tuple[NewPatient | None, list[Problem]]:
    """Return the patient of a row, or None with every problem that the row has."""
    cells = {
        field: row[number] if number < len(row) else "" for field, number in mapped.columns.items()
    }
    problems: list[Problem] = []
    if len(row) > width:
        problems.append(Problem("", "cells"))
    name = _name(cells, problems)
    born = _born(cells.get("date_of_birth", ""), mapped, problems)
    contacts = {
        kind: _contact(kind, cells.get(kind, ""), mapped.location, problems)
        for kind in ("email", "phone")
    }
    language = _language(cells.get("language", ""), problems)
    note = cells.get("health_note", "")
    if len(note) > LONGEST_NOTE:
        problems.append(Problem("health_note", "note_long"))
    if problems or name is None or born is None:
        return None, problems
    return (
        NewPatient(
            name=name,
            date_of_birth=born,
            location_id=mapped.location.id,
            language=language,
            email=contacts["email"],
            phone=contacts["phone"],
            health_note=note or None,
        ),
        [],
    )


def _name(cells: Mapping[str, str], problems: list[Problem]) -> str | None:
    parts = (cells.get("name", ""), cells.get("given_name", ""), cells.get("family_name", ""))
    typed = " ".join(filter(None, parts))
    if not typed:
        problems.append(Problem("name", "name_missing"))
        return None
    try:
        return checked_name(typed)
    except Invalid as bad:
        problems.append(Problem("name", "name", bad.message))
        return None


def _born(typed: str, mapped: Mapped, problems: list[Problem]) -> date | None:
    if not typed:
        problems.append(Problem("date_of_birth", "birth_missing"))
        return None
    found = DAY.fullmatch(typed)
    try:
        if found is None:
            raise ValueError
        part = dict(zip(mapped.order, map(int, found.groups()), strict=True))
        if len(found.group(mapped.order.index("y") + 1)) != 4:
            raise ValueError
        born = date(part["y"], part["m"], part["d"])
    except ValueError:
        problems.append(Problem("date_of_birth", "birth_unreadable"))
        return None
    try:
        check_birth(born, today_in(mapped.location.zone))
    except Invalid:
        problems.append(Problem("date_of_birth", "birth_impossible"))
        return None
    return born


def _contact(kind: str, typed: str, location: Location, problems: list[Problem]) -> str | None:
    if not typed:
        return None
    try:
        if kind == "email" and not ADDRESS.fullmatch(typed):
            raise Invalid
        normal_contact(kind, typed, location)
    except Invalid:
        problems.append(Problem(kind, kind))
    return typed


def _language(typed: str, problems: list[Problem]) -> str | None:
    if not typed:
        return None
    by_code = {code.casefold(): code for code in LANGUAGES}
    by_name = {word.casefold(): code for code, name in LANGUAGES.items() for word in _names(name)}
    found = by_code.get(typed.casefold()) or by_name.get(typed.casefold())
    if found is None:
        problems.append(Problem("language", "language"))
    return found


def _names(label: str) -> list[str]:
    return [part.strip() for part in label.replace(")", "").split("(")]
