"""The text of every statement that a story sends: fit for a server that is spread over machines."""

import pytest
from flask import Flask

from app import models
from app.database import Base, db
from app.jobs.worker import work
from app.patients.queries import page_patients, search_patients
from tests.factories.plans import make_discussed_plan, make_visit
from tests.support.api import Api
from tests.support.query_recorder import recorded
from tests.support.route_table import cells_below_a_clinic, is_for_programs
from tests.support.statement_lint import breaches

models.load()
TABLES = set(Base.metadata.tables)


@pytest.fixture(scope="module")
def statements(app: Flask) -> list[str]:
    """Every statement of a story: a clinic, a plan, a visit, all reading routes, and its jobs."""
    with app.app_context(), recorded(db.engine) as sent:
        made = make_discussed_plan()
        make_visit(made)
        owner = Api(app, made.clinic, made.clinic.owner)
        known = {
            "clinic_id": made.clinic.tenant_id,
            "patient_id": made.patient_id,
            "plan_id": made.plan_id,
            "location_id": made.clinic.location_id,
            "staff_id": made.practitioner.id,
            "device_id": made.device_id,
        }
        for method, rule in cells_below_a_clinic():
            path = rule
            for name, value in known.items():
                path = path.replace(f"<uuid:{name}>", str(value))
            if method == "GET" and "<uuid:" not in path:
                accept = "application/json" if is_for_programs(path) else "text/html"
                owner.client.get(path, headers={"Accept": accept})
        with made.clinic.scope() as scope:
            page_patients(scope, after=made.patient_id)
            search_patients(scope, "ao nguyen 17.5.1990 0123")
            search_patients(scope, made.patient_email)
        work(app, app.config["SETTINGS"].worker_url, until_empty=True)
    return sent


def test_every_statement_names_its_clinic(statements: list[str]) -> None:
    broken = {
        statement: found for statement in statements if (found := breaches(statement, TABLES))
    }

    assert broken == {}


def test_the_story_really_asked_many_tables(statements: list[str]) -> None:
    asked = {name for name in TABLES for one in statements if f"FROM {name} " in f"{one} "}

    assert len(asked) >= 12
    assert len(statements) > 100


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM patient",
        "SELECT * FROM patient WHERE id = 1",
        "SELECT p.id FROM plan p JOIN patient x ON x.id = p.patient_id WHERE p.tenant_id = 1",
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM patient WHERE patient.id = 1)",
        "SELECT * FROM plan WHERE tenant_id = 1 AND patient_id IN (SELECT id FROM patient)",
        "UPDATE patient SET name = 'tenant_id = 1' WHERE id = 1",
        "UPDATE patient SET id = gen_random_uuid() WHERE tenant_id = 1",
        "DELETE FROM staff_location WHERE id = 1",
        "SELECT set_config('app.tenant_id', 'x', true)",
        "SET app.tenant_id = 'x'",
        "SET SESSION app.tenant_id = 'x'",
    ],
)
def test_a_statement_that_forgets_is_noticed(statement: str) -> None:
    assert breaches(statement, TABLES) != []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM patient WHERE patient.tenant_id = 1 AND (id = 2 OR id = 3)",
        "SELECT 1 FROM plan JOIN patient ON (patient.tenant_id = plan.tenant_id AND patient.id = 1)"
        " WHERE plan.tenant_id = 1 ORDER BY plan.id",
        "SELECT (SELECT count(id) FROM patient WHERE tenant_id = 1) AS many",
        "SELECT * FROM door.find_login('x')",
        "SET LOCAL app.tenant_id = 'x'",
        "INSERT INTO patient (tenant_id) VALUES (1)",
        "UPDATE patient SET name = 'x' WHERE patient.tenant_id = 1 AND patient.id = 1",
        "SELECT extract(day FROM at) FROM visit WHERE tenant_id = 1",
    ],
)
def test_a_statement_that_keeps_the_rules_passes(statement: str) -> None:
    assert breaches(statement, TABLES) == []
