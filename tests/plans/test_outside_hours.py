"""A visit outside the opening hours is asked about, and who says that it is meant is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.kit.clock import frozen
from app.plans.queries import list_visits_of_plan
from app.tenants.queries import get_location
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.support.api import Api
from tests.support.pages import Desk, words

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
