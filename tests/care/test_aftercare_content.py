"""The aftercare sheet speaks of these areas, this device and this country."""

from datetime import UTC, datetime

import pytest

from app.care.aftercare_content import PlaceUnknown, aftercare_sheet
from app.catalogue.aftercare import HelpNumbers
from tests.catalogue.plans import catalogue


def sheet(**changes):
    values = {
        "areas": ("face_cheeks",),
        "energy": "none",
        "jurisdiction": "GB-SCT",
        "treated_at": datetime(2026, 12, 1, 23, 30, tzinfo=UTC),
        "zone": "Europe/London",
        "clinic_contact": "0131 496 0101",
    }
    return {part.id: part for part in aftercare_sheet(catalogue(), **{**values, **changes})}


def test_warning_signs_come_first_with_the_countrys_numbers():
    assert next(iter(sheet())) == "emergency_now"
    assert "Call 999." in sheet()["emergency_now"].text
    assert "call 111" in sheet()["same_day"].text
    assert "Call 911." in sheet(jurisdiction="US-TX")["emergency_now"].text
    assert "Call 112." in sheet(jurisdiction="DE")["emergency_now"].text
    assert "#7119" in sheet(jurisdiction="JP")["same_day"].text


def test_other_numbers_may_be_given():
    own = HelpNumbers(emergency=("112",), advice=())

    assert "Call 112." in sheet(numbers=own)["emergency_now"].text


def test_a_place_without_numbers_is_refused():
    with pytest.raises(PlaceUnknown):
        sheet(jurisdiction="XX")


def test_phases_carry_the_days_of_the_locations_zone():
    berlin = sheet(jurisdiction="DE", zone="Europe/Berlin")

    assert sheet()["h0_24"].text == "From Tuesday 1 December 2026 to Wednesday 2 December 2026."
    assert berlin["h0_24"].text == "From Wednesday 2 December 2026 to Thursday 3 December 2026."
    assert sheet()["after"].text.endswith(" on.")


def test_extras_belong_to_the_treated_areas():
    assert "face" in sheet()
    assert "scalp" not in sheet()
    assert {"body", "lower_legs"} <= set(sheet(areas=("lower_legs",)))
    assert {"body", "chest_back"} <= set(sheet(areas=("back_upper",)))


def test_sleeping_face_up_is_for_faces():
    assert "Sleep on your back." in sheet()["h0_24"].do
    assert "Sleep on your back." not in sheet(areas=("thighs",))["h0_24"].do


def test_radiofrequency_adds_its_own_advice():
    assert "rf" not in sheet()
    assert any("1 week" in one for one in sheet(energy="radiofrequency")["rf"].do)


def test_the_slowest_area_sets_the_healing_time():
    both = sheet(areas=("face_cheeks", "lower_legs"))

    assert "about 10 days" in both["healing"].text
