"""A location closes from a day on: nothing new there, nothing lost, and back whenever wished."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.billing.services.sell_package import sell_package
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.services.request_consent import request_consent
from app.database import TenantScope
from app.errors import Invalid, Stale
from app.kit.clock import frozen
from app.plans.models import VisitState
from app.plans.services.plan_visit import move_visit, plan_visit
from app.policies.may_perform import Work, may_perform
from app.tenants import queries
from app.tenants.errors import LocationClosed, LocationHasVisits
from app.tenants.models import Location, Role
from app.tenants.services.close_location import close_location, reopen_location
from app.tenants.services.manage_clinic import add_device
from tests.factories.billing import make_package
from tests.factories.plans import MadePlan, make_discussed_plan, make_visit
from tests.factories.tenants import PROCEDURE, MadeClinic, add_staff
from tests.support.api import Api
from tests.support.pages import Desk, words

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def made(context: Flask) -> Iterator[MadePlan]:
    with frozen(NOON):
        yield make_discussed_plan()


def close(made: MadePlan, day: date, *, version: int = 1) -> Location:
    with made.clinic.scope() as scope:
        return close_location(
            scope,
            location_id=made.clinic.location_id,
            closed_from=day,
            reason="The lease ends",
            version=version,
        )


def may_treat(scope: TenantScope, made: MadePlan, at: datetime) -> bool:
    work = Work(PROCEDURE, (("face_cheeks", 1000),), device_kind="pen")
    return may_perform(
        scope,
        staff_id=made.practitioner.id,
        location_id=made.clinic.location_id,
        work=work,
        at=at,
    ).allowed


def test_visits_after_the_day_stand_in_the_way_until_they_are_cancelled(made: MadePlan) -> None:
    # Half past eleven at night in London belongs to the day before.
    before = make_visit(made, planned_at=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    after = make_visit(made, planned_at=datetime(2026, 11, 24, 0, 0, tzinfo=UTC))

    with pytest.raises(LocationHasVisits) as refused:
        close(made, TUESDAY)
    assert refused.value.extra["visits"] == [str(after)]
    assert str(before) not in refused.value.extra["visits"]

    with made.clinic.scope() as scope:
        move_visit(scope, visit_id=after, to=VisitState.CANCELLED)
    assert close(made, TUESDAY).closed_from == TUESDAY


def test_from_that_day_on_nothing_new_happens_there_until_it_opens_again(made: MadePlan) -> None:
    package_id = make_package(made.clinic).id
    close(made, TUESDAY)
    here, later = made.clinic.location_id, NOON + timedelta(days=1)
    visit = {"plan_id": made.plan_id, "practitioner_id": made.practitioner.id}
    with made.clinic.scope() as scope:
        assert may_treat(scope, made, NOON)
        assert not may_treat(scope, made, later)
        with pytest.raises(LocationClosed):
            plan_visit(scope, **visit, planned_at=later)
        assert [one.id for one in queries.list_open_locations(scope)] == [here]
    with frozen(later), made.clinic.scope() as scope:
        assert queries.list_open_locations(scope) == []
        assert queries.get_location(scope, here).listed_name == "Harbour (closed)"
        with pytest.raises(LocationClosed):
            add_device(scope, location_id=here, kind="pen", model="X", serial="1", label=[])
        with pytest.raises(LocationClosed):
            sell_package(scope, package_id=package_id, patient_id=made.patient_id)
        publish_shipped_form(scope)
        with pytest.raises(LocationClosed):
            request_consent(scope, plan_id=made.plan_id)
    with frozen(later), made.clinic.scope() as scope:
        reopen_location(scope, location_id=here, version=2)
        assert may_treat(scope, made, later)
        plan_visit(scope, **visit, planned_at=later)


def test_a_past_day_a_second_closing_and_an_old_version_are_refused(made: MadePlan) -> None:
    with pytest.raises(Invalid):
        close(made, date(2026, 11, 22))
    with pytest.raises(Stale):
        close(made, TUESDAY, version=7)
    close(made, TUESDAY)
    with pytest.raises(LocationClosed):
        close(made, TUESDAY, version=2)


def test_a_program_closes_and_opens_a_location(context: Flask, clinic: MadeClinic) -> None:
    owner = Api(context, clinic, clinic.owner)
    path = f"/locations/{clinic.location_id}"
    wanted = {"closed_from": "2099-01-01", "reason": "The lease ends"}

    owner.post(f"{path}/close", wanted | {"reason": " "}, 422, match=1)
    assert owner.post(f"{path}/close", wanted, 200, match=1)["closed_from"] == "2099-01-01"
    owner.post(f"{path}/close", wanted, 412, match=1)
    assert owner.post(f"{path}/reopen", {}, 200, match=2)["closed_from"] is None


def test_an_owner_sees_who_is_expected_and_closes_then(context: Flask, made: MadePlan) -> None:
    desk = Desk(context, made.clinic, made.clinic.owner)
    visit_id = make_visit(made, planned_at=NOON + timedelta(days=3))
    path = f"/settings/locations/{made.clinic.location_id}"
    typed = {"from_day": "24", "from_month": "11", "from_year": "2026", "reason": "The lease ends"}

    told = words(desk.send(f"{path}/close", 409, **typed, version="1"))
    assert "Who is still expected there" in told
    assert "Thursday 26 November 2026" in told
    desk.send(f"/visits/{visit_id}/state", to="cancelled")
    desk.send(f"{path}/close", **typed, version="1")

    assert "It closes on 24 November 2026 The lease ends" in desk.read(path)
    with frozen(NOON + timedelta(days=1)):
        # The sign-in has ended by then, and a fresh one finds the location closed.
        desk = Desk(context, made.clinic, made.clinic.owner)
        assert "Closed" in desk.read("/settings/locations")
        assert "Harbour" not in desk.read("/patients/new")
        assert "Harbour (closed)" in desk.read("/patients")
        assert "Harbour (closed)" in desk.read(f"/patients/{made.patient_id}/edit")
        desk.send(f"{path}/reopen", version="2")
        assert "Harbour" in desk.read("/patients/new")


def test_whoever_works_only_there_is_named_and_keeps_the_limit(
    context: Flask, made: MadePlan
) -> None:
    here = made.clinic.location_id
    desk_person = add_staff(made.clinic, Role.FRONT_DESK, name="Only Here", at=(here,))
    owner = Desk(context, made.clinic, made.clinic.owner)

    asked = owner.answer(f"/settings/locations/{here}/close")
    assert "Who works at no other open location" in words(asked)
    assert f"/settings/staff/{desk_person.id}/change" in asked.text
    assert "Works at no open location" not in owner.read("/settings/staff")
    close(made, NOON.date())

    assert owner.read("/settings/staff").count("Works at no open location") == 1
    theirs = Desk(context, made.clinic, desk_person)
    assert "Today in Harbour (closed)" in theirs.read("/today")
    assert "Aoife Nguyễn" in theirs.read("/patients")
    told = theirs.answer("/patients/new")
    assert "none that you work at is open. Ask an owner" in words(told)
    assert "/settings/locations/new" not in told.text


@pytest.fixture
def clinic(made: MadePlan) -> MadeClinic:
    return made.clinic
