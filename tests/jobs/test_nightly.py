"""Jobs that run once a night for every clinic."""

from flask import Flask
from sqlalchemy import create_engine, text

from app.config import Settings
from app.jobs.registry import NIGHTLY, enqueue_nightly
from tests.factories.tenants import make_clinic

WAITING = text(
    "SELECT args->>'tenant_id', args->>'name' FROM queue.procrastinate_jobs WHERE status = 'todo'"
)


def test_every_open_clinic_gets_every_nightly_job(context: Flask, settings: Settings) -> None:
    clinics = {str(make_clinic().tenant_id) for _ in range(2)}

    enqueue_nightly()

    engine = create_engine(settings.worker_url)
    with engine.connect() as connection:
        waiting = {(row[0], row[1]) for row in connection.execute(WAITING)}
    engine.dispose()
    assert "billing.reconcile" in NIGHTLY
    assert {(one, name) for one in clinics for name in NIGHTLY} <= waiting
