"""What an owner met when she first set a clinic up: nothing is chosen, kept or quoted for her."""

import re
from datetime import date

import pytest
from flask import Flask

from app.kit.clock import today_in
from app.tenants.models import Qualification, Role
from app.tenants.queries import get_home_zone, list_locations
from tests.factories.tenants import MadeClinic, add_staff, make_clinic, qualify
from tests.support.pages import Desk, words
from tests.support.step_up import proven

COLOGNE = {
    "name": "Alter Markt",
    "address": "Am Markt 1",
    "jurisdiction": "DE",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "premises_kind": "medical practice",
    "emergency_contact": "Dr Vogt, 0221 12 34",
}


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def desk(context: Flask, clinic: MadeClinic) -> Desk:
    return Desk(context, clinic, clinic.owner)


class TestLocations:
    def test_zone_and_currency_are_chosen_and_the_number_is_one(self, desk: Desk) -> None:
        untouched = COLOGNE | {"zone": "", "currency": "", "emergency_contact": "call me"}

        told = words(desk.send("/settings/locations/new", 422, **untouched))

        assert "Choose its time zone." in told
        assert "Choose its currency." in told
        assert "Enter the phone number that patients call." in told

    def test_problems_are_told_in_the_order_of_the_page(self, desk: Desk) -> None:
        pages = {
            "/settings/locations/new": {"registered_day": "x", "premises_kind": "clinic"},
            f"/settings/staff/{desk.api.who.id}/qualifications/new": {"is_prescriber": "no"},
        }
        for path, typed in pages.items():
            page = desk.send(path, 422, **typed).text
            linked = re.findall(r'<li><a href="#([^"]+)">', page)
            in_order = sorted(linked, key=lambda one: page.index(f'id="{one}"'))

            assert len(linked) > 5
            assert linked == in_order

    def test_a_new_location_leads_on_to_its_hours(self, desk: Desk) -> None:
        answer = desk.send("/settings/locations/new", **COLOGNE)

        page = words(desk.api.client.get(answer.location))
        assert "Its opening hours are next." in page
        assert "Opening hours" in page

    def test_times_of_no_place_stay_in_the_zone_of_the_first(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        desk.send("/settings/locations/new", **COLOGNE)

        with clinic.scope() as scope:
            assert list_locations(scope)[0].name == "Alter Markt"
            assert get_home_zone(scope) == "Europe/London"

    def test_nobody_takes_one_of_several_by_oversight(self, desk: Desk) -> None:
        one = desk.answer("/patients/new").text
        desk.send("/settings/locations/new", **COLOGNE)
        two = desk.answer("/patients/new").text

        assert "Choose a location" not in one
        assert '<option value="" selected>Choose a location' in two

    def test_closed_is_a_word_for_no_hours(self, desk: Desk, clinic: MadeClinic) -> None:
        path = f"/settings/locations/{clinic.location_id}"
        hours = {"version": "1", "open_sun": "Closed", "open_mon": "9-5"}

        answer = desk.send(path, 422, **COLOGNE, **hours)

        assert 'href="#open_sun"' not in answer.text
        assert "It cannot end at 05:00. Write the afternoon like 17:30." in words(answer)


class TestRules:
    def sent(self, desk: Desk, clinic: MadeClinic, policy: str, expect: int, **typed: str) -> str:
        day = today_in("Europe/London")
        when = {"from_day": str(day.day), "from_month": str(day.month), "from_year": str(day.year)}
        path = f"/settings/locations/{clinic.location_id}/policies/{policy}"
        form = {"reason": "Ours", "after": "0"} | when | typed
        desk.send(path, expect, **form) if expect == 303 else None
        return desk.read(path) if expect == 303 else words(desk.send(path, expect, **form))

    def test_a_value_of_ones_own_does_not_borrow_a_source(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        law = {"basis": "law", "source": "asp 13, s 2"}

        told = self.sent(desk, clinic, "min_age", 422, value="21", **law)
        assert "This source gave the value before yours." in told

        own = self.sent(desk, clinic, "min_age", 303, value="21", basis="clinic", source="")
        assert "Clinic policy: patients are 21 or older." in own

    def test_a_depth_is_read_and_typed_in_millimetres(self, desk: Desk, clinic: MadeClinic) -> None:
        path = f"/settings/locations/{clinic.location_id}/policies/specified_depth_um"
        assert 'value="1.5"' in desk.answer(path).text

        page = self.sent(
            desk, clinic, "specified_depth_um", 303, value="1,25", basis="clinic", source=""
        )
        assert "From 1.25 mm a treatment is a specified procedure" in page
        told = self.sent(desk, clinic, "specified_depth_um", 422, value="9", basis="clinic")
        assert "Enter millimetres from 0 to 8, like 1.5." in told

    def test_no_list_and_no_number_are_sentences_too(self, desk: Desk, clinic: MadeClinic) -> None:
        page = desk.read("/settings/policies")

        assert "Needling is done by whoever is qualified for it" in page
        assert "No shortest time is set here" in page
        assert "GP practice" in page
        assert " L1 " not in page


class TestQualifications:
    def test_new_last_days_begin_with_the_old_and_lose_none(
        self, desk: Desk, clinic: MadeClinic
    ) -> None:
        nurse = add_staff(clinic, Role.PRACTITIONER, name="Ngozi Eze")
        held = qualify(clinic, nurse, expires_on=date(2098, 1, 31))
        with clinic.scope() as scope:
            row = scope.session.get_one(Qualification, (scope.tenant_id, held))
            row.insurance, row.insurance_expires_on = "Guild", date(2097, 6, 30)

        page = desk.answer(f"/settings/qualifications/{held}/renew").text
        for name, value in {"expires_year": 2098, "insured_day": 30, "insured_year": 2097}.items():
            assert f'value="{value}"' in page.split(f'name="{name}"')[1].split(">")[0]

    def test_a_day_that_has_passed_is_no_new_last_day(self, desk: Desk, clinic: MadeClinic) -> None:
        held = qualify(clinic, add_staff(clinic, Role.PRACTITIONER))
        past = {"expires_day": "1", "expires_month": "2", "expires_year": "2020", "version": "1"}

        told = words(desk.send(f"/settings/qualifications/{held}/renew", 422, **past))

        assert "This day has passed." in told


def test_proving_it_again_leads_back_to_the_form(desk: Desk, clinic: MadeClinic) -> None:
    list_page = f"/clinics/{clinic.tenant_id}/patients/lists"

    answer = desk.send("/patients/lists")
    assert answer.location == f"/step-up?next={list_page.replace('/', '%2F')}"

    proven(desk.api)
    desk.send("/patients/lists")
    assert "Being written" in desk.read("/patients/lists")
