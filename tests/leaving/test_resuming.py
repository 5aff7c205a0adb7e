"""An export survives a killed worker, a full disk and a clinic that goes on working."""

import json
import subprocess
import sys
import uuid
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.documents.files import store
from app.kit.clock import now, shifted
from app.leaving import queries
from app.leaving.archive import require_finished
from app.leaving.clinic_queries import page_patients
from app.leaving.errors import ExportGone, ExportNotReady, ExportUnderWay
from app.leaving.export_reader import Export
from app.leaving.models import ClinicExport
from app.leaving.progress import percent_of
from app.leaving.services.ask_export import ask_export, discard_export, resume_exports
from app.leaving.services.make_export import MOST_TRIES, take_step
from app.leaving.verifier import verify
from app.tenants.queries import get_staff
from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, make_clinic
from tests.fakes.store import FullStore
from tests.leaving.story import save, zip_of

LOSE_JOBS = text("DELETE FROM queue.procrastinate_jobs WHERE args->>'tenant_id' = :t")
WAITING = text("SELECT args->>'name' FROM queue.procrastinate_jobs WHERE args->>'tenant_id' = :t")
DYING = Path(__file__).parent / "exporter_that_dies.py"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    made = make_clinic()
    for number in range(12):
        make_patient(made, name=f"Patient {'ABCDEFGHIJKL'[number]}")
    return made


def begin(clinic: MadeClinic) -> uuid.UUID:
    with clinic.scope() as scope:
        return ask_export(scope).id


def step(clinic: MadeClinic, export_id: uuid.UUID, most_rows: int = 40) -> ClinicExport:
    with clinic.scope() as scope:
        take_step(scope, export_id=export_id, most_rows=most_rows)
    return look(clinic, export_id)


def look(clinic: MadeClinic, export_id: uuid.UUID) -> ClinicExport:
    with clinic.scope() as scope:
        return queries.get_export(scope, export_id)


def finish(clinic: MadeClinic, export_id: uuid.UUID) -> ClinicExport:
    for _ in range(100):
        export = step(clinic, export_id)
        if export.state == "done":
            return export
    raise AssertionError("the export never ends")


def test_killed_in_the_middle_it_goes_on_and_is_whole(
    app: Flask, clinic: MadeClinic, tmp_path: Path
) -> None:
    export_id = begin(clinic)
    before = step(clinic, export_id)
    settings = {**asdict(app.config["SETTINGS"]), "home": str(app.config["SETTINGS"].home)}

    killed = subprocess.run(
        [sys.executable, str(DYING), json.dumps(settings), str(clinic.tenant_id), str(export_id)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=False,
    )

    assert killed.returncode == -9
    after = look(clinic, export_id)
    assert (after.parts, after.rows_done) == (before.parts, before.rows_done)
    with pytest.raises(ExportNotReady):
        require_finished(after, now())
    finish(clinic, export_id)
    assert verify(save(zip_of(clinic, export_id), tmp_path)).problems == []


def test_steps_are_bounded_and_progress_grows(clinic: MadeClinic) -> None:
    export_id = begin(clinic)

    seen = [percent_of(step(clinic, export_id)) for _ in range(3)]

    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1] <= 100
    assert percent_of(finish(clinic, export_id)) == 100


def test_what_changes_meanwhile_is_in_it_as_it_is_at_the_end(
    clinic: MadeClinic, tmp_path: Path
) -> None:
    export_id = begin(clinic)
    while look(clinic, export_id).table_number < 12:
        step(clinic, export_id)
    late, _ = make_patient(clinic, name="Patient Late")
    with clinic.scope() as scope:
        patients = page_patients(scope, after=None)
        patients[0].language = "ga"
        changed = patients[0].id

    finish(clinic, export_id)

    path = save(zip_of(clinic, export_id), tmp_path)
    assert verify(path).problems == []
    rows = {row["id"]: row for row in Export(path).rows("patient")}
    assert str(late) in rows
    assert rows[str(changed)]["language"] == "ga"
    assert len(rows) == 13


def test_a_full_disk_is_said_and_nothing_half_is_offered(app: Flask, clinic: MadeClinic) -> None:
    export_id = begin(clinic)
    step(clinic, export_id)
    kept = app.extensions["needlepoint_store"]
    app.extensions["needlepoint_store"] = FullStore()
    try:
        export = step(clinic, export_id)
    finally:
        app.extensions["needlepoint_store"] = kept

    assert (export.state, export.problem) == ("waiting", "store_unavailable")
    with pytest.raises(ExportNotReady):
        require_finished(export, now())
    assert finish(clinic, export_id).problem is None


def test_after_many_tries_it_fails_and_lets_a_new_one_begin(app: Flask, clinic: MadeClinic) -> None:
    export_id = begin(clinic)
    kept = app.extensions["needlepoint_store"]
    app.extensions["needlepoint_store"] = FullStore()
    try:
        for _ in range(MOST_TRIES):
            export = step(clinic, export_id)
    finally:
        app.extensions["needlepoint_store"] = kept

    assert export.state == "failed"
    begin(clinic)


def test_case_09_an_export_stops_when_its_owner_is_shut_out(clinic: MadeClinic) -> None:
    export_id = begin(clinic)
    step(clinic, export_id)
    with clinic.scope() as scope:
        get_staff(scope, clinic.owner.id).disabled_at = now()

    export = step(clinic, export_id)

    assert (export.state, export.problem) == ("failed", "asker_left")
    with clinic.scope() as scope:
        assert list(queries.page_parts(scope, export_id)) == []


def test_the_night_pushes_on_what_stopped_and_gives_it_up_in_the_end(
    app: Flask, clinic: MadeClinic
) -> None:
    export_id = begin(clinic)
    queue = create_engine(app.config["SETTINGS"].worker_url)

    def night(after: timedelta) -> list[str]:
        """Lose the clinic's jobs, have a night, and return what waits then."""
        with queue.begin() as connection:
            connection.execute(LOSE_JOBS, {"t": str(clinic.tenant_id)})
        with shifted(after), clinic.scope() as scope:
            resume_exports(scope)
        with queue.connect() as connection:
            return list(connection.execute(WAITING, {"t": str(clinic.tenant_id)}).scalars())

    assert night(timedelta(minutes=5)) == []
    assert night(timedelta(hours=2)) == ["leaving.export_step"]
    assert look(clinic, export_id).state == "queued"
    assert night(timedelta(hours=49)) == []
    queue.dispose()
    found = look(clinic, export_id)
    assert (found.state, found.problem) == ("failed", "stopped")
    begin(clinic)


def test_one_export_at_a_time(clinic: MadeClinic) -> None:
    begin(clinic)

    with pytest.raises(ExportUnderWay):
        begin(clinic)


def test_thrown_away_nothing_of_it_stays(clinic: MadeClinic) -> None:
    export_id = begin(clinic)
    finish(clinic, export_id)
    with clinic.scope() as scope:
        names = [one.object_name for one in queries.page_parts(scope, export_id)]
        assert all(store().exists(name) for name in names)

    with clinic.scope() as scope:
        discard_export(scope, export_id=export_id)

    assert not any(store().exists(name) for name in names)
    with pytest.raises(ExportGone):
        require_finished(look(clinic, export_id), now())


def test_case_43_at_rest_no_word_of_it_can_be_read(app: Flask, clinic: MadeClinic) -> None:
    finish(clinic, begin(clinic))

    folder = app.config["SETTINGS"].home / "objects" / "exports"
    parts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]

    assert len(parts) > 10
    assert not any(b"Patient" in data or b"tenant_id" in data for data in parts)
