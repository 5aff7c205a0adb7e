"""Today, a plan's page, the settings and the outbox."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.billing.quote import DepositRule
from app.billing.services.create_package import NewPackage, create_package
from app.billing.services.sell_package import sell_package
from app.consent.forms.services.publish_form import publish_shipped_form
from app.database import db
from app.kit.clock import now
from app.messaging.pages import with_links
from app.tenants.models import Role
from tests.factories.consent import make_active_consent
from tests.factories.plans import MadePlan, make_discussed_plan, make_patient, make_visit
from tests.factories.tenants import PROCEDURE, add_staff, make_clinic
from tests.support.pages import Desk, words
from tests.support.query_recorder import recorded


@pytest.fixture
def made(context: Flask) -> MadePlan:
    made = make_discussed_plan()
    with made.clinic.scope() as scope:
        publish_shipped_form(scope)
    return made


@pytest.fixture
def desk(context: Flask, made: MadePlan) -> Desk:
    return Desk(context, made.clinic, made.clinic.owner)


def noon(zone: str = "Europe/London") -> datetime:
    """Return noon of today in a zone, so that a visit is today's at any time of the night."""
    return now().astimezone(ZoneInfo(zone)).replace(hour=12, minute=0, second=0, microsecond=0)


def test_today_says_what_is_missing_and_the_act_that_fixes_it(desk: Desk, made: MadePlan) -> None:
    make_visit(made, planned_at=noon())

    page = desk.read("/today")

    assert "12:00 Aoife Nguyễn Cheeks to 1 mm" in page
    assert "No consent form sent" in page
    assert "Send the consent form for Aoife Nguyễn" in page


def test_today_says_that_nothing_is_missing(context: Flask) -> None:
    active = make_active_consent(make_discussed_plan())
    made = active.made
    make_visit(made, planned_at=noon())
    desk = Desk(context, made.clinic, made.practitioner)

    assert "Nothing is missing" in desk.read("/today")
    assert "Yes. Cheeks down to 1 mm, until" in desk.read(f"/patients/{made.patient_id}")


def test_money_that_is_owed_never_hides_the_start(context: Flask) -> None:
    made = make_active_consent(make_discussed_plan()).made
    visit_id = make_visit(made, planned_at=noon())
    with made.clinic.scope() as scope:
        package = create_package(
            scope,
            NewPackage(
                location_id=made.clinic.location_id,
                code="FACE-3",
                name="Face, three treatments",
                procedure_id=PROCEDURE,
                sessions=3,
                price_minor=52650,
                deposit=DepositRule("fixed", 5000),
                terms="You get it back if you cancel 48 hours before.",
            ),
        )
        scope.session.flush()
        sell_package(scope, patient_id=made.patient_id, package_id=package.id)
    desk = Desk(context, made.clinic, made.practitioner)

    assert "Deposit of £50.00 GBP not paid" in desk.read("/today")
    assert f"/visits/{visit_id}" in desk.answer("/today").text
    assert "Start the treatment" in desk.read("/today")


@pytest.mark.parametrize(
    ("role", "leads_to"), [(Role.BILLING, "Patients"), (Role.AUDITOR, "Settings")]
)
def test_those_who_see_no_plans_are_sent_on(
    context: Flask, made: MadePlan, role: Role, leads_to: str
) -> None:
    desk = Desk(context, made.clinic, add_staff(made.clinic, role))

    answer = desk.answer("/today", 303)

    assert answer.headers["Location"].endswith(leads_to.lower())
    assert leads_to in desk.read(f"/{leads_to.lower()}")


def test_the_day_ends_at_midnight_of_the_location(context: Flask) -> None:
    clinic = make_clinic(zone="Asia/Tokyo", currency="JPY", jurisdiction="JP", market="JP")
    made = make_discussed_plan(clinic)
    local = datetime(2030, 7, 24, 23, 59, tzinfo=ZoneInfo("Asia/Tokyo"))
    make_visit(made, planned_at=local)
    make_visit(made, planned_at=local + timedelta(minutes=1))
    desk = Desk(context, clinic, clinic.owner)

    assert "23:59" in desk.read("/today?day=2030-07-24")
    assert "00:00" not in desk.read("/today?day=2030-07-24")
    assert "00:00" in desk.read("/today?day=2030-07-25")


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "soon", "2030-02-31"])
def test_a_day_that_cannot_be_is_today(desk: Desk, day: str) -> None:
    assert "Today in Harbour" in desk.read(f"/today?day={day}")


def test_a_patient_who_is_here_is_noted_once(desk: Desk, made: MadePlan) -> None:
    visit_id = make_visit(made, planned_at=noon())

    desk.send(f"/visits/{visit_id}/state", to="arrived")

    assert "Is not here after all" in desk.read("/today")
    desk.send(f"/visits/{visit_id}/state", to="missed", expect=409)
    desk.send(f"/visits/{visit_id}/state", to="treated", expect=422)


def test_a_longer_day_asks_no_more_questions(desk: Desk, made: MadePlan) -> None:
    make_visit(made, planned_at=noon())
    desk.read("/today")  # The first page of a process fetches keys.
    with recorded(db.engine) as few:
        desk.read("/today")
    for minutes in range(1, 5):
        make_visit(made, planned_at=noon() + timedelta(minutes=minutes))
    with recorded(db.engine) as many:
        desk.read("/today")

    assert len(many) == len(few)


def test_the_consent_form_is_sent_and_stands_in_the_outbox(desk: Desk, made: MadePlan) -> None:
    desk.send(f"/plans/{made.plan_id}/consents")

    assert "The patient has not opened the consent form yet." in desk.read(f"/plans/{made.plan_id}")
    outbox = desk.answer("/outbox").text
    assert "nothing leaves this machine" in outbox
    assert 'href="http' in outbox


def test_a_form_that_cannot_be_sent_says_why_on_the_plan(context: Flask) -> None:
    made = make_discussed_plan()
    desk = Desk(context, made.clinic, made.practitioner)

    answer = desk.send(f"/plans/{made.plan_id}/consents", expect=409)

    assert "Publish a form for this first." in words(answer)
    assert "What was agreed" in words(answer)


def test_the_patients_own_words_are_for_those_who_treat(context: Flask, made: MadePlan) -> None:
    front = Desk(context, made.clinic, add_staff(made.clinic, Role.FRONT_DESK))
    treating = Desk(context, made.clinic, made.practitioner)
    page = f"/plans/{made.plan_id}"

    assert "sister's wedding" in treating.read(page)
    assert "sister's wedding" not in front.read(page)


def test_a_new_clinic_is_led_step_by_step(context: Flask) -> None:
    clinic = make_clinic()
    desk = Desk(context, clinic, clinic.owner)

    assert "1 of 6 done" in desk.read("/settings")
    desk.send("/settings/catalogue")
    desk.send("/settings/forms/shipped")
    assert "3 of 6 done" in desk.read("/settings")


def test_a_form_needs_an_approved_catalogue(context: Flask) -> None:
    clinic = make_clinic()

    answer = Desk(context, clinic, clinic.owner).send("/settings/forms/shipped", expect=409)

    assert "needs to approve the clinical catalogue first" in words(answer)


def test_a_location_is_added_with_the_market_of_its_law(desk: Desk) -> None:
    desk.send(
        "/settings/locations/new",
        name="Berlin",
        address="Musterstraße 7",
        jurisdiction="DE",
        zone="Europe/Berlin",
        currency="EUR",
        premises_kind="medical practice",
        emergency_contact="Notfall 030 12 34 56",
    )

    assert "Berlin Musterstraße 7 Berlin EUR Germany" in desk.read("/settings/locations")
    assert "Berlin" in desk.read("/today")


def test_a_qualification_that_has_ended_is_refused(desk: Desk, made: MadePlan) -> None:
    answer = desk.send(
        f"/settings/staff/{made.practitioner.id}/qualifications/new",
        expect=422,
        kind="nurse",
        body="NMC",
        registration_number="TEST-1",
        is_prescriber="no",
        expires_day="1",
        expires_month="1",
        expires_year="2020",
        location_id=str(made.clinic.location_id),
        procedure_id="mechanical_microneedling",
        max_depth="1.499",
        basis="policy",
    )

    assert "This day has passed" in words(answer)
    assert 'value="1.499"' in answer.text


def test_a_label_needs_a_depth_areas_and_reasons(desk: Desk, made: MadePlan) -> None:
    answer = desk.send(
        "/settings/devices/new",
        expect=422,
        location_id=str(made.clinic.location_id),
        kind="pen",
        model="Pen",
        serial="1",
        has_label="yes",
        age_min="18",
    )

    assert 'href="#cap"' in answer.text
    assert 'href="#areas"' in answer.text


def test_the_same_lot_is_not_added_twice(desk: Desk, made: MadePlan) -> None:
    form = {"lot": "LOT-1", "expires_day": "1", "expires_month": "1", "expires_year": "2099"}

    answer = desk.send(f"/settings/devices/{made.device_id}/lots/new", expect=422, **form)

    assert "This lot is entered already." in words(answer)


def test_another_clinics_pages_are_not_found(context: Flask, made: MadePlan) -> None:
    other = make_clinic(name="Juniper Quay")
    stranger = Desk(context, other, other.owner)
    patient_id, _ = make_patient(made.clinic)

    for path in (
        f"/patients/{patient_id}",
        f"/plans/{made.plan_id}",
        f"/plans/{made.plan_id}/discussion",
        f"/plans/{made.plan_id}/visits/new",
        f"/settings/staff/{made.practitioner.id}",
    ):
        assert "Tern" not in stranger.read(path, expect=404)


def test_links_in_a_message_are_links_and_nothing_else_is_markup() -> None:
    found = str(with_links('See https://a.example/s#T"o<k>. <b>Now</b>'))

    assert '<a href="https://a.example/s#T">https://a.example/s#T</a>' in found
    assert "<b>" not in found
