"""Requests of many clinics that share two connections, and fail in every way while they do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, Response, jsonify, request
from sqlalchemy import create_engine, event, text

from app import close_app, create_app
from app.auth.guards import STAFF_COOKIE, guard
from app.auth.permissions import Permission
from app.config import Settings
from app.database import TenantScope, db
from app.errors import NotFound
from tests.factories.tenants import make_clinic
from tests.support.api import Api

# No clinic is named: what keeps others' rows out is the connection's own setting.
ROWS = text("SELECT tenant_id FROM location")
LEFT = "SELECT current_setting('app.tenant_id', true)"
ENDS = {
    "well": 200,
    "rolled_back": 200,
    "refused": 404,
    "bad_sql": 422,
    "bad_python": 500,
    "timed_out": 503,
    "cut_off": 503,
}
REQUESTS, AT_ONCE, CLINICS = 210, 8, 4


class Shop:
    """The application over two connections, with a route that reads rows and then goes wrong."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        # Pairs of the clinic that was asked for and the clinic of a row that was seen there.
        self.seen: list[tuple[UUID, UUID]] = []
        # What connections still held of a clinic when they were given back.
        self.left: list[str] = []
        options = self.app.config["SQLALCHEMY_ENGINE_OPTIONS"]
        with self.app.app_context():
            db.engine.dispose()
            small = {**options, "pool_size": 2, "max_overflow": 0}
            db.engines[None] = create_engine(settings.database_url, **small)
            event.listen(db.engine, "checkin", self.look_at)
        path = "/api/v1/clinics/<uuid:clinic_id>/trial/<way>"
        self.app.add_url_rule(path, "trial", guard(Permission.CLINIC_READ)(self.read))

    def look_at(self, connection: Any, _record: object) -> None:
        """Note what a connection that was given back still holds."""
        if connection is not None:
            self.left.append(connection.execute(LEFT).fetchone()[0] or "")
            connection.rollback()

    def read(self, scope: TenantScope, way: str) -> Response:
        """Read every row that can be seen, go wrong, and read again where that can be."""
        self.note(scope)
        if way == "rolled_back":
            scope.session.rollback()
        elif way == "refused":
            raise NotFound
        elif way == "bad_python":
            raise ZeroDivisionError
        elif way != "well":
            scope.session.execute(text("SET LOCAL statement_timeout = 20"))
            scope.session.execute(text(STUMBLES[way]))
        return jsonify(self.note(scope))

    def note(self, scope: TenantScope) -> list[UUID]:
        """Note whose rows can be seen."""
        here = UUID(request.path.split("/")[4])
        found = list(scope.session.execute(ROWS).scalars())
        self.seen.extend((here, tenant_id) for tenant_id in found)
        return found


STUMBLES = {
    "bad_sql": "SELECT 1 / 0",
    "timed_out": "SELECT pg_sleep(5)",
    "cut_off": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@pytest.fixture
def shop(settings: Settings) -> Iterator[Shop]:
    made = Shop(settings)
    yield made
    close_app(made.app)


def test_case_10_hundreds_of_requests_over_two_connections_see_their_own_rows_only(
    context: Flask, shop: Shop
) -> None:
    clinics = [make_clinic(name=f"Clinic {number}") for number in range(CLINICS)]
    cookies = []
    for clinic in clinics:
        cookie = Api(context, clinic, clinic.owner).client.get_cookie(STAFF_COOKIE)
        assert cookie is not None
        cookies.append(f"{STAFF_COOKIE}={cookie.value}")

    def ask(number: int) -> tuple[UUID, str, Any]:
        # Neither count divides the other, so that every clinic meets every way.
        which, way = number % CLINICS, list(ENDS)[number % len(ENDS)]
        here = clinics[which].tenant_id
        client = shop.app.test_client(use_cookies=False)
        path = f"/api/v1/clinics/{here}/trial/{way}"
        return here, way, client.get(path, headers={"Cookie": cookies[which]})

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(ask, range(REQUESTS)))

    assert {(way, answer.status_code) for _, way, answer in answers} == set(ENDS.items())
    told = {
        (here, one)
        for here, _, answer in answers
        if answer.status_code == 200
        for one in answer.json
    }
    assert told == {(one.tenant_id, str(one.tenant_id)) for one in clinics}
    assert len(shop.seen) > REQUESTS
    assert [pair for pair in shop.seen if pair[0] != pair[1]] == []
    assert len(shop.left) > REQUESTS / 2
    assert set(shop.left) == {""}
    kept = {(one.headers["Cache-Control"], one.headers.get("ETag")) for _, _, one in answers}
    assert kept == {("no-store", None)}
