"""The list of 50 patients against the same list written by hand with psycopg."""

import json
import statistics
import uuid
from collections.abc import Callable

import psycopg_pool
from flask import Flask, Response
from sqlalchemy import event
from sqlalchemy.engine import make_url

from app.config import Settings
from app.patients.queries import search_patients
from bench.figures import Figure, side_by_side
from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.api import Api

PATIENTS, ROUNDS = 400, 300
BY_HAND = (
    "SELECT id, name, language, location_id FROM patient WHERE tenant_id = %s"
    " AND merged_into IS NULL AND erased_at IS NULL ORDER BY sort_name, id LIMIT 50"
)


def measure(app: Flask, settings: Settings) -> list[Figure]:
    """Return the ratio and the number of statements of one request."""
    clinic = make_clinic()
    for number in range(PATIENTS):
        make_patient(clinic, name=f"Patient {number:04d} Ó Dálaigh")
    api = Api(app, clinic, clinic.owner)
    by_hand, close = _by_hand(settings, clinic)
    ours, raw = side_by_side(lambda: api.get("/patients"), by_hand, rounds=ROUNDS)
    close()
    ratio = statistics.median(ours) / statistics.median(raw)
    few, many = _statements(api, app, f"?after={last_but_one(clinic)}"), _statements(api, app, "")
    return [
        Figure("list of 50 patients, hand-written psycopg", statistics.median(raw), "ms"),
        Figure("list of 50 patients, ours", statistics.median(ours), "ms"),
        Figure("list of 50 patients, ours to hand-written", ratio, "x", 4.0),
        Figure("statements for a list of 50", many, "n", few, "the last page asks for its place"),
    ]


def last_but_one(clinic: MadeClinic) -> uuid.UUID:
    """Return the patient after whom the list has one more."""
    with clinic.scope() as scope:
        return search_patients(scope, f"patient {PATIENTS - 2:04d}")[0].id


def _by_hand(
    settings: Settings, clinic: MadeClinic
) -> tuple[Callable[[], object], Callable[[], None]]:
    """Return a Flask view with nothing but SET LOCAL, one SELECT and JSON."""
    url = make_url(settings.database_url).set(drivername="postgresql")
    pool = psycopg_pool.ConnectionPool(
        url.render_as_string(hide_password=False), min_size=1, max_size=2, open=True
    )
    bare = Flask("bare")

    @bare.get("/patients")
    def patients() -> Response:
        with pool.connection() as connection, connection.transaction():
            connection.execute(f"SET LOCAL app.tenant_id = '{clinic.tenant_id}'")
            rows = connection.execute(BY_HAND, (clinic.tenant_id,)).fetchall()
        lines = [
            {"id": str(r[0]), "name": r[1], "language": r[2], "location_id": str(r[3])}
            for r in rows
        ]
        return Response(json.dumps({"patients": lines}), content_type="application/json")

    client = bare.test_client()
    return lambda: client.get("/patients"), pool.close


def _statements(api: Api, app: Flask, query: str) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = app.extensions["sqlalchemy"].engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        api.get(f"/patients{query}")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)
