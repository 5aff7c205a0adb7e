"""Who comes onto the books between an import's trial and its start is not added twice."""

import uuid
from datetime import date

import pytest
from flask import Flask

from app.database import SYSTEM, tenant_scope
from app.patients.queries import page_patients
from app.patients.services.import_patients import start_import, step_import
from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, make_clinic
from tests.patients.test_import import GOOD, begin, found, names, run, step
from tests.support.api import Api
from tests.support.pages import Desk

SISTERS = "Anna Quiñones,04/02/1991,,\nBerta Quiñones,04/02/1991,,\n"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def tried(clinic: MadeClinic, rows: str) -> uuid.UUID:
    import_id = begin(clinic, rows)
    run(clinic, import_id, "checked")
    return import_id


def start(clinic: MadeClinic, import_id: uuid.UUID) -> None:
    with clinic.scope() as scope:
        start_import(scope, import_id=import_id)


def stop_before_the_end(clinic: MadeClinic, import_id: uuid.UUID) -> None:
    """Do the last step and stop before anything of it is kept."""
    with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        step_import(scope, import_id=import_id)
        scope.session.flush()
        raise KeyboardInterrupt


def count(clinic: MadeClinic) -> int:
    with clinic.scope() as scope:
        return len(page_patients(scope, size=50))


def test_whoever_was_added_after_the_trial_is_left_out_and_reported(
    clinic: MadeClinic, context: Flask
) -> None:
    import_id = tried(clinic, GOOD)
    make_patient(clinic, name="Siobhan O'Connor")

    start(clinic, import_id)
    run(clinic, import_id, "done")

    assert names(clinic) == ["Null", "Siobhan O'Connor"]
    assert found(clinic, import_id) == [(1, "duplicate", ["twin_since"]), (2, "accepted", [])]
    desk = Desk(context, clinic, clinic.owner)
    page = desk.read(f"/patients/imports/{import_id}")
    assert "1 patient was imported" in page
    assert "1 row was left out at the end." in page
    assert "Somebody like this came onto your books after the trial" in page
    report = desk.answer(f"/patients/imports/{import_id}/report").text
    assert (
        '2,duplicate,Full name,"Somebody like this came onto your books after the trial' in report
    )


def test_a_program_reads_the_same_report(clinic: MadeClinic, context: Flask) -> None:
    import_id = tried(clinic, GOOD)
    make_patient(clinic, name="Siobhan O'Connor")
    api = Api(context, clinic, clinic.owner)
    path = f"/patient-imports/{import_id}/rows"
    assert [one["outcome"] for one in api.get(path)] == ["accepted", "accepted"]

    start(clinic, import_id)
    run(clinic, import_id, "done")

    [late, added] = api.get(path)
    assert (late["row"], late["outcome"]) == (2, "duplicate")
    assert [one["code"] for one in late["problems"]] == ["twin_since"]
    assert "came onto your books after the trial" in late["problems"][0]["message"]
    assert added == {"row": 3, "outcome": "accepted", "problems": []}
    assert api.get(f"{path}?after=2") == [added]


def test_whoever_comes_while_it_runs_is_found_too(clinic: MadeClinic) -> None:
    import_id = tried(clinic, GOOD)
    start(clinic, import_id)
    assert step(clinic, import_id) == "importing"
    make_patient(clinic, name="Siobhán O'Connor")

    run(clinic, import_id, "done")

    assert count(clinic) == 2
    assert found(clinic, import_id)[0] == (1, "duplicate", ["twin_since"])


def test_the_same_file_twice_adds_everybody_once(clinic: MadeClinic) -> None:
    first, second = tried(clinic, GOOD), tried(clinic, GOOD)
    for one in (first, second):
        start(clinic, one)
        run(clinic, one, "done")

    assert count(clinic) == 2
    assert [row[1] for row in found(clinic, second)] == ["duplicate", "duplicate"]


def test_sisters_of_one_file_are_no_twins_of_each_other(clinic: MadeClinic) -> None:
    import_id = tried(clinic, SISTERS)

    start(clinic, import_id)
    run(clinic, import_id, "done")

    assert names(clinic) == ["Anna Quiñones", "Berta Quiñones"]


def test_a_kill_in_the_middle_reports_nothing_that_did_not_happen(clinic: MadeClinic) -> None:
    import_id = tried(clinic, GOOD + "Third Person,05/05/1980,,\n")
    make_patient(clinic, name="Third Person", born=date(1980, 5, 5))
    start(clinic, import_id)
    step(clinic, import_id)
    with pytest.raises(KeyboardInterrupt):
        stop_before_the_end(clinic, import_id)
    assert [row[1] for row in found(clinic, import_id)] == ["accepted"] * 3

    run(clinic, import_id, "done")

    assert [row[1] for row in found(clinic, import_id)] == ["accepted", "accepted", "duplicate"]
    assert count(clinic) == 3
