"""A location closes while somebody plans a visit there: one of the two waits and hears of it."""

import threading
from datetime import timedelta

import pytest
from flask import Flask

from app.kit.clock import now, today_in
from app.plans.services.plan_visit import plan_visit
from app.tenants.errors import LocationHasVisits
from app.tenants.services.close_location import close_location
from tests.factories.plans import make_discussed_plan


def test_closing_waits_for_a_visit_that_is_being_planned(app: Flask) -> None:
    with app.app_context():
        made = make_discussed_plan()
    planned, heard = threading.Event(), threading.Event()

    def plan() -> None:
        with app.app_context(), made.clinic.scope() as scope:
            plan_visit(
                scope,
                plan_id=made.plan_id,
                practitioner_id=made.practitioner.id,
                planned_at=now() + timedelta(days=2),
            )
            planned.set()
            heard.wait(0.4)

    planner = threading.Thread(target=plan)
    planner.start()
    assert planned.wait(10)
    with app.app_context(), made.clinic.scope() as scope, pytest.raises(LocationHasVisits):
        close_location(
            scope,
            location_id=made.clinic.location_id,
            closed_from=today_in("Europe/London"),
            reason="The lease ends",
            version=1,
        )
    heard.set()
    planner.join(10)
