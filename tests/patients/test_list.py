"""The list of patients goes out: safe for spreadsheets, encrypted, behind the second factor."""

import csv
import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask

from app.database import SYSTEM, tenant_scope
from app.kit.clock import shifted
from app.patients.errors import ListNotReady
from app.patients.export_queries import get_list
from app.patients.queries import get_patient
from app.patients.services import export_patients
from app.patients.services.export_patients import read_list_file, request_list, step_export
from app.rights.services.export_data import expire_exports
from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.pages import Desk


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def written(clinic: MadeClinic) -> uuid.UUID:
    with clinic.scope() as scope:
        export = request_list(scope)
    for _ in range(10):
        with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
            step_export(scope, export_id=export.id)
            if get_list(scope, export.id).state == "ready":
                break
    return export.id


def rows_of(clinic: MadeClinic, export_id: uuid.UUID) -> list[list[str]]:
    with clinic.scope() as scope:
        data = read_list_file(scope, export_id=export_id)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_case_35_a_formula_as_a_name_is_text_and_a_number_keeps_its_plus(
    clinic: MadeClinic,
) -> None:
    make_patient(clinic, name="=HYPERLINK(1)")

    heading, row = rows_of(clinic, written(clinic))

    assert heading[1] == "name"
    assert row[1] == "'=HYPERLINK(1)"
    assert row[4].replace(" ", "") == "+447700900123"


def test_everybody_is_in_it_once(clinic: MadeClinic) -> None:
    for number in range(3):
        make_patient(clinic, name=f"Person {number}")

    found = [row[1] for row in rows_of(clinic, written(clinic))[1:]]

    assert found == ["Person 0", "Person 1", "Person 2"]


def test_nobody_is_twice_or_left_out_when_names_change_while_it_is_written(
    clinic: MadeClinic,
) -> None:
    ids = [make_patient(clinic, name=name)[0] for name in ("Bea", "Cara", "Ada")]
    with clinic.scope() as scope:
        export_id = request_list(scope).id
    # The one who was written last gets a name at the list's other end, then is erased.
    for name in ("Zoe", ""):
        with clinic.scope() as scope:
            step_export(scope, export_id=export_id, size=1)
        with clinic.scope() as scope:
            last = get_patient(scope, get_list(scope, export_id).cursor_id or ids[0])
            last.sort_name = name.lower()
    for _ in range(2):
        with clinic.scope() as scope:
            step_export(scope, export_id=export_id, size=1)

    assert [row[0] for row in rows_of(clinic, export_id)[1:]] == [str(one) for one in ids]


def test_another_clinics_patients_are_not_in_it(clinic: MadeClinic) -> None:
    make_patient(make_clinic(name="Juniper Quay"), name="Somebody Else")
    make_patient(clinic, name="Ours")

    assert [row[1] for row in rows_of(clinic, written(clinic))[1:]] == ["Ours"]


def test_what_is_stored_is_encrypted_and_gone_after_a_day(
    context: Flask, clinic: MadeClinic
) -> None:
    make_patient(clinic, name="Zorbaqux Stored")
    store = context.extensions["needlepoint_store"]
    before = set(store.list_names("exports/"))
    export_id = written(clinic)
    names = set(store.list_names("exports/")) - before
    assert len(names) == 1
    assert all(b"Zorbaqux" not in store.get(name) for name in names)

    with shifted(timedelta(days=2)), clinic.scope() as scope:
        expire_exports(scope)

    assert not names & set(store.list_names("exports/"))
    with pytest.raises(ListNotReady), clinic.scope() as scope:
        read_list_file(scope, export_id=export_id)


def test_writing_and_fetching_ask_for_the_second_factor(context: Flask, clinic: MadeClinic) -> None:
    desk = Desk(context, clinic, clinic.owner)

    assert "/step-up" in desk.send("/patients/lists").headers["Location"]
    export_id = written(clinic)
    answer = desk.answer(f"/patients/lists/{export_id}/file", 303)
    assert "/step-up" in answer.headers["Location"]
    assert timedelta(days=1) == export_patients.LASTS
