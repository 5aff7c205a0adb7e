"""Jobs are rows of the caller's transaction, run in their clinic, and survive a killed worker."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from app import audit, jobs
from app.audit.models import AuditEvent
from app.config import Settings
from app.database import Actor, TenantScope, tenant_scope
from app.database.install import DatabaseUrls
from app.jobs.registry import UnknownJob, run_job
from app.jobs.worker import work
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.engines import superuser_engine

HERE = Path(__file__).parent
DYING_WORKER = HERE / "worker_that_dies.py"
QUEUED = "SELECT args FROM queue.procrastinate_jobs WHERE args ->> 'name' = :name"


@jobs.handler("trial.note")
def note(scope: TenantScope, *, subject_id: uuid.UUID) -> None:
    """Leave an event that says who ran where."""
    audit.record(scope, "trial:job:ran", subject_id=subject_id)


@jobs.handler("trial.fail")
def fail(scope: TenantScope, *, subject_id: uuid.UUID) -> None:
    """Write something, then fail."""
    audit.record(scope, "trial:job:ran", subject_id=subject_id)
    scope.session.flush()
    raise ZeroDivisionError


@jobs.handler("trial.slow")
def slow(scope: TenantScope, *, subject_id: uuid.UUID) -> None:
    """Do at once what the worker that dies never gets done."""
    audit.record(scope, "trial:job:ran", subject_id=subject_id)


RAN: list[uuid.UUID] = []


@jobs.handler("trial.turn")
def turn(scope: TenantScope) -> None:
    """Note whose turn it was."""
    RAN.append(scope.tenant_id)


@pytest.fixture(scope="session")
def superuser(admin_url: str, urls: DatabaseUrls) -> Engine:
    return superuser_engine(admin_url, urls.app)


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def queued(superuser: Engine, name: str, subject_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the arguments of the jobs of a name and subject that are in the queue."""
    with superuser.connect() as connection:
        found = connection.scalars(text(QUEUED), {"name": name}).all()
    return [args for args in found if str(subject_id) in json.dumps(args)]


def runs(clinic: MadeClinic, subject_id: uuid.UUID) -> list[AuditEvent]:
    with clinic.scope() as scope:
        asked = select(AuditEvent).where(AuditEvent.subject_id == subject_id)
        return list(scope.session.scalars(asked))


class TestEnqueueing:
    def test_a_job_runs_in_its_clinic_as_whoever_asked_for_it(
        self, context: Flask, clinic: MadeClinic, settings: Settings
    ) -> None:
        subject, device = uuid.uuid4(), uuid.uuid4()
        owner = Actor("staff", clinic.owner.id, clinic.owner.person_id, device)
        with tenant_scope(clinic.tenant_id, owner) as scope:
            jobs.enqueue(scope, "trial.note", subject_id=subject)

        work(context, settings.worker_url, until_empty=True)

        [event] = runs(clinic, subject)
        assert (event.actor_kind, event.actor_id) == ("staff", clinic.owner.id)
        assert event.person_id == clinic.owner.person_id
        assert str(device) in event.details

    def test_what_is_rolled_back_leaves_no_job(self, clinic: MadeClinic, superuser: Engine) -> None:
        subject = uuid.uuid4()
        with clinic.scope() as scope:
            jobs.enqueue(scope, "trial.note", subject_id=subject)
            assert queued(superuser, "trial.note", subject) == []
            scope.session.rollback()

        assert queued(superuser, "trial.note", subject) == []

    def test_a_spoofed_clinic_is_overwritten_by_the_door(
        self, clinic: MadeClinic, superuser: Engine
    ) -> None:
        victim, subject = make_clinic(name="Juniper Quay"), uuid.uuid4()
        spoofed = {"tenant_id": str(victim.tenant_id), "subject_id": str(subject)}
        with clinic.scope() as scope:
            scope.session.execute(
                text("SELECT door.enqueue('trial.note', CAST(:args AS jsonb), NULL, NULL)"),
                {"args": json.dumps(spoofed)},
            )

        [args] = queued(superuser, "trial.note", subject)
        assert args["tenant_id"] == str(clinic.tenant_id)

    def test_without_a_clinic_there_is_no_job(self, urls: DatabaseUrls, app_engine: Engine) -> None:
        with app_engine.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text("SELECT door.enqueue('trial.note', '{}', NULL, NULL)"))

    def test_the_application_cannot_touch_the_queue_itself(self, app_engine: Engine) -> None:
        with app_engine.connect() as connection, pytest.raises(DBAPIError) as caught:
            connection.execute(text("DELETE FROM queue.procrastinate_jobs"))

        assert caught.value.orig.sqlstate == "42501"

    def test_an_unknown_job_is_refused_when_it_is_asked_for(self, clinic: MadeClinic) -> None:
        with clinic.scope() as scope, pytest.raises(UnknownJob):
            jobs.enqueue(scope, "trial.unheard_of", subject_id=uuid.uuid4())

    def test_an_unknown_job_does_not_run(self, clinic: MadeClinic) -> None:
        with pytest.raises(UnknownJob):
            run_job(clinic.tenant_id, "trial.unheard_of", {"_actor": ["system", "", ""]})

    def test_a_name_has_one_handler(self) -> None:
        with pytest.raises(ValueError, match="two handlers"):
            jobs.handler("trial.note")(note)


def test_case_41_a_busy_clinic_does_not_keep_another_waiting(
    context: Flask, clinic: MadeClinic, settings: Settings
) -> None:
    quiet = make_clinic(name="Juniper Quay")
    for who, many in ((clinic, 30), (quiet, 2)):
        with who.scope() as scope:
            for _ in range(many):
                jobs.enqueue(scope, "trial.turn")
    RAN.clear()

    work(context, settings.worker_url, until_empty=True)

    assert len(RAN) == 32
    # Each of the two takes its turn beside the first and the second of the busy clinic's own, which
    # two hands may finish in either order.
    assert RAN[:6].count(quiet.tenant_id) == 2


def test_case_41_in_turns_too_jobs_of_one_lock_keep_their_order(
    clinic: MadeClinic, superuser: Engine
) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    with clinic.scope() as scope:
        for _ in range(5):
            jobs.enqueue(scope, "trial.turn")
        jobs.enqueue(scope, "trial.note", lock="one", subject_id=first)
    clear = "DELETE FROM queue.procrastinate_jobs WHERE args ->> 'name' = 'trial.turn'"
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL search_path = queue"))
        connection.execute(text(clear))
    with clinic.scope() as scope:
        jobs.enqueue(scope, "trial.note", lock="one", subject_id=second)

    asked = (
        "SELECT args -> 'args' ->> 'subject_id' FROM queue.procrastinate_jobs WHERE lock = :lock"
    )
    with superuser.connect() as connection:
        found = connection.scalars(
            text(asked + " ORDER BY priority DESC, id"), {"lock": f"{clinic.tenant_id}:one"}
        ).all()
    assert found == [str(first), str(second)]


class TestFailing:
    def test_a_failed_job_keeps_nothing_and_is_tried_again(
        self, context: Flask, clinic: MadeClinic, settings: Settings, superuser: Engine
    ) -> None:
        subject = uuid.uuid4()
        with clinic.scope() as scope:
            jobs.enqueue(scope, "trial.fail", subject_id=subject)

        work(context, settings.worker_url, until_empty=True)

        assert runs(clinic, subject) == []
        with superuser.connect() as connection:
            asked = text(
                "SELECT status\\:\\:text, attempts FROM queue.procrastinate_jobs"
                " WHERE args ->> 'name' = 'trial.fail' AND args\\:\\:text LIKE :subject"
            )
            [row] = connection.execute(asked, {"subject": f"%{subject}%"}).all()
        assert row.status == "todo"
        assert row.attempts >= 1


class TestBeingKilled:
    @pytest.fixture
    def dying(self, settings: Settings, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
        """A worker process of its own that says when its job has begun."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE.parent.parent),
            "NEEDLEPOINT_MODE": "test",
            "NEEDLEPOINT_HOME": str(tmp_path),
            "NEEDLEPOINT_DATABASE_URL": settings.database_url,
            "NEEDLEPOINT_OWNER_URL": settings.owner_url,
            "NEEDLEPOINT_WORKER_URL": settings.worker_url,
            "NEEDLEPOINT_KEYS_URL": settings.keys_url,
            "NEEDLEPOINT_SECRET_KEY": settings.secret_key,
            "NEEDLEPOINT_ROOT_KEY": settings.root_key_hex,
        }
        program = [sys.executable, str(DYING_WORKER)]
        with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE) as process:
            yield process
            process.kill()

    def test_the_job_of_a_killed_worker_runs_again(
        self,
        context: Flask,
        clinic: MadeClinic,
        settings: Settings,
        dying: subprocess.Popen[bytes],
    ) -> None:
        subject = uuid.uuid4()
        with clinic.scope() as scope:
            jobs.enqueue(scope, "trial.slow", subject_id=subject)
        assert dying.stdout is not None
        assert dying.stdout.readline() == b"begun\n"

        os.kill(dying.pid, signal.SIGKILL)
        dying.wait(10)
        time.sleep(1.1)
        work(context, settings.worker_url, until_empty=True, stalled_after=1)

        assert len(runs(clinic, subject)) == 1
