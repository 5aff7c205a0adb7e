"""What a destroyed key cannot reach is removed: plain columns, links, remembered answers."""

from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from app.auth.secrets import find_token, issue_secret
from app.database import SYSTEM, TenantScope, tenant_scope
from app.database.idempotency_models import IdempotencyKey
from app.idempotency import forget_old_answers
from app.kit.clock import shifted
from app.patients.queries import get_patient
from app.rights.scrub import scrub_class
from app.vault import open_file_for_clinic
from tests.factories.consent import make_asked_consent
from tests.factories.plans import make_discussed_plan, make_patient
from tests.support.api import Api

ASKED = {"kind": "access", "channel": "phone", "identified_by": "known_in_person"}


def remembered(scope: TenantScope) -> list[bytes]:
    rows = scope.session.execute(select(IdempotencyKey.id, IdempotencyKey.body)).all()
    assert not any(b"{" in (body or b"")[:1] for _, body in rows)
    return [
        open_file_for_clinic(scope, object_name=f"idempotency/{row_id}", data=body)
        for row_id, body in rows
        if body is not None
    ]


def test_nothing_plain_is_left_of_a_person(context: Flask) -> None:
    made = make_discussed_plan()
    clinic, patient_id = made.clinic, made.patient_id
    asked = make_asked_consent(made)
    other_id, _ = make_patient(clinic)
    api = Api(context, clinic, clinic.owner)
    for one in (patient_id, other_id):
        api.post(f"/patients/{one}/rights-requests", ASKED)
    with clinic.scope() as scope:
        token = issue_secret(scope, "document_link", subject_id=asked.id, lasts=timedelta(days=30))
        patient = get_patient(scope, patient_id)
        patient.language, patient.interpreter = "pl", "sign"
        patient.deceased_on = date(2026, 1, 1)
        scope.session.flush()
        assert any(str(patient_id).encode() in body for body in remembered(scope))

        scrub_class(scope, {patient_id}, "clinical")

        scope.session.expire_all()
        patient = get_patient(scope, patient_id)
        left = (patient.name, patient.language, patient.interpreter, patient.deceased_on)
        assert left == ("Erased patient", "en", "none", None)
        assert find_token(scope.session, "document_link", token) is None
        assert not any(str(patient_id).encode() in body for body in remembered(scope))
        assert any(str(other_id).encode() in body for body in remembered(scope))


def test_answers_are_remembered_for_a_day(context: Flask) -> None:
    made = make_discussed_plan()
    Api(context, made.clinic, made.clinic.owner).post(
        f"/patients/{made.patient_id}/rights-requests", ASKED
    )
    with tenant_scope(made.clinic.tenant_id, SYSTEM) as scope:
        forget_old_answers(scope)
        assert len(remembered(scope)) == 1

    with shifted(timedelta(hours=25)), tenant_scope(made.clinic.tenant_id, SYSTEM) as scope:
        forget_old_answers(scope)
        assert remembered(scope) == []
