"""What a job that died left behind is found by the night, and what is left can be copied."""

import json
import uuid
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from app.config import Settings
from app.database import SYSTEM, tenant_scope
from app.jobs.registry import NIGHTLY, run_job
from app.jobs.worker import work
from app.kit.clock import shifted
from app.leaving import queries as leaving
from app.leaving.services.ask_export import ask_export, expire_exports
from app.leaving.services.make_export import take_step
from app.patients.export_queries import get_list
from app.patients.services.export_patients import request_list, step_export
from app.rights.errors import NothingLeft
from app.rights.export_queries import get_export
from app.rights.jobs import expire
from app.rights.queries import list_decisions, list_requests, list_with_files_left
from app.rights.services.carry_out import carry_out
from app.rights.services.export_data import make_export, read_export, request_export
from app.storage.errors import StoreUnavailable
from tests.factories.billing import make_purchase
from tests.factories.plans import make_discussed_plan, make_patient
from tests.factories.tenants import MadeClinic, make_clinic
from tests.fakes.store import FullStore
from tests.rights.erasing import ask_erasure, run_what_is_due, send_everything
from tests.rights.test_erasure import set_years
from tests.support.pages import Desk


class StuckStore(FullStore):
    """A store that lets nothing go."""

    def delete(self, name: str) -> None:
        raise StoreUnavailable("The disk is not there.")


YEARS = timedelta(days=366 * 12)
TAKE = text(
    "DELETE FROM queue.procrastinate_jobs WHERE id = (SELECT min(id) FROM queue.procrastinate_jobs"
    " WHERE status = 'todo' AND args->>'tenant_id' = :t) RETURNING args"
)
LOSE = text("DELETE FROM queue.procrastinate_jobs WHERE args->>'tenant_id' = :t")
SENT = text("UPDATE message SET state = 'sent' WHERE patient_id = :p")


@pytest.fixture
def queue(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.worker_url)
    yield engine
    engine.dispose()


def run_the_night(queue: Engine, clinic: MadeClinic, room: str) -> None:
    """Run a room's nightly jobs in this clinic, and what this clinic waits for, in order."""
    for name in NIGHTLY:
        if name.startswith(room):
            run_job(clinic.tenant_id, name, {"_actor": ["system", "", ""]})
    while waiting := take_job(queue, clinic):
        run_job(clinic.tenant_id, *waiting)


def take_job(queue: Engine, clinic: MadeClinic) -> tuple[str, dict[str, Any]] | None:
    with queue.begin() as connection:
        row = connection.execute(TAKE, {"t": str(clinic.tenant_id)}).first()
    return (row[0]["name"], row[0]["args"]) if row else None


def copy_of(clinic: MadeClinic, patient_id: uuid.UUID) -> uuid.UUID:
    with clinic.scope() as scope:
        export_id = request_export(scope, patient_id=patient_id).id
    with clinic.scope() as scope:
        make_export(scope, export_id=export_id)
    return export_id


def test_files_that_could_not_be_removed_are_removed_another_night(
    context: Flask, queue: Engine
) -> None:
    clinic = make_clinic()
    patient_id, _ = make_patient(clinic)
    store = context.extensions["needlepoint_store"]
    before = set(store.list_names("exports/"))
    copy_of(clinic, patient_id)
    with clinic.scope() as scope:
        list_id = request_list(scope).id
    with clinic.scope() as scope:
        step_export(scope, export_id=list_id)
    mine = set(store.list_names("exports/")) - before
    assert len(mine) == 2
    ask_erasure(clinic, patient_id)
    send_everything(clinic)
    context.extensions["needlepoint_store"] = StuckStore()
    try:
        with pytest.raises(StoreUnavailable):
            run_what_is_due(clinic)
    finally:
        context.extensions["needlepoint_store"] = store
    while take_job(queue, clinic):
        pass  # Lost, as after too many tries.
    with clinic.scope() as scope:
        assert list_with_files_left(scope)

    run_the_night(queue, clinic, "rights.")

    with clinic.scope() as scope:
        assert {one.state for one in list_decisions(scope, patient_id)} == {"done"}
        assert list_with_files_left(scope) == []
        assert get_list(scope, list_id).state == "expired"
    assert not mine & set(store.list_names("exports/"))


def test_an_export_of_the_clinic_is_dropped_with_a_patient_in_it(
    context: Flask, queue: Engine
) -> None:
    clinic = make_clinic()
    patient_id, _ = make_patient(clinic)
    with clinic.scope() as scope:
        export_id = ask_export(scope).id
    with clinic.scope() as scope:
        take_step(scope, export_id=export_id)
    with clinic.scope() as scope:
        assert leaving.get_export(scope, export_id).state == "done"
    ask_erasure(clinic, patient_id)
    send_everything(clinic)

    run_the_night(queue, clinic, "rights.")

    with clinic.scope() as scope:
        export = leaving.get_export(scope, export_id)
    assert (export.state, export.problem) == ("failed", "patient_erased")
    desk = Desk(context, clinic, clinic.owner)
    page = desk.read("/settings/leaving")
    assert "Thrown away The data of a patient who was in it was erased" in page
    with clinic.scope() as scope:
        assert leaving.page_parts(scope, export_id) == []
        expire_exports(scope)
    assert "a patient who was in it was erased" in desk.read("/settings/leaving")


def test_an_erasure_that_waits_holds_up_nobody_else(
    context: Flask, settings: Settings, queue: Engine
) -> None:
    clinic = make_clinic()
    waits, other = (make_patient(clinic, name=name)[0] for name in ("Null Wait", "Nobody Else"))
    held = ask_erasure(clinic, waits)["contact"].id
    with queue.begin() as connection:
        connection.execute(LOSE, {"t": str(clinic.tenant_id)})
    with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        assert carry_out(scope, decision_id=held).state == "waiting"
    ask_erasure(clinic, other)
    with clinic.scope() as scope:
        scope.session.execute(SENT, {"p": other})

    work(context, settings.worker_url, until_empty=True)

    with clinic.scope() as scope:
        assert {one.state for one in list_decisions(scope, other)} == {"done"}
        assert [one.state for one in list_requests(scope, other)] == ["done"]
        assert {one.state for one in list_decisions(scope, waits)} == {"waiting"}


def test_a_copy_that_nobody_makes_has_failed_and_says_so(context: Flask) -> None:
    clinic = make_clinic()
    patient_id, _ = make_patient(clinic)
    with clinic.scope() as scope:
        first = request_export(scope, patient_id=patient_id).id

        request_list(scope)

    with shifted(timedelta(hours=25)), tenant_scope(clinic.tenant_id, SYSTEM) as scope:
        expire(scope)

    desk = Desk(context, clinic, clinic.owner)
    assert "Could not be made" in desk.read(f"/patients/{patient_id}/rights")
    assert "Could not be written" in desk.read("/patients/lists")
    with clinic.scope() as scope:
        assert request_export(scope, patient_id=patient_id).id != first


def test_a_copy_holds_what_is_left_and_is_refused_when_nothing_is(context: Flask) -> None:
    made = make_discussed_plan()
    clinic, patient_id = made.clinic, made.patient_id
    make_purchase(clinic, patient_id=patient_id)
    set_years(clinic, clinical=0, financial=20)
    ask_erasure(clinic, patient_id)
    send_everything(clinic)
    with shifted(YEARS):
        run_what_is_due(clinic)
        export_id = copy_of(clinic, patient_id)
        with clinic.scope() as scope:
            assert get_export(scope, export_id).retention == "financial"
            data = read_export(scope, export_id=export_id)
        page = Desk(context, clinic, clinic.owner).read(f"/patients/{patient_id}/rights")
    assert "the copy holds what is left" in page
    with zipfile.ZipFile(BytesIO(data)) as archive:
        record = json.loads(archive.read("data.json"))
    assert record["records"]["purchase"]
    assert record["records"]["patient"][0]["date_of_birth"] is None

    with shifted(2 * YEARS):
        run_what_is_due(clinic)
        with clinic.scope() as scope, pytest.raises(NothingLeft):
            request_export(scope, patient_id=patient_id)
