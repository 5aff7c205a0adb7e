"""May we, where, how deep, until when, and why not."""

from datetime import timedelta

from flask import Flask

from app.consent.services.withdraw_consent import withdraw_consent
from app.consent.standing import Standing, consent_standing
from app.kit.clock import now
from tests.factories.consent import make_active_consent, make_asked_consent
from tests.factories.plans import MadePlan, make_discussed_plan


def standing(made: MadePlan, days: int = 0) -> Standing:
    with made.clinic.scope() as scope:
        return consent_standing(
            scope,
            patient_id=made.patient_id,
            plan_id=made.plan_id,
            at=now() + timedelta(days=days),
        )


def test_without_a_request_nothing_is_allowed_and_it_says_so(context: Flask) -> None:
    found = standing(make_discussed_plan())

    assert (found.allowed, found.consent_id) == (False, None)
    assert found.reasons == ("No consent has been asked for yet.",)


def test_a_form_that_lies_with_the_patient_allows_nothing(context: Flask) -> None:
    made = make_discussed_plan()
    asked = make_asked_consent(made)

    found = standing(made)

    assert (found.allowed, found.consent_id, dict(found.areas)) == (False, asked.id, {})
    assert found.reasons == ("The patient has not opened the consent form yet.",)


def test_an_active_consent_allows_its_areas_and_depths_for_a_year(context: Flask) -> None:
    made = make_discussed_plan()
    active = make_active_consent(made)

    found = standing(made)

    assert found.allowed
    assert found.consent_id == active.consent_id
    assert dict(found.areas) == {"face_cheeks": 1000}
    assert found.reasons == ()
    assert found.valid_until is not None
    assert timedelta(days=360) < found.valid_until - now() < timedelta(days=367)
    assert standing(made, days=400).reasons == ("The consent has run out. Ask for a new one.",)


def test_a_withdrawn_consent_allows_nothing_at_once(context: Flask) -> None:
    made = make_discussed_plan()
    active = make_active_consent(made)
    with made.clinic.scope() as scope:
        withdraw_consent(scope, consent_id=active.consent_id)

    found = standing(made)

    assert not found.allowed
    assert found.reasons == ("The patient has taken their consent back.",)
