"""A list of patients comes in: tried out row by row, then as a whole or not at all."""

import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app.database import SYSTEM, tenant_scope
from app.errors import Invalid, TooLarge
from app.jobs.worker import work
from app.kit.clock import shifted
from app.patients import import_queries
from app.patients.errors import ImportMoved
from app.patients.jobs import tend
from app.patients.queries import page_patients
from app.patients.services import import_patients
from app.patients.services.import_patients import (
    MOST_BYTES,
    cancel_import,
    map_columns,
    start_import,
    step_import,
    upload_list,
)
from app.tenants.models import Role
from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.support.pages import Desk

TAKE_JOBS = text(
    "DELETE FROM queue.procrastinate_jobs WHERE status = 'todo' AND args->>'tenant_id' = :t"
    " RETURNING args->>'name'"
)
HEAD = "Name,Date of birth,Email,Phone\n"
GOOD = "Siobhán O'Connor,17/05/1990,siobhan@patients.example,+44 7700 900123\nNull,01/02/1991,,\n"
COLUMNS = {"name": 0, "date_of_birth": 1, "email": 2, "phone": 3}


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def begin(clinic: MadeClinic, rows: str) -> uuid.UUID:
    with clinic.scope() as scope:
        one = upload_list(scope, (HEAD + rows).encode())
    with clinic.scope() as scope:
        map_columns(
            scope,
            import_id=one.id,
            columns=COLUMNS,
            order="dmy",
            location_id=clinic.location_id,
        )
    return one.id


def step(clinic: MadeClinic, import_id: uuid.UUID) -> str:
    with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        step_import(scope, import_id=import_id)
        return import_queries.get_import(scope, import_id).state


def run(clinic: MadeClinic, import_id: uuid.UUID, until: str) -> None:
    for _ in range(30):
        if step(clinic, import_id) == until:
            return
    raise AssertionError("it never got there")


def die_after_the_work(clinic: MadeClinic, import_id: uuid.UUID) -> None:
    """Lose the database's connection when everybody was added and nothing is committed yet."""
    with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        step_import(scope, import_id=import_id)
        scope.session.flush()
        assert len(page_patients(scope)) == 2
        scope.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def upload_and_die(clinic: MadeClinic) -> None:
    """Lose the database's connection when the file is stored and its row is not committed."""
    with clinic.scope() as scope:
        upload_list(scope, (HEAD + GOOD).encode())
        scope.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def names(clinic: MadeClinic) -> list[str]:
    with clinic.scope() as scope:
        return [one.name for one in page_patients(scope, size=50)]


def found(clinic: MadeClinic, import_id: uuid.UUID) -> list[tuple[int, str, list[str]]]:
    with clinic.scope() as scope:
        return [
            (row.number, row.outcome, [one["code"] for one in row.problems])
            for row in import_queries.list_rows(scope, import_id)
        ]


def test_nothing_is_imported_by_a_trial(clinic: MadeClinic) -> None:
    run(clinic, begin(clinic, GOOD), "checked")

    assert names(clinic) == []


def test_accepted_rows_become_patients(clinic: MadeClinic) -> None:
    import_id = begin(clinic, GOOD)
    run(clinic, import_id, "checked")
    with clinic.scope() as scope:
        start_import(scope, import_id=import_id)

    run(clinic, import_id, "done")

    assert names(clinic) == ["Null", "Siobhán O'Connor"]


def test_every_row_is_told_what_is_wrong_with_it(clinic: MadeClinic) -> None:
    make_patient(clinic, name="Known Person")
    rows = (
        "Aoife\u202e,17/05/1990,,\n"
        ",17/05/1990,,\n"
        "A B,31/02/1990,,\n"
        "A C,17/05/2990,,\n"
        "A D,17/05/1990,nobody,call me\n"
        "A E,17/05/1990,,\n"
        "a  e,17/05/1990,,\n"
        "Known Person,17/05/1990,,\n"
        "A F,17/05/1990,,,,too many\n"
    )

    import_id = begin(clinic, rows)
    run(clinic, import_id, "checked")

    assert found(clinic, import_id) == [
        (1, "refused", ["name"]),
        (2, "refused", ["name_missing"]),
        (3, "refused", ["birth_unreadable"]),
        (4, "refused", ["birth_impossible"]),
        (5, "refused", ["email", "phone"]),
        (6, "accepted", []),
        (7, "duplicate", ["twin_here"]),
        (8, "duplicate", ["twin_known"]),
        (9, "refused", ["cells"]),
    ]


def test_a_kill_in_the_middle_leaves_nothing_and_is_made_good(
    clinic: MadeClinic,
) -> None:
    import_id = begin(clinic, GOOD)
    run(clinic, import_id, "checked")
    with clinic.scope() as scope:
        start_import(scope, import_id=import_id)
    step(clinic, import_id)
    with pytest.raises(OperationalError):
        die_after_the_work(clinic, import_id)
    assert names(clinic) == []

    run(clinic, import_id, "done")

    assert len(names(clinic)) == 2


def test_a_job_that_comes_late_imports_nobody_twice(clinic: MadeClinic) -> None:
    import_id = begin(clinic, GOOD)
    run(clinic, import_id, "checked")
    with clinic.scope() as scope:
        start_import(scope, import_id=import_id)
    run(clinic, import_id, "done")

    assert step(clinic, import_id) == "done"
    assert len(names(clinic)) == 2


def test_a_long_list_is_worked_in_steps_with_progress(clinic: MadeClinic) -> None:
    rows = "".join(f"Person {number},01/02/1990,,\n" for number in range(300))
    import_id = begin(clinic, rows)

    assert step(clinic, import_id) == "checking"
    with clinic.scope() as scope:
        assert import_queries.get_import(scope, import_id).done == import_patients.CHECKED_AT_ONCE
    assert step(clinic, import_id) == "checked"


def test_what_was_given_up_is_never_imported(clinic: MadeClinic) -> None:
    import_id = begin(clinic, GOOD)
    run(clinic, import_id, "checked")
    with clinic.scope() as scope:
        cancel_import(scope, import_id=import_id)

    with pytest.raises(ImportMoved), clinic.scope() as scope:
        start_import(scope, import_id=import_id)
    assert step(clinic, import_id) == "cancelled"


def test_until_all_are_added_it_can_be_given_up(clinic: MadeClinic) -> None:
    import_id = begin(clinic, GOOD)
    run(clinic, import_id, "checked")
    with clinic.scope() as scope:
        start_import(scope, import_id=import_id)
    assert step(clinic, import_id) == "importing"
    with clinic.scope() as scope:
        cancel_import(scope, import_id=import_id)

    assert step(clinic, import_id) == "cancelled"
    assert names(clinic) == []


def test_the_night_goes_on_with_what_stopped_and_sweeps_up_the_rest(
    context: Flask, clinic: MadeClinic
) -> None:
    stopped, over = begin(clinic, GOOD), begin(clinic, GOOD)
    store = context.extensions["needlepoint_store"]
    with pytest.raises(OperationalError):
        upload_and_die(clinic)
    with clinic.scope() as scope:
        needed = import_queries.get_import(scope, stopped).object_name
        cancel_import(scope, import_id=over)
    files = store.list_names(needed.rpartition("/")[0] + "/")
    assert len(files) == 3
    assert "patients.step_import" in take_jobs(context, clinic)

    with shifted(timedelta(hours=2)), tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        tend(scope)

    assert [name for name in files if store.exists(name)] == [needed]
    assert take_jobs(context, clinic) == ["patients.step_import"]


def take_jobs(app: Flask, clinic: MadeClinic) -> list[str]:
    """Lose every job of a clinic that waits, as after too many tries; return their names."""
    engine = create_engine(app.config["SETTINGS"].worker_url)
    with engine.begin() as connection:
        names = list(connection.execute(TAKE_JOBS, {"t": str(clinic.tenant_id)}).scalars())
    engine.dispose()
    return names


def test_the_file_is_stored_encrypted_and_deleted_at_the_end(
    context: Flask, clinic: MadeClinic
) -> None:
    import_id = begin(clinic, GOOD)
    with clinic.scope() as scope:
        name = import_queries.get_import(scope, import_id).object_name
        cancel_import(scope, import_id=import_id)
    store = context.extensions["needlepoint_store"]
    assert b"Siobh" not in store.get(name)

    for _ in range(2):  # A worker that is to stop does not wait for jobs that wait for each other.
        work(context, context.config["SETTINGS"].worker_url, until_empty=True)

    assert not store.exists(name)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [(b"x" * (MOST_BYTES + 1), TooLarge), (b"PK\x03\x04\x00", Invalid), (b"", Invalid)],
    ids=["large", "spreadsheet", "empty"],
)
def test_what_is_no_list_is_refused_at_once(
    clinic: MadeClinic, data: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal), clinic.scope() as scope:
        upload_list(scope, data)


def test_the_owner_walks_through_the_pages(context: Flask, clinic: MadeClinic) -> None:
    desk = Desk(context, clinic, clinic.owner)
    form = {
        "csrf_token": desk.api.csrf,
        "idempotency_key": uuid.uuid4().hex,
        "file": (io.BytesIO((HEAD + GOOD + "X,never,,\n").encode("cp1252")), "old.csv"),
    }
    answer = desk.api.client.post(desk.base + "/patients/imports", data=form)
    assert answer.status_code == 303, answer.text
    path = answer.headers["Location"].removeprefix(desk.base)
    page = desk.read(path)
    assert "Windows-1252" in page
    assert "Siobhán O'Connor" in page

    columns = {f"column_{name}": str(number) for name, number in COLUMNS.items()}
    where = str(clinic.location_id)
    desk.send(f"{path}/mapping", 422, **columns, location_id=where)
    desk.send(f"{path}/mapping", **columns, order="dmy", location_id=where)
    run(clinic, uuid.UUID(path.rpartition("/")[2]), "checked")
    assert "2 of 3 rows can be imported" in desk.read(path)
    report = desk.answer(f"{path}/report").text
    assert "4,refused,Date of birth,This is not a day in the order that you chose." in report
    assert "never" not in report
    desk.send(f"{path}/start")
    run(clinic, uuid.UUID(path.rpartition("/")[2]), "done")

    assert "2 patients were imported" in desk.read(path)


def test_the_front_desk_imports_nothing(context: Flask, clinic: MadeClinic) -> None:
    desk = Desk(context, clinic, add_staff(clinic, Role.FRONT_DESK))

    desk.read("/patients/imports", 403)
    desk.read("/patients/lists", 403)
