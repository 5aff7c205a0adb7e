"""The worker process: takes jobs from the queue and runs each in its clinic's scope."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from sqlalchemy.engine import make_url

from app.jobs.registry import (
    NIGHTLY_ROUNDS,
    ROUNDS,
    Round,
    begin_nights,
    run_for_person,
    run_job,
    run_rounds,
)

log = structlog.get_logger(__name__)
QUEUE = "needlepoint"
STALLED_AFTER_SECONDS = 30
NIGHTLY_AT = "17 2 * * *"
ROUNDS_AT = "*/5 * * * *"
RETRY = RetryStrategy(max_attempts=8, exponential_wait=2)


def make_worker(
    flask_app: Flask, worker_url: str, *, stalled_after: int, keeps_time: bool = True
) -> App:
    """Return the procrastinate app of this installation, not yet open.

    :param stalled_after: seconds without a sign of life after which a worker's job runs again.
    :param keeps_time: whether it also does what is due by the clock.
    """
    # A pool that never grows is never closed in the middle of growing, which would leave a
    # connection open.
    worker = App(connector=PsycopgConnector(conninfo=_conninfo(worker_url), min_size=4, max_size=4))

    @worker.task(name="run", queue=QUEUE, retry=RETRY)
    def run(*, tenant_id: str, name: str, args: dict[str, Any]) -> None:
        with _told(flask_app, job=name, tenant_id=tenant_id):
            run_job(uuid.UUID(tenant_id), name, args)

    @worker.task(name="run_for_person", queue=QUEUE, retry=RETRY)
    def run_personal(*, name: str, subject_id: str) -> None:
        with _told(flask_app, job=name, subject_id=subject_id):
            run_for_person(name, uuid.UUID(subject_id))

    @worker.periodic(cron="* * * * *")
    @worker.task(
        name="retry_stalled", queue=QUEUE, queueing_lock="retry_stalled", pass_context=True
    )
    async def retry_stalled(context: JobContext, timestamp: int) -> None:
        await _free_stalled_jobs(worker, stalled_after)

    _add_nightly(worker, flask_app, "jobs.begin_nights", begin_nights)
    for name, function in NIGHTLY_ROUNDS.items():
        _add_nightly(worker, flask_app, name, function)
    if keeps_time:
        _add_rounds(worker, flask_app)
    return worker


def _add_nightly(worker: App, flask_app: Flask, name: str, function: Round) -> None:
    """Add what is done once a night. One that fails is tried again by itself."""

    @worker.periodic(cron=NIGHTLY_AT)
    @worker.task(name=name, queue=QUEUE, queueing_lock=name, retry=RETRY)
    def nightly(timestamp: int) -> None:
        with _told(flask_app, job=name):
            function()


@contextmanager
def _told(flask_app: Flask, **what: str) -> Iterator[None]:
    """Log how a job begins and ends; a failure goes on, so that the job is tried again."""
    with flask_app.app_context():
        log.info("job.started", **what)
        try:
            yield
        except Exception as problem:
            log.error("job.failed", kind=type(problem).__name__, **what)
            raise
        log.info("job.done", **what)


def _add_rounds(worker: App, flask_app: Flask) -> None:
    @worker.periodic(cron=ROUNDS_AT)
    @worker.task(name="rounds", queue=QUEUE, queueing_lock="rounds", lock="rounds")
    def rounds(timestamp: int) -> None:
        with flask_app.app_context():
            run_rounds(ROUNDS)


async def _free_stalled_jobs(worker: App, stalled_after: int) -> None:
    jobs = await worker.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_after)
    for job in jobs:
        await worker.job_manager.retry_job(job)


def work(
    flask_app: Flask,
    worker_url: str,
    *,
    until_empty: bool = False,
    stalled_after: int = STALLED_AFTER_SECONDS,
) -> None:
    """Work the queue until told to stop, or until it is empty.

    A worker that starts first frees what a killed one left behind, then does so every minute.
    """
    asyncio.run(_work(flask_app, worker_url, until_empty, stalled_after))


async def _work(flask_app: Flask, worker_url: str, until_empty: bool, stalled_after: int) -> None:
    worker = make_worker(
        flask_app, worker_url, stalled_after=stalled_after, keeps_time=not until_empty
    )
    async with worker.open_async():
        await _free_stalled_jobs(worker, stalled_after)
        await worker.run_worker_async(
            queues=[QUEUE],
            wait=not until_empty,
            concurrency=2,
            install_signal_handlers=not until_empty,
            listen_notify=not until_empty,
            fetch_job_polling_interval=1.0,
            delete_jobs="successful",
        )


def _conninfo(url: str) -> str:
    parts = make_url(url).set(drivername="postgresql")
    return parts.render_as_string(hide_password=False)
