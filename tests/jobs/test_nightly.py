"""Jobs that run once a night for every clinic."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from app.config import Settings
from app.jobs.registry import (
    NIGHTLY,
    NIGHTLY_ROUNDS,
    UnknownJob,
    begin_night,
    begin_nights,
)
from app.jobs.worker import STALLED_AFTER_SECONDS, make_worker
from tests.factories.tenants import make_clinic

BEGUN = text(
    "SELECT args->>'subject_id' FROM queue.procrastinate_jobs WHERE status = 'todo'"
    " AND task_name = 'run_for_person' AND args->>'name' = 'jobs.begin_night'"
)
WAITING = text(
    "SELECT args->>'name' FROM queue.procrastinate_jobs WHERE status = 'todo'"
    " AND args->>'tenant_id' = :clinic"
)


@pytest.fixture
def queue(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(settings.worker_url)
    yield engine
    engine.dispose()


def waiting(queue: Engine, clinic: uuid.UUID) -> list[str]:
    with queue.connect() as connection:
        return list(connection.scalars(WAITING, {"clinic": str(clinic)}))


def test_the_night_of_each_clinic_is_a_job_of_its_own(context: Flask, queue: Engine) -> None:
    first, second = make_clinic().tenant_id, make_clinic().tenant_id

    begin_nights()

    with queue.connect() as connection:
        assert {str(first), str(second)} <= set(connection.scalars(BEGUN))
    begin_night(second)
    assert "billing.reconcile" in NIGHTLY
    assert sorted(set(waiting(queue, second))) == sorted(NIGHTLY)
    assert waiting(queue, first) == []


@pytest.fixture
def stumbling() -> Iterator[None]:
    """One more nightly job, the last, which cannot be enqueued."""
    NIGHTLY.append("trial.unheard_of")
    yield
    NIGHTLY.remove("trial.unheard_of")


@pytest.mark.usefixtures("stumbling")
def test_a_night_that_fails_leaves_nothing_half_begun(context: Flask, queue: Engine) -> None:
    clinic = make_clinic().tenant_id

    with pytest.raises(UnknownJob):
        begin_night(clinic)

    assert waiting(queue, clinic) == []


def test_everything_nightly_is_tried_again(context: Flask, settings: Settings) -> None:
    worker = make_worker(context, settings.worker_url, stalled_after=STALLED_AFTER_SECONDS)
    nightly = ["jobs.begin_nights", *NIGHTLY_ROUNDS]

    assert {"auth.sweep", "tenants.watch_audit"} <= set(nightly)
    for name in ["run", "run_for_person", *nightly]:
        retry = worker.tasks[name].retry_strategy
        assert retry is not None
        assert retry.max_attempts == 8
