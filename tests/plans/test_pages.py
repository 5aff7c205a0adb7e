"""Making a plan, recording its discussion and planning a visit on pages."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.catalogue.services import approve_shipped_catalogue
from app.kit.clock import today_in
from app.plans.queries import (
    get_latest_version,
    list_areas,
    list_plans_of_patient,
    list_visits_of_plan,
)
from tests.factories.plans import MadePlan, make_discussed_plan, make_patient
from tests.factories.tenants import make_clinic
from tests.support.pages import Desk, words

YESTERDAY = today_in("Europe/London") - timedelta(days=1)
HELD = {
    "held_at_day": str(YESTERDAY.day),
    "held_at_month": str(YESTERDAY.month),
    "held_at_year": str(YESTERDAY.year),
    "mode": "in_person",
}


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


@pytest.fixture
def desk(context: Flask, made: MadePlan) -> Desk:
    return Desk(context, made.clinic, made.practitioner)


def plan_form(made: MadePlan, **changes: str) -> dict[str, str]:
    """Return a complete plan with some changes."""
    form = {
        "location_id": str(made.clinic.location_id),
        "indication_id": "acne_scars_atrophic",
        "procedure_id": "mechanical_microneedling",
        "depth_face_cheeks": "1,255",
        "depth_face_forehead": "0.5 mm",
        "device_id": str(made.device_id),
        "practitioner_id": str(made.practitioner.id),
        "sessions": "3",
        "interval_days": "28",
        "anaesthetic": "otc",
        "skin_type": "2",
        "capacity": "presumed",
        "what_matters": "Calm skin in spring.",
        "price": "526.50",
    }
    return form | changes


def test_depths_and_price_are_kept_to_the_last_digit(desk: Desk, made: MadePlan) -> None:
    patient_id, _ = make_patient(made.clinic, name="Null")

    desk.send(f"/patients/{patient_id}/plans/new", **plan_form(made))

    with made.clinic.scope() as scope:
        version = get_latest_version(scope, list_plans_of_patient(scope, patient_id)[0])
        areas = {one.area: one.max_depth_um for one in list_areas(scope, version.id)}
    assert areas == {"face_cheeks": 1255, "face_forehead": 500}
    assert (version.price_minor, version.currency) == (52650, "GBP")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("depth_face_cheeks", "1.2345", "at most three decimals"),
        ("depth_face_cheeks", "0", "The depth lies between 0 and 8 mm."),
        ("depth_face_cheeks", "９", "at most three decimals"),
        ("price", "1,950", "Enter the price in GBP"),
        ("price", "-3", "Enter the price in GBP"),
        ("sessions", "25", "Enter 1 to 24 treatments."),
        ("skin_type", "7", "Choose the skin type."),
        ("indication_id", "cellulite", "there is no good evidence"),
        ("device_id", "none", "Choose the device."),
        ("what_matters", "\x00", "invisible control characters"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_the_rest_stays(
    desk: Desk, made: MadePlan, field: str, value: str, told: str
) -> None:
    form = plan_form(made, **{field: value})

    answer = desk.send(f"/patients/{made.patient_id}/plans/new", expect=422, **form)

    assert told in words(answer)
    assert f'href="#{field}"' in answer.text
    assert 'value="0.5 mm"' in answer.text


def test_a_plan_without_any_area_is_refused(desk: Desk, made: MadePlan) -> None:
    form = plan_form(made, depth_face_cheeks="", depth_face_forehead=" ")

    answer = desk.send(f"/patients/{made.patient_id}/plans/new", expect=422, **form)

    assert "Enter a depth for at least one area." in words(answer)


def test_an_empty_plan_is_asked_for_again(desk: Desk, made: MadePlan) -> None:
    answer = desk.send(f"/patients/{made.patient_id}/plans/new", expect=422)

    assert "Choose the location." in words(answer)
    assert "Choose the procedure." in words(answer)


def test_a_price_in_yen_has_no_decimals(context: Flask) -> None:
    clinic = make_clinic(zone="Asia/Tokyo", currency="JPY", jurisdiction="JP", market="JP")
    made = make_discussed_plan(clinic)
    desk = Desk(context, clinic, made.practitioner)
    page = f"/patients/{made.patient_id}/plans/new"

    wrong = desk.send(page, expect=422, **plan_form(made, price="75600.50"))
    right = desk.send(page, **plan_form(made, price="75600"))

    assert "Enter the price in JPY" in words(wrong)
    assert "¥75,600 JPY" in desk.read(right.headers["Location"].removeprefix(desk.base))


def test_before_a_catalogue_is_approved_the_page_says_what_to_do(context: Flask) -> None:
    clinic = make_clinic()
    patient_id, _ = make_patient(clinic)
    desk = Desk(context, clinic, clinic.owner)

    assert "not approved yet" in desk.read(f"/patients/{patient_id}/plans/new")
    with clinic.scope() as scope:
        approve_shipped_catalogue(scope)
    assert "No device is entered at Harbour" in desk.read(f"/patients/{patient_id}/plans/new")


@pytest.mark.parametrize(
    ("year", "told"),
    [("2190", "The discussion is in the future."), ("2020", "more than a year ago")],
)
def test_a_discussion_in_the_future_or_long_ago_is_refused(
    desk: Desk, made: MadePlan, year: str, told: str
) -> None:
    form = HELD | {"held_at_year": year, "held_at_time": "11:20", "language": "en"}

    answer = desk.send(
        f"/plans/{made.plan_id}/discussion",
        expect=422,
        **form,
        held_by=str(made.practitioner.id),
        version_id=str(made.version_id),
    )

    assert told in words(answer)
    assert 'href="#held_at"' in answer.text


def test_the_discussion_of_a_plan_that_changed_meanwhile_is_refused(
    desk: Desk, made: MadePlan
) -> None:
    form = HELD | {"held_at_time": "11:20", "language": "en", "version_id": str(made.plan_id)}

    answer = desk.send(
        f"/plans/{made.plan_id}/discussion", expect=422, **form, held_by=str(made.practitioner.id)
    )

    assert "Read it again first." in words(answer)


def visit_form(made: MadePlan, day: str, month: str, year: str, time: str) -> dict[str, str]:
    """Return a visit at a local day and time."""
    return {
        "planned_at_day": day,
        "planned_at_month": month,
        "planned_at_year": year,
        "planned_at_time": time,
        "practitioner_id": str(made.practitioner.id),
    }


def test_a_visit_is_planned_in_the_locations_own_time(desk: Desk, made: MadePlan) -> None:
    desk.send(f"/plans/{made.plan_id}/visits/new", **visit_form(made, "24", "7", "2030", "14:30"))

    with made.clinic.scope() as scope:
        visits = [one.planned_at for one in list_visits_of_plan(scope, made.plan_id)]
    assert visits == [datetime(2030, 7, 24, 13, 30, tzinfo=UTC)]
    assert "Wednesday 24 July 2030, 14:30, London time" in desk.read(f"/plans/{made.plan_id}")


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (("31", "3", "2030", "01:30"), "this time does not exist"),
        (("24", "7", "2020", "14:30"), "This time has passed"),
        (("31", "2", "2030", "14:30"), "There is no day 31 in February 2030."),
        (("", "2", "2030", "14:30"), "Enter the day, for example"),
        (("24", "7", "2030", "half past two"), "Enter a time like 14:30."),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    desk: Desk, made: MadePlan, when: tuple[str, str, str, str], told: str
) -> None:
    answer = desk.send(f"/plans/{made.plan_id}/visits/new", expect=422, **visit_form(made, *when))

    assert told in words(answer)
