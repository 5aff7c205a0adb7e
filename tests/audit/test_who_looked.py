"""Who looked at which chart: every reading route over something of one patient writes it down."""

import json
import uuid

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.database import Base
from tests.contract.test_routes import CONVERTER, Houses, call, houses
from tests.factories.tenants import MadeClinic
from tests.support.route_table import cells_below_a_clinic

__all__ = ["houses"]
# Names in paths that stand for something of one patient: their tables have a patient_id.
ALIASES = {"version_id": "plan_version", "attempt_id": "payment_attempt"}
# What names a patient's row and shows nothing of the patient, and why.
API = "/api/v1/clinics/<uuid:clinic_id>"
NOTHING_OF_THE_PATIENT = {
    f"{API}/consents/<uuid:consent_id>/withdrawal": "it was not taken back",
    f"{API}/consents/<uuid:consent_id>/withdrawal/receipt": "it was not taken back",
    f"{API}/consents/<uuid:consent_id>/decline": "nobody said no; see tests/consent",
    f"{API}/photos/<uuid:photo_id>/files/<size>": "a fresh link; tests/photos looks at its event",
    f"{API}/marketing-photos/<uuid:photo_id>/files/<size>": "a fresh link; see tests/photos",
}


def is_of_a_patient(name: str) -> bool:
    """Return whether an id in a path is a patient's, or of a row that says whose it is."""
    table = Base.metadata.tables.get(ALIASES.get(name, name.removesuffix("_id")))
    return name == "patient_id" or (table is not None and "patient_id" in table.columns)


CHARTS = [
    rule
    for method, rule in cells_below_a_clinic()
    if method == "GET"
    and rule not in NOTHING_OF_THE_PATIENT
    and any(is_of_a_patient(name) for name in CONVERTER.findall(rule))
]


def looks(clinic: MadeClinic, patient_id: uuid.UUID) -> list[AuditEvent]:
    with clinic.scope() as scope:
        asked = (
            select(AuditEvent)
            .where(AuditEvent.patient_id == patient_id, AuditEvent.action.endswith(":read"))
            .order_by(AuditEvent.at, AuditEvent.id)
        )
        return list(scope.session.scalars(asked))


def test_there_are_many_such_routes() -> None:
    assert len(CHARTS) >= 25


@pytest.mark.parametrize("rule", CHARTS)
def test_a_look_at_a_chart_is_recorded(houses: Houses, context: Flask, rule: str) -> None:
    clinic, patient_id = houses.made.clinic, houses.made.patient_id
    before = looks(clinic, patient_id)

    answer = call(houses.owner, "GET", houses.path(rule, clinic.tenant_id))

    assert answer.status_code in {200, 303}, answer.text[:200]
    new = looks(clinic, patient_id)[len(before) :]
    # A page that lays two records beside each other opens the chart twice.
    assert 1 <= len(new) <= 2
    assert {(one.actor_id, one.person_id) for one in new} == {
        (clinic.owner.id, clinic.owner.person_id)
    }


def test_a_look_says_which_route_and_which_thing(houses: Houses, context: Flask) -> None:
    made = houses.made
    houses.owner.get(f"/plans/{made.plan_id}")

    look = looks(made.clinic, made.patient_id)[-1]
    assert (look.action, look.subject_id) == ("chart:plan:read", made.plan_id)
    assert json.loads(look.details) == {"place": "plans.get_plan"}


def test_who_found_nothing_has_not_looked(houses: Houses, context: Flask) -> None:
    made = houses.made
    before = len(looks(made.clinic, made.patient_id))

    houses.stranger.get(f"/patients/{made.patient_id}", expect=404)
    call(houses.stranger, "GET", f"/api/v1/clinics/{made.clinic.tenant_id}/plans/{made.plan_id}")

    assert len(looks(made.clinic, made.patient_id)) == before


def test_the_list_of_patients_is_no_look_at_a_chart(houses: Houses, context: Flask) -> None:
    made = houses.made
    before = len(looks(made.clinic, made.patient_id))

    houses.owner.get("/patients")

    assert len(looks(made.clinic, made.patient_id)) == before
