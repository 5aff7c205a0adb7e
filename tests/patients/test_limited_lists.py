"""The list and the search of limited people find whom the limit shows: all of them and no others.

They walk tokens of each location, which have to follow every way in which a person comes to a
location or leaves it.
"""

import uuid
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import TenantScope, db
from app.patients.models import Patient
from app.patients.queries import PatientLine, get_patient, page_patients, search_patients
from app.patients.services.add_patient import NewPatient, add_patient
from app.patients.services.edit_patient import PatientEdit, edit_patient
from app.patients.services.merge_patients import merge_patients, undo_merge
from app.plans.services.make_plan import make_plan
from tests.factories.billing import make_purchase, make_selling_clinic
from tests.factories.plans import make_discussed_plan, make_patient, terms
from tests.factories.tenants import MadeClinic
from tests.support.query_recorder import recorded
from tests.tenants.test_reach import another_location

BORN = date(1988, 3, 27)


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_selling_clinic()


@pytest.fixture
def far(clinic: MadeClinic) -> uuid.UUID:
    return another_location(clinic)


def put(clinic: MadeClinic, name: str, where: uuid.UUID) -> uuid.UUID:
    with clinic.scope() as scope:
        return add_patient(scope, NewPatient(name, BORN, where), is_new=True).id


def narrowed_row_by_row(scope: TenantScope) -> set[uuid.UUID]:
    """Ask the limit itself, on every row: slow and right."""
    statement = select(Patient.id).where(
        Patient.tenant_id == scope.tenant_id,
        Patient.merged_into.is_(None),
        Patient.erased_at.is_(None),
    )
    return set(scope.session.scalars(statement))


def listed(clinic: MadeClinic, *places: uuid.UUID) -> list[str]:
    """Return the names that somebody limited to some locations finds, in the list's order."""
    with clinic.scope() as scope:
        scope.session.places = frozenset(places)
        found = page_patients(scope)
        assert {one.id for one in found} == narrowed_row_by_row(scope)
        for one in found:
            assert one in search_patients(scope, one.name)
        return [one.name for one in found]


def edit(clinic: MadeClinic, patient_id: uuid.UUID, name: str, where: uuid.UUID) -> None:
    with clinic.scope() as scope:
        version = get_patient(scope, patient_id).version
        wanted = PatientEdit(name, BORN, where, "en")
        edit_patient(scope, patient_id=patient_id, version=version, wanted=wanted)


def test_a_plan_elsewhere_brings_a_patient_into_that_list(context: Flask) -> None:
    made = make_discussed_plan()
    clinic = made.clinic
    far = another_location(clinic)
    ada = put(clinic, "Zoe Byron", far)
    assert "Zoe Byron" not in listed(clinic, clinic.location_id)

    with clinic.scope(made.practitioner) as scope:
        planned = terms(made.device_id, made.practitioner.id)
        make_plan(scope, patient_id=ada, location_id=clinic.location_id, terms=planned)

    assert listed(clinic, clinic.location_id) == ["Aoife Nguyễn", "Zoe Byron"]
    assert listed(clinic, far) == ["Zoe Byron"]


def test_a_purchase_elsewhere_does_so_too_and_stays_when_the_patient_moves(
    clinic: MadeClinic, far: uuid.UUID
) -> None:
    ada = put(clinic, "Ada Byron", far)
    make_purchase(clinic, patient_id=ada)
    assert listed(clinic, clinic.location_id) == ["Ada Byron"]

    third = another_location(clinic)
    edit(clinic, ada, "Ada Byron", third)

    assert [len(listed(clinic, one)) for one in (clinic.location_id, far, third)] == [1, 0, 1]


def test_a_new_name_is_the_only_one_in_the_list_and_both_are_found(
    clinic: MadeClinic, far: uuid.UUID
) -> None:
    ada = put(clinic, "Ada Byron", far)
    edit(clinic, ada, "Augusta King", far)

    assert listed(clinic, far, clinic.location_id) == ["Augusta King"]
    with clinic.scope() as scope:
        scope.session.places = frozenset({far})
        assert [one.name for one in search_patients(scope, "byron")] == ["Augusta King"]
        scope.session.places = frozenset({clinic.location_id})
        assert search_patients(scope, "byron") == []


def test_records_that_are_joined_are_listed_together_until_they_are_parted(
    clinic: MadeClinic, far: uuid.UUID
) -> None:
    kept, alias = put(clinic, "Ada Byron", clinic.location_id), put(clinic, "Ada King", far)
    with clinic.scope() as scope:
        merge_id = merge_patients(scope, kept_id=kept, alias_id=alias).id
    assert listed(clinic, far) == listed(clinic, clinic.location_id) == ["Ada Byron"]

    edit(clinic, alias, "Ada Lovelace", clinic.location_id)
    assert listed(clinic, far) == []
    with clinic.scope() as scope:
        undo_merge(scope, patient_id=kept, merge_id=merge_id)

    assert listed(clinic, clinic.location_id) == ["Ada Byron", "Ada Lovelace"]
    assert listed(clinic, far) == []


def test_pages_of_two_locations_follow_each_other_by_name(
    clinic: MadeClinic, far: uuid.UUID
) -> None:
    away = another_location(clinic)
    for number in range(7):
        put(clinic, f"Ada {number}", (far, clinic.location_id)[number % 2])
    stranger = put(clinic, "Ada 3 Away", away)

    with clinic.scope() as scope:
        scope.session.places = frozenset({far, clinic.location_id})
        pages: list[list[PatientLine]] = [list(page_patients(scope, size=3))]
        while pages[-1]:
            pages.append(list(page_patients(scope, after=pages[-1][-1].id, size=3)))
        beyond = page_patients(scope, after=stranger)

    assert [len(one) for one in pages] == [3, 3, 1, 0]
    assert [one.name for page in pages for one in page] == [f"Ada {n}" for n in range(7)]
    assert beyond == []


def test_a_limited_list_asks_as_many_questions_for_many_as_for_few(clinic: MadeClinic) -> None:
    def questions() -> int:
        with clinic.scope() as scope:
            scope.session.places = frozenset({clinic.location_id})
            with recorded(db.engine) as sent:
                page_patients(scope)
                search_patients(scope, "a")
            return len(sent)

    make_patient(clinic, name="Ada Byron")
    few = questions()
    for number in range(5):
        make_patient(clinic, name=f"Ada {number}")

    assert questions() == few
