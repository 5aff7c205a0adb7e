"""Questions about patients. Lists never open what is encrypted."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, literal, or_, select, tuple_

from app.database import TenantScope
from app.patients.errors import PatientUnknown
from app.patients.models import Patient, PatientToken
from app.patients.place_queries import find_sort_name, list_tokens_of_places, page_of_places
from app.patients.search import Either, parts_of_search, placed

MOST_FOUND = 20
# A patient has few words with one beginning, so that this many tokens hold enough patients.
TOKENS_PER_LINE = 4


@dataclass(frozen=True)
class PatientLine:
    """One line of a list of patients."""

    id: uuid.UUID
    name: str
    sort_name: str
    language: str
    location_id: uuid.UUID


# Made once, since making an alias costs more than a short question. Plain tables: a limit to
# locations narrows the rows that are shown, and not what places and words are compared with.
PLACE = Patient.__table__.alias().c
ALSO = PatientToken.__table__.alias().c
LINE = (Patient.id, Patient.name, Patient.sort_name, Patient.language, Patient.location_id)


def get_patient(scope: TenantScope, patient_id: uuid.UUID) -> Patient:
    """Return a patient's record, also one that was merged away; raises PatientUnknown."""
    found = scope.session.get(Patient, (scope.tenant_id, patient_id))
    if found is None:
        raise PatientUnknown("There is no such patient.")
    return found


def get_patient_for_update(scope: TenantScope, patient_id: uuid.UUID) -> Patient:
    """Return a patient's record, locked until the transaction ends; raises PatientUnknown."""
    statement = (
        select(Patient)
        .where(Patient.tenant_id == scope.tenant_id, Patient.id == patient_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise PatientUnknown("There is no such patient.")
    return found


def list_records_of_person(scope: TenantScope, root_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the ids of the record that a person is kept under and of all merged into it."""
    statement = (
        select(Patient.id)
        .where(Patient.tenant_id == scope.tenant_id, _of_person(root_id))
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).all()


def find_day_of_death(scope: TenantScope, root_id: uuid.UUID) -> date | None:
    """Return the day of death noted on a person's records, the kept one's first, or None."""
    statement = (
        select(Patient.deceased_on)
        .where(
            Patient.tenant_id == scope.tenant_id,
            _of_person(root_id),
            Patient.deceased_on.is_not(None),
        )
        .order_by(Patient.merged_into.is_not(None), Patient.deceased_on)
        .limit(1)
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).first()


def _of_person(root_id: uuid.UUID) -> ColumnElement[bool]:
    """Safety asks for all of a person's records, also one that another location looks after."""
    return or_(Patient.id == root_id, Patient.merged_into == root_id)


def page_patients(
    scope: TenantScope, *, after: uuid.UUID | None = None, size: int = 50
) -> Sequence[PatientLine]:
    """Return a page of patients by name: those after a patient, none after a stranger."""
    if scope.session.places is not None:
        return _page_for_limited(scope, scope.session.places, after, size)
    statement = select(*LINE).where(
        Patient.tenant_id == scope.tenant_id,
        Patient.merged_into.is_(None),
        Patient.erased_at.is_(None),
    )
    if after is not None:
        key = tuple_(_sort_name_of(scope, after), literal(after))
        statement = statement.where(tuple_(Patient.sort_name, Patient.id) > key)
    statement = statement.order_by(Patient.sort_name, Patient.id).limit(size)
    return [PatientLine(*row) for row in scope.session.execute(statement)]


def _page_for_limited(
    scope: TenantScope, places: frozenset[uuid.UUID], after: uuid.UUID | None, size: int
) -> Sequence[PatientLine]:
    key = None
    if after is not None:
        name = find_sort_name(scope, after)
        if name is None:
            return []
        key = (name, after)
    return list_lines(scope, page_of_places(scope, places, after=key, size=size))


def _sort_name_of(scope: TenantScope, patient_id: uuid.UUID) -> ScalarSelect[str]:
    """Ask for a place in the list within the same statement; a stranger has none."""
    return (
        select(PLACE.sort_name)
        .where(PLACE.tenant_id == scope.tenant_id, PLACE.id == patient_id)
        .scalar_subquery()
    )


def search_patients(
    scope: TenantScope, text: str, *, most: int = MOST_FOUND
) -> Sequence[PatientLine]:
    """Return the patients who fit all that was typed, by name; each person once.

    Words are beginnings of names in any order; an address must be whole; digits are the end of a
    phone number; a day is a date of birth.
    """
    parts = parts_of_search(scope, text)
    if not parts:
        return []
    tokens = most * TOKENS_PER_LINE
    if scope.session.places is not None:
        walked = sorted(_walk_for_limited(scope, scope.session.places, parts, tokens))
        found = dict.fromkeys(patient_id for _, patient_id in walked)
    else:
        found = dict.fromkeys(scope.session.scalars(_find_tokens(scope, parts, tokens)))
    return list_lines(scope, list(found)[:most])


def _walk_for_limited(
    scope: TenantScope, places: frozenset[uuid.UUID], parts: Sequence[Either], most: int
) -> list[tuple[str, uuid.UUID]]:
    """Do the same within each location: a word by its own tokens, a digest by who is there."""

    def narrow(statement: Select[Any], place: uuid.UUID) -> Select[Any]:
        here = [
            Either(part.whole, tuple(placed(place, one) for one in part.begins)) for part in parts
        ]
        statement = statement.where(_fits(PatientToken.token, here[0]))
        if here[0].whole:
            here.append(Either(begins=(placed(place, ""),)))
        for part in here[1:]:
            statement = statement.where(_has_also(scope, part))
        return statement

    return list_tokens_of_places(scope, places, narrow, most)


def _find_tokens(scope: TenantScope, parts: Sequence[Either], most: int) -> Select[Any]:
    """Walk the index of the sharpest part, and look for the others at each patient found."""
    first, *others = parts
    statement = (
        select(PatientToken.patient_id)
        .where(PatientToken.tenant_id == scope.tenant_id, _fits(PatientToken.token, first))
        .order_by(PatientToken.token, PatientToken.patient_id)
        .limit(most)
    )
    for part in others:
        statement = statement.where(_has_also(scope, part))
    return statement


def _has_also(scope: TenantScope, part: Either) -> ColumnElement[bool]:
    """Ask whether the patient of a token has one that fits another part."""
    return (
        select(ALSO.patient_id)
        .where(
            ALSO.tenant_id == scope.tenant_id,
            ALSO.patient_id == PatientToken.patient_id,
            _fits(ALSO.token, part),
        )
        .exists()
    )


def _fits(token: Any, part: Either) -> ColumnElement[bool]:
    whole = [token == one for one in part.whole]
    return or_(*whole, *(token.op("^@")(one) for one in part.begins))


def list_birth_ciphers(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> list[tuple[uuid.UUID, bytes]]:
    """Return patients' dates of birth as they are stored: encrypted."""
    statement = select(Patient.id, Patient.date_of_birth_cipher).where(
        Patient.tenant_id == scope.tenant_id, Patient.id.in_(patient_ids)
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]


def list_lines(scope: TenantScope, patient_ids: Collection[uuid.UUID]) -> Sequence[PatientLine]:
    """Return the lines of some patients by name; a merged record shows as the one it belongs to."""
    if not patient_ids:
        return []
    # In two steps: joined on an expression, a large clinic's patients would all be read.
    roots = set(map_roots(scope, patient_ids).values())
    statement = (
        select(*LINE)
        .where(
            Patient.tenant_id == scope.tenant_id,
            Patient.id.in_(roots),
            Patient.erased_at.is_(None),
        )
        .order_by(Patient.sort_name, Patient.id)
    )
    return [PatientLine(*row) for row in scope.session.execute(statement)]


def list_holders(
    scope: TenantScope, tokens: Collection[str], *, everywhere: bool = False, most: int = 200
) -> dict[uuid.UUID, set[str]]:
    """Return who has any of some whole tokens, and which of them.

    ``everywhere`` here and below leaves a limit to locations aside: for questions whose answer
    whoever is limited never sees.
    """
    statement = (
        select(PatientToken.patient_id, PatientToken.token)
        .where(PatientToken.tenant_id == scope.tenant_id, PatientToken.token.in_(tokens))
        .limit(most)
        .execution_options(everywhere=everywhere)
    )
    found: dict[uuid.UUID, set[str]] = {}
    for patient_id, token in scope.session.execute(statement):
        found.setdefault(patient_id, set()).add(token)
    return found


def map_name_words(
    scope: TenantScope, patient_ids: Collection[uuid.UUID], *, everywhere: bool = False
) -> dict[uuid.UUID, set[str]]:
    """Return the words of some records' names, of former names too, as they are searched."""
    statement = (
        select(PatientToken.patient_id, PatientToken.token)
        .where(
            PatientToken.tenant_id == scope.tenant_id,
            PatientToken.patient_id.in_(patient_ids),
            PatientToken.token.op("^@")("n:"),
        )
        .execution_options(everywhere=everywhere)
    )
    found: dict[uuid.UUID, set[str]] = {}
    for patient_id, token in scope.session.execute(statement):
        found.setdefault(patient_id, set()).add(token.removeprefix("n:"))
    return found


def map_roots(
    scope: TenantScope, patient_ids: Collection[uuid.UUID], *, everywhere: bool = False
) -> dict[uuid.UUID, uuid.UUID]:
    """Return under which record the person of each record is kept."""
    statement = (
        select(Patient.id, func.coalesce(Patient.merged_into, Patient.id))
        .where(Patient.tenant_id == scope.tenant_id, Patient.id.in_(patient_ids))
        .execution_options(everywhere=everywhere)
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}
