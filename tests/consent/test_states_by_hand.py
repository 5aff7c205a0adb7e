"""A statement by hand cannot skip what every way to a state of a consent has."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.consent.models import ConsentState
from tests.factories.consent import MadeConsent, make_asked_consent, make_signed_consent
from tests.factories.plans import make_discussed_plan


def by_hand(asked: MadeConsent, statement: str, **values: object) -> None:
    """Send a statement as the application's own role, inside the clinic."""
    known = {"t": asked.made.clinic.tenant_id, "id": asked.id, **values}
    with asked.made.clinic.scope() as scope:
        scope.session.execute(text(statement), known)


@pytest.mark.parametrize(
    ("state", "check"),
    [
        ("signed", "consent_signed_ck"),
        ("paused", "consent_signed_ck"),
        ("active", "consent_(signed|attested)_ck"),
        *[(one, "consent_ended_ck") for one in ("withdrawn", "expired", "voided", "superseded")],
        ("approved", "consent_state_ck"),
    ],
)
def test_case_24_a_state_is_not_reached_by_writing_it(
    context: Flask, state: str, check: str
) -> None:
    asked = make_asked_consent(make_discussed_plan())

    with pytest.raises(IntegrityError, match=check):
        by_hand(asked, "UPDATE consent SET state = :s WHERE tenant_id = :t AND id = :id", s=state)

    with asked.made.clinic.scope() as scope:
        assert asked.read(scope).state == ConsentState.SENT


def test_case_24_what_is_signed_is_not_made_active_without_a_confirmation(context: Flask) -> None:
    asked = make_signed_consent(make_discussed_plan())
    active = "UPDATE consent SET state = 'active' WHERE tenant_id = :t AND id = :id"
    grant = (
        "INSERT INTO consent_grant (tenant_id, patient_id, procedure_id, area, max_depth_um,"
        " consent_id, attestation_id, valid) SELECT tenant_id, patient_id,"
        " 'mechanical_microneedling', 'face_cheeks', 1000, id, gen_random_uuid(),"
        " tstzrange(now(), now() + interval '1 day') FROM consent"
        " WHERE tenant_id = :t AND id = :id"
    )

    with pytest.raises(IntegrityError, match="consent_attested_ck"):
        by_hand(asked, active)
    with pytest.raises(IntegrityError, match="attestation"):
        by_hand(asked, grant)


@pytest.mark.parametrize("table", ["signature", "attestation", "consent_answers", "withdrawal"])
def test_what_was_said_once_is_not_said_otherwise(context: Flask, table: str) -> None:
    asked = make_signed_consent(make_discussed_plan())

    for change in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            by_hand(asked, f"{change} WHERE tenant_id = :t")
