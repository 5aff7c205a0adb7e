"""How long a consent lasts: the months that its place allows, counted from the signature."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.consent.errors import ConsentMoved
from app.consent.services.attest_consent import attest_consent
from app.consent.standing import consent_standing
from app.kit.clock import frozen, now
from app.policies.definitions import POLICIES
from tests.factories.consent import MadeConsent, make_active_consent, make_signed_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.policies import decide
from tests.factories.tenants import make_clinic

TICK = timedelta(microseconds=1)


def end_of(signed: MadeConsent) -> datetime:
    with signed.made.clinic.scope() as scope:
        ends = signed.read(scope).valid_until
    assert ends is not None
    return ends


def confirm(signed: MadeConsent) -> None:
    with signed.made.clinic.scope(signed.made.practitioner) as scope:
        attest_consent(scope, consent_id=signed.id, stepped_up_at=now())


@pytest.mark.parametrize(
    ("zone", "signed_at", "months", "ends"),
    [
        ("Europe/London", "2026-11-22T12:00+00:00", 12, "2027-11-22T00:00+00:00"),
        ("Europe/London", "2026-11-30T12:00+00:00", 3, "2027-02-28T00:00+00:00"),
        # A leap day has no day of its own twelve months later; the month's last day is not later.
        ("Europe/London", "2028-02-29T12:00+00:00", 12, "2029-02-28T00:00+00:00"),
        ("Europe/London", "2027-11-29T12:00+00:00", 3, "2028-02-29T00:00+00:00"),
        # Half past eleven in the evening in New York is the next day in UTC.
        ("America/New_York", "2028-02-29T04:30+00:00", 12, "2029-02-28T05:00+00:00"),
        ("America/New_York", "2028-03-01T04:30+00:00", 12, "2029-02-28T05:00+00:00"),
        ("America/New_York", "2028-03-01T05:30+00:00", 12, "2029-03-01T05:00+00:00"),
        # The clocks change in between: the day begins where the location says.
        ("Europe/Berlin", "2026-12-15T12:00+00:00", 6, "2027-06-14T22:00+00:00"),
        ("Asia/Tokyo", "2026-11-22T15:30+00:00", 3, "2027-02-22T15:00+00:00"),
    ],
)
def test_it_ends_as_a_day_begins_at_the_location(
    context: Flask, zone: str, signed_at: str, months: int, ends: str
) -> None:
    clinic = make_clinic(zone=zone)
    with frozen(datetime.fromisoformat(signed_at)):
        decide(clinic, "consent_months", months)
        signed = make_signed_consent(make_discussed_plan(clinic))
        confirm(signed)

    assert end_of(signed) == datetime.fromisoformat(ends).astimezone(UTC)


def test_a_grant_holds_to_the_last_moment_and_not_in_the_next(context: Flask) -> None:
    made = make_discussed_plan()
    decide(made.clinic, "consent_months", 3)
    active = make_active_consent(made)

    with made.clinic.scope() as scope:
        ends = consent_standing(
            scope, patient_id=made.patient_id, plan_id=made.plan_id, at=now()
        ).valid_until
        assert ends is not None
        before, after = (
            consent_standing(scope, patient_id=made.patient_id, plan_id=made.plan_id, at=at)
            for at in (ends - TICK, ends)
        )

    assert active.consent_id == before.consent_id
    assert before.allowed
    assert not after.allowed
    assert after.reasons == ("The consent has run out. Ask for a new one.",)


def test_a_late_confirmation_makes_it_no_longer(context: Flask) -> None:
    signed = make_signed_consent(make_discussed_plan())
    day = now().astimezone(ZoneInfo("Europe/London")).date()

    with frozen(now() + timedelta(days=100)):
        confirm(signed)

    assert end_of(signed).astimezone(ZoneInfo("Europe/London")).date() == day.replace(
        year=day.year + 1
    )


def test_what_was_signed_too_long_ago_is_asked_for_anew(context: Flask) -> None:
    made = make_discussed_plan()
    decide(made.clinic, "consent_months", 3)
    signed = make_signed_consent(made)

    with frozen(now() + timedelta(days=100)), pytest.raises(ConsentMoved, match="Ask for a new"):
        confirm(signed)

    with made.clinic.scope() as scope:
        assert signed.read(scope).state == "signed"


def test_a_change_of_the_policy_reaches_what_is_signed_from_then_on(context: Flask) -> None:
    made = make_discussed_plan()
    before = make_active_consent(made)
    decide(made.clinic, "consent_months", 3)
    after = make_active_consent(make_discussed_plan(made.clinic))

    with made.clinic.scope() as scope:
        first, second = (
            consent_standing(
                scope, patient_id=one.made.patient_id, plan_id=one.made.plan_id, at=now()
            )
            for one in (before, after)
        )

    assert first.valid_until is not None
    assert second.valid_until is not None
    assert first.valid_until - second.valid_until > timedelta(days=250)


@pytest.mark.parametrize(("months", "fits"), [(2, False), (3, True), (12, True), (13, False)])
def test_a_place_chooses_three_to_twelve_months(months: int, fits: bool) -> None:
    assert POLICIES["consent_months"].fits(months) is fits
