"""A visit outside the opening hours is asked about, and who says that it is meant is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.kit.clock import frozen
from app.plans.models import VisitState
from app.plans.queries import list_visits_of_plan
from app.plans.services.plan_visit import move_visit
from app.tenants.place_schemas import LocationRequest
from app.tenants.queries import get_location
from tests.factories.plans import MadePlan, make_discussed_plan, make_visit
from tests.support.api import Api
from tests.support.pages import Desk, words

LOCATION = {
    "version": "1",
    "name": "Harbour",
    "address": "2 Quay Street",
    "zone": "Europe/London",
    "jurisdiction": "GB-SCT",
    "premises_kind": "independent clinic",
    "premises_registration": "HIS-1",
    "emergency_contact": "0131 496 0000",
    "open_tue": "09:00-17:00",
}
NIGHT = {"planned_at_day": "24", "planned_at_month": "11", "planned_at_year": "2026"}


@pytest.fixture
def made(context: Flask) -> Iterator[MadePlan]:
    """A plan at a location that is open on Tuesdays from nine to five."""
    with frozen(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        found = make_discussed_plan()
        with found.clinic.scope() as scope:
            get_location(scope, found.clinic.location_id).opening_hours = {
                "week": {"tue": [["09:00", "17:00"]]},
                "days": [],
            }
        yield found


def confirmed_by(made: MadePlan) -> list[tuple[str, object]]:
    with made.clinic.scope() as scope:
        found = list_visits_of_plan(scope, made.plan_id)
    return [(f"{one.planned_at:%a %H:%M}", one.outside_hours_by) for one in found]


def test_the_page_asks_and_takes_a_yes_for_that_time_only(context: Flask, made: MadePlan) -> None:
    desk = Desk(context, made.clinic, made.clinic.owner)
    path = f"/plans/{made.plan_id}/visits/new"
    typed = NIGHT | {"practitioner_id": str(made.practitioner.id)}

    asked = desk.send(path, 409, **typed, planned_at_time="19:00")
    assert "Harbour is closed at that time. Its hours: 09:00–17:00 on Tuesday" in words(asked)
    assert "Plan the visit anyway?" in words(asked)
    yes = "2026-11-24T19:00:00+00:00"
    assert f'value="{yes}"' in asked.text
    again = desk.send(path, 409, **typed, planned_at_time="20:00", outside_hours=yes)
    assert 'value="2026-11-24T20:00:00+00:00"' in again.text
    assert confirmed_by(made) == []

    desk.send(path, **typed, planned_at_time="19:00", outside_hours=yes)
    desk.send(path, **typed, planned_at_time="16:59", outside_hours="2026-11-24T16:59:00+00:00")

    owner = made.clinic.owner
    assert confirmed_by(made) == [("Tue 16:59", None), ("Tue 19:00", owner.id)]
    told = f"Outside the opening hours, as {owner.name} confirmed."
    assert desk.read(f"/plans/{made.plan_id}").count(told) == 1
    assert f"outside the opening hours, as {owner.name}" in desk.read("/today?day=2026-11-24")


def test_a_program_is_asked_by_a_code_of_its_own(context: Flask, made: MadePlan) -> None:
    desk, path = Api(context, made.clinic, made.clinic.owner), f"/plans/{made.plan_id}/visits"
    wanted = {"practitioner_id": str(made.practitioner.id), "planned_at": "2026-11-24T17:00:00Z"}

    assert desk.post(path, wanted, 409)["code"] == "outside_opening_hours"
    planned = desk.post(path, wanted | {"outside_hours": True})
    assert planned["outside_hours_by"] == str(made.clinic.owner.id)


def test_shorter_hours_ask_about_the_visits_that_they_leave_out(
    context: Flask, made: MadePlan
) -> None:
    desk = Desk(context, made.clinic, made.clinic.owner)
    inside = make_visit(made, planned_at=datetime(2026, 11, 24, 9, tzinfo=UTC))
    late = make_visit(made, planned_at=datetime(2026, 11, 24, 16, tzinfo=UTC))
    off = make_visit(made, planned_at=datetime(2026, 11, 24, 16, 30, tzinfo=UTC))
    with made.clinic.scope() as scope:
        move_visit(scope, visit_id=off, to=VisitState.CANCELLED)
    path = f"/settings/locations/{made.clinic.location_id}"
    shorter = LOCATION | {"open_tue": "09:00-12:00"}

    asked = desk.send(path, 409, **shorter)
    assert "24 November 2026, 16:00" in words(asked)
    assert "Aoife Nguyễn" in words(asked)
    assert f"#visit-{late}" in asked.text
    assert f"#visit-{inside}" not in asked.text
    assert f"#visit-{off}" not in asked.text
    assert confirmed_by(made) == [("Tue 09:00", None), ("Tue 16:00", None), ("Tue 16:30", None)]

    desk.send(path, **shorter, shown_visits=str(late), visits_outside="yes")

    owner = made.clinic.owner
    assert confirmed_by(made)[1] == ("Tue 16:00", owner.id)
    assert confirmed_by(made)[0] == ("Tue 09:00", None)
    # What was confirmed once, and what was saved before, is not asked about again.
    desk.send(path, **shorter | {"version": "2", "open_tue": "09:00-11:00"})


def test_a_yes_counts_for_the_visits_that_were_shown(context: Flask, made: MadePlan) -> None:
    desk = Desk(context, made.clinic, made.clinic.owner)
    path = f"/settings/locations/{made.clinic.location_id}"
    shown = make_visit(made, planned_at=datetime(2026, 11, 24, 15, tzinfo=UTC))
    shorter = LOCATION | {"open_tue": "09:00-12:00"}
    make_visit(made, planned_at=datetime(2026, 11, 24, 16, tzinfo=UTC))

    again = desk.send(path, 409, **shorter, shown_visits=str(shown), visits_outside="yes")

    assert again.text.count("#visit-") == 2
    assert [by for _, by in confirmed_by(made)] == [None, None]


def test_a_program_names_the_visits_that_new_hours_leave_out(
    context: Flask, made: MadePlan
) -> None:
    desk = Api(context, made.clinic, made.clinic.owner)
    path = f"/locations/{made.clinic.location_id}"
    visit = make_visit(made, planned_at=datetime(2026, 11, 24, 16, tzinfo=UTC))
    asked_for = LocationRequest().fields
    same = {name: value for name, value in desk.get(path).items() if name in asked_for}

    # Sixteen hours in London are an hour of the night in Tokyo: another clock is asked about, too.
    refused = desk.put(path, same | {"zone": "Asia/Tokyo"}, match=1, expect=409)
    assert (refused["code"], refused["visits"]) == ("visits_outside_hours", [str(visit)])

    mornings = {"opening_hours": {"week": {"tue": [["09:00", "12:00"]]}, "days": []}}
    assert desk.put(path, same | mornings, match=1, expect=409)["visits"] == [str(visit)]
    kept = same | mornings | {"visits_outside": [str(visit)]}
    assert desk.put(path, kept, match=1)["version"] == 2
