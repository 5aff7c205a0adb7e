"""Every job × two clinics: in a clinic it finds that clinic's rows only, whatever ids it is given.

A new handler is in the matrix as soon as it is registered.
"""

import inspect
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import NoResultFound

from app.database import SYSTEM, Base, tenant_scope
from app.errors import NotFound
from app.jobs.registry import HANDLERS, NIGHTLY, run_job
from tests.contract.test_routes import fingerprint
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.route_table import bare_app
from tests.support.rows import World

bare_app()
ACTOR = ["system", "", ""]
# Ids whose table is called otherwise.
TABLES = {
    "decision": "hold_decision",
    "staff": "staff_member",
    "export": "clinic_export",
    "attempt": "payment_attempt",
    "operation": "stripe_operation",
    "event": "stripe_event",
}
# Codes, which are nobody's row.
CODES = {"what": "passkey_added", "method": "passkey", "session_id": str(uuid.UUID(int=7))}
# A made-up row that refers to another made-up row by more than a foreign key.
MADE_UP_TOO_THIN = {"billing.resolve_checkout", "patients.step_export"}
NOT_THERE = (NotFound, NoResultFound)
# The product's own, whichever trial handlers other tests have registered by now.
OURS = {name for name, one in HANDLERS.items() if one.__module__.startswith("app.")}
AT_NIGHT = sorted(OURS & set(NIGHTLY))
ASKED_FOR = sorted(OURS - set(NIGHTLY))


@dataclass(frozen=True)
class Two:
    """Two clinics and a row of the first in every table."""

    first: MadeClinic
    second: MadeClinic
    world: World


@pytest.fixture(scope="module")
def two(app: Flask) -> Two:
    with app.app_context():
        first, second = make_clinic(), make_clinic(name="Juniper Quay")
        with tenant_scope(first.tenant_id, SYSTEM) as scope:
            world = World(scope.session.connection(), scope.tenant_id)
            world.rows["clinic"] = {"id": first.tenant_id, "tenant_id": first.tenant_id}
            for table in Base.metadata.tables.values():
                if "tenant_id" in table.columns:
                    world.row(table.name)
    return Two(first, second, world)


def args_of(name: str, world: World) -> dict[str, Any]:
    """Return ids of the first clinic's rows for what a handler wants to know."""
    found: dict[str, Any] = {"_actor": ACTOR}
    for parameter in list(inspect.signature(HANDLERS[name]).parameters)[1:]:
        if parameter in CODES:
            found[parameter] = CODES[parameter]
            continue
        thing = parameter.removesuffix("_id")
        row = world.rows.get(TABLES.get(thing, thing))
        assert row is not None, f"{name}: whose id is {parameter}? Say it in TABLES."
        found[parameter] = str(row.get(parameter, row.get("id")))
    return found


def outcome(tenant_id: uuid.UUID, name: str, args: dict[str, Any]) -> type[Exception] | None:
    """Run a job and return how it ended."""
    try:
        run_job(tenant_id, name, args)
    except Exception as problem:  # The rows are made up, so any handler may stumble over its own.
        return type(problem)
    return None


@pytest.mark.parametrize("name", ASKED_FOR)
def test_a_job_does_not_find_another_clinics_rows(
    context: Flask, two: Two, superuser: Engine, name: str
) -> None:
    args = args_of(name, two.world)
    before = fingerprint(superuser, two.first.tenant_id)

    foreign = outcome(two.second.tenant_id, name, args)

    assert fingerprint(superuser, two.first.tenant_id) == before
    assert foreign is None or issubclass(foreign, NOT_THERE)
    if name not in MADE_UP_TOO_THIN:
        own = outcome(two.first.tenant_id, name, args)
        moved = fingerprint(superuser, two.first.tenant_id) != before
        assert moved or own is None or not issubclass(own, NOT_THERE), "out of its own reach"


@pytest.mark.parametrize("name", AT_NIGHT)
def test_a_nightly_job_leaves_other_clinics_alone(
    context: Flask, two: Two, superuser: Engine, name: str
) -> None:
    before = fingerprint(superuser, two.first.tenant_id)

    outcome(two.second.tenant_id, name, {"_actor": ACTOR})

    assert fingerprint(superuser, two.first.tenant_id) == before
