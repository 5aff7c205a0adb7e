"""What happened without a valid start is recorded as an incident, and counts like a treatment."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.care import queries
from app.care.errors import RecordNotPossible
from app.care.models import Incident
from app.care.services.record_incident import NewIncident, read_story, record_incident
from app.kit.clock import now
from app.messaging.queries import page_messages
from app.messaging.services import read_message
from app.patients.services.merge_patients import merge_patients
from tests.factories.care import ReadyVisit, make_bare_visit
from tests.factories.plans import make_patient
from tests.factories.tenants import PROCEDURE

REASON = "Started on the wrong patient's visit, noticed after one cheek."


@pytest.fixture
def bare(context: Flask) -> ReadyVisit:
    return make_bare_visit()


def record(bare: ReadyVisit, **changes: object) -> Incident:
    values: dict[str, object] = {
        "patient_id": bare.made.patient_id,
        "visit_id": bare.visit_id,
        "named_staff_id": bare.made.practitioner.id,
        "procedure_id": PROCEDURE,
        "areas": {"face_cheeks": 1000},
        "device_id": bare.made.device_id,
        "lot": "LOT-1",
        "reason": REASON,
        "happened_at": now() - timedelta(minutes=10),
    }
    with bare.made.clinic.scope(bare.made.practitioner) as scope:
        return record_incident(scope, NewIncident(**{**values, **changes}))  # type: ignore[arg-type]  # a test may pass wrong values


def test_an_incident_says_who_what_and_why_the_start_was_refused(bare: ReadyVisit) -> None:
    incident = record(bare)

    assert incident.named_staff_id == bare.made.practitioner.id
    assert incident.refused_because == ["no_consent", "health_not_asked"]
    assert incident.lot_id == bare.made.lot_id
    assert b"wrong" not in incident.reason_cipher
    with bare.made.clinic.scope() as scope:
        assert read_story(scope, incident).reason == REASON


def test_a_visit_of_a_merged_record_is_the_persons_own(bare: ReadyVisit) -> None:
    kept, _ = make_patient(bare.made.clinic, name="Ada Kept")
    with pytest.raises(RecordNotPossible, match="another patient's"):
        record(bare, patient_id=kept)
    with bare.made.clinic.scope() as scope:
        merge_patients(scope, kept_id=kept, alias_id=bare.made.patient_id)

    assert record(bare, patient_id=kept).visit_id == bare.visit_id


def test_an_incident_is_never_a_treatment(bare: ReadyVisit) -> None:
    record(bare)

    with bare.made.clinic.scope() as scope:
        assert queries.find_treatment_of_visit(scope, bare.visit_id) is None
        for table in ("treatment", "treatment_area", "redemption"):
            count = text(f"SELECT count(*) FROM {table} WHERE tenant_id = :t")
            assert scope.session.execute(count, {"t": scope.tenant_id}).scalar() == 0


def test_an_incident_counts_for_the_interval(bare: ReadyVisit) -> None:
    at = record(bare).happened_at

    assert "too_soon" in bare.codes_at(at + timedelta(days=27))
    assert "too_soon" not in bare.codes_at(at + timedelta(days=28))


def test_every_owner_is_told_and_nobody_reads_health_in_it(bare: ReadyVisit) -> None:
    incident = record(bare)

    with bare.made.clinic.scope() as scope:
        (message,) = [one for one in page_messages(scope) if one.template == "incident_alert"]
        letter = read_message(scope, message)
    assert letter.to == bare.made.clinic.owner.email
    assert f"/incidents/{incident.id}" in letter.body
    told = letter.subject + letter.body
    for word in ("Aoife", "Nguyễn", "heek", "wrong", "mm", "consent", "needl", "LOT"):
        assert word not in told


def test_an_incident_without_a_visit_or_a_known_lot_keeps_what_stood_on_the_box(
    bare: ReadyVisit,
) -> None:
    incident = record(bare, visit_id=None, device_id=None, lot="LOT-77")

    assert incident.lot_id is None
    assert incident.refused_because == []
    with bare.made.clinic.scope() as scope:
        assert read_story(scope, incident).lot == "LOT-77"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "oops"}, "reason"),
        ({"areas": {}}, "areas"),
        ({"areas": {"the_moon": 500}}, "areas"),
        ({"procedure_id": "tattoo"}, "procedure_id"),
        ({"happened_at": now() + timedelta(days=1)}, "happened_at"),
    ],
)
def test_what_is_missing_is_named(bare: ReadyVisit, change: dict[str, object], field: str) -> None:
    with pytest.raises(RecordNotPossible) as refused:
        record(bare, **change)

    assert field in refused.value.extra["fields"]


def test_another_patients_visit_is_not_named(bare: ReadyVisit) -> None:
    other, _ = make_patient(bare.made.clinic, name="Pádraig Ó Sé")

    with pytest.raises(RecordNotPossible):
        record(bare, patient_id=other)
