"""The list and the search of people who are limited to locations, by tokens of each location.

A limit that is checked on every row that an index finds makes somebody at a small location read the
whole clinic. So each record also has tokens that begin with a location, for every location that
knows the person: one that sorts as the list does, and one for each word. What they find is checked
against the limit once more when its lines are read, so that a token too many shows nobody.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Select, select, text, tuple_, union_all

from app.database import TenantScope
from app.patients.models import Patient, PatientToken
from app.patients.search import in_list

Places = Collection[uuid.UUID]
Found = list[tuple[str, uuid.UUID]]
# Plans and purchases lie above this room, so that their tables are read by name here.
PLACES_OF_RECORDS = text(
    "SELECT location_id FROM patient WHERE tenant_id = :tenant_id AND id = ANY(:records)"
    " UNION SELECT location_id FROM plan"
    " WHERE tenant_id = :tenant_id AND patient_id = ANY(:records)"
    " UNION SELECT location_id FROM purchase"
    " WHERE tenant_id = :tenant_id AND patient_id = ANY(:records)"
)


def list_places(scope: TenantScope, patient_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return the locations that know any of some records: their own, of a plan, of a purchase."""
    values = {"tenant_id": scope.tenant_id, "records": list(patient_ids)}
    return set(scope.session.scalars(PLACES_OF_RECORDS, values))


def list_tokens_everywhere(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> Sequence[PatientToken]:
    """Return all tokens of some records, also of one that whoever acts does not see any more."""
    statement = (
        select(PatientToken)
        .where(PatientToken.tenant_id == scope.tenant_id, PatientToken.patient_id.in_(patient_ids))
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).all()


def map_list_names(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, str | None]:
    """Return how some records are sorted in lists; None for one that no list shows."""
    statement = (
        select(Patient.id, Patient.sort_name, Patient.merged_into, Patient.erased_at)
        .where(Patient.tenant_id == scope.tenant_id, Patient.id.in_(patient_ids))
        .execution_options(everywhere=True)
    )
    rows = scope.session.execute(statement)
    return {row[0]: row[1] if row[2] is None and row[3] is None else None for row in rows}


def find_sort_name(scope: TenantScope, patient_id: uuid.UUID) -> str | None:
    """Return how a patient is sorted, or None for a stranger."""
    statement = select(Patient.sort_name).where(
        Patient.tenant_id == scope.tenant_id, Patient.id == patient_id
    )
    return scope.session.scalar(statement)


def page_of_places(
    scope: TenantScope, places: Places, *, after: tuple[str, uuid.UUID] | None, size: int
) -> list[uuid.UUID]:
    """Return a page of those whom some locations know, by name: those after a (name, id)."""

    def walk(place: uuid.UUID) -> Select[Any]:
        beginning = in_list(place, "")
        statement = _tokens(scope).where(PatientToken.token.op("^@")(beginning))
        if after is not None:
            key = (in_list(place, after[0]), after[1])
            statement = statement.where(tuple_(PatientToken.token, PatientToken.patient_id) > key)
        return statement

    found = _walk_each(scope, places, walk, size)
    return list(dict.fromkeys(patient_id for _, patient_id in sorted(found)))[:size]


def list_tokens_of_places(
    scope: TenantScope, places: Places, narrow: Callable[[Select[Any], uuid.UUID], Any], most: int
) -> Found:
    """Return the first tokens that each of some locations has to offer, without its beginning."""
    return _walk_each(scope, places, lambda place: narrow(_tokens(scope), place), most)


def _tokens(scope: TenantScope) -> Select[Any]:
    asked: tuple[Any, ...] = (PatientToken.token, PatientToken.patient_id)
    return select(*asked).where(PatientToken.tenant_id == scope.tenant_id)


def _walk_each(
    scope: TenantScope, places: Places, walk: Callable[[uuid.UUID], Select[Any]], most: int
) -> Found:
    """Walk the index once for each location, so that none has to be sorted."""
    walks = [
        walk(place).order_by(PatientToken.token, PatientToken.patient_id).limit(most).subquery()
        for place in sorted(places)
    ]
    if not walks:
        return []
    statement = union_all(*(select(one.c.token, one.c.patient_id) for one in walks))
    rows = scope.session.execute(statement.execution_options(everywhere=True))
    return [(_bare(row[0]), row[1]) for row in rows]


def _bare(token: str) -> str:
    return token.split(":", 1)[1] if token.startswith("@") else token
