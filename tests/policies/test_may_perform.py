"""Who may do what, where and when: with real rows, at the place's own day."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.kit.clock import frozen, now, today_in
from app.plans.services.plan_visit import plan_visit
from app.policies.errors import MayNotPerform, PolicyLaxer
from app.policies.may_perform import Answer, Work, may_attest, may_perform
from app.policies.services.decide_policy import NewDecision, decide_policy
from app.tenants.errors import OwnQualification, QualificationEnded
from app.tenants.models import Role
from app.tenants.queries import get_location
from app.tenants.services.manage_location import NewLocation, add_location
from app.tenants.services.manage_qualification import (
    NewQualification,
    NewScope,
    Renewal,
    add_qualification,
    end_qualification,
    renew_qualification,
    verify_qualification,
)
from tests.factories.plans import make_discussed_plan, make_visit
from tests.factories.tenants import PROCEDURE, MadeClinic, Staff, add_staff, make_clinic

CHEEKS = Work(PROCEDURE, (("face_cheeks", 1000),))


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def nurse(clinic: MadeClinic) -> Staff:
    return add_staff(clinic, Role.PRACTITIONER, name="Ngozi Eze")


def enter(clinic: MadeClinic, who: Staff, by: Staff | None = None, **changes: object) -> uuid.UUID:
    """Enter a nurse's qualification for the clinic's location, with some changes."""
    parts = {"max_depth_um", "areas", "prescribed_anaesthetic", "device_kinds", "energy", "attests"}
    allowed = NewScope(clinic.location_id, PROCEDURE, 2500, "Registered nurse")
    allowed = replace(allowed, **{k: v for k, v in changes.items() if k in parts})
    wanted = NewQualification("nurse", "NMC", "TEST-1", True, date(2099, 1, 31), (allowed,))
    wanted = replace(wanted, **{k: v for k, v in changes.items() if k not in parts})
    with clinic.scope(by) as scope:
        return add_qualification(scope, staff_id=who.id, wanted=wanted).id


def ask(clinic: MadeClinic, who: Staff, work: Work = CHEEKS, at: datetime | None = None) -> Answer:
    with clinic.scope() as scope:
        return may_perform(scope, staff_id=who.id, location_id=clinic.location_id, work=work, at=at)


def deep(depth_um: int, **more: object) -> Work:
    return Work(PROCEDURE, (("face_cheeks", depth_um),), **more)


def decide(clinic: MadeClinic, policy: str, value: object, **changes: object) -> None:
    """Decide a policy of the clinic's place from the first day of 2020."""
    wanted = NewDecision(
        "GB-SCT", policy, value, "clinic", False, "", "For a test.", date(2020, 1, 1), 0
    )
    with clinic.scope() as scope:
        decide_policy(scope, replace(wanted, **changes))


def test_without_a_scope_the_answer_says_what_to_enter(clinic: MadeClinic, nurse: Staff) -> None:
    answer = ask(clinic, nurse)

    assert (answer.allowed, answer.code) == (False, "no_scope")
    assert (
        "No qualification of Ngozi Eze is entered for this procedure at Harbour." in answer.reason
    )
    assert "the registration, this location, this procedure, and a depth of at least 1 mm" in (
        answer.reason
    )


def test_a_scope_for_another_procedure_or_place_is_no_scope(
    clinic: MadeClinic, nurse: Staff
) -> None:
    enter(clinic, nurse)

    assert ask(clinic, nurse, replace(CHEEKS, procedure_id="rf_microneedling")).code == "no_scope"


@pytest.mark.parametrize(
    ("changes", "work", "code"),
    [
        ({"expires_on": date(2026, 1, 1)}, CHEEKS, "expired"),
        ({"insurance_expires_on": date(2026, 1, 1)}, CHEEKS, "insurance"),
        ({"device_kinds": ("roller",)}, replace(CHEEKS, device_kind="pen"), "device"),
        ({"energy": "radiofrequency"}, CHEEKS, "energy"),
        ({}, replace(CHEEKS, energy="radiofrequency"), "energy"),
        ({}, replace(CHEEKS, prescribed_anaesthetic=True), "anaesthetic"),
        ({"areas": ("scalp",)}, CHEEKS, "area"),
        ({"max_depth_um": 999}, CHEEKS, "depth"),
    ],
)
def test_each_fact_alone_is_enough_for_a_no(
    clinic: MadeClinic, nurse: Staff, changes: dict[str, object], work: Work, code: str
) -> None:
    enter(clinic, nurse, **changes)

    assert ask(clinic, nurse, work).code == code


def test_a_role_that_does_not_treat_is_a_no_whatever_is_entered(clinic: MadeClinic) -> None:
    manager = add_staff(clinic, Role.MANAGER, name="Ngozi Eze")
    enter(clinic, manager)

    answer = ask(clinic, manager)

    assert (answer.allowed, answer.code) == (False, "role")
    assert answer.reason.startswith("Ngozi Eze works here as manager, which does not treat.")


def test_somebody_who_works_elsewhere_only_is_a_no_here(clinic: MadeClinic) -> None:
    with clinic.scope() as scope:
        elsewhere = add_location(
            scope,
            NewLocation(
                "Hill", "1 Hill", "Europe/London", "GBP", "GB-SCT", "GB", "clinic", "0131 496 0001"
            ),
        ).id
    nurse = add_staff(clinic, Role.PRACTITIONER, name="Ngozi Eze", at=(elsewhere,))
    enter(clinic, nurse)

    answer = ask(clinic, nurse)

    assert (answer.allowed, answer.code) == (False, "elsewhere")
    assert "Ngozi Eze does not work at Harbour." in answer.reason


@pytest.mark.parametrize(("depth_um", "may"), [(1490, True), (1500, True), (1510, False)])
def test_case_08_a_scope_of_a_millimetre_and_a_half_reaches_there_and_no_deeper(
    clinic: MadeClinic, nurse: Staff, depth_um: int, may: bool
) -> None:
    enter(clinic, nurse, max_depth_um=1500)

    assert ask(clinic, nurse, deep(depth_um)).allowed is may


def test_case_08_a_profession_whose_word_holds_another_is_not_that_other(
    clinic: MadeClinic, nurse: Staff
) -> None:
    enter(clinic, nurse, kind="physiotherapist")
    decide(clinic, "performed_by", ("therapist",))

    assert ask(clinic, nurse).code == "profession"


def test_case_08_premises_are_of_the_whole_kind(clinic: MadeClinic, nurse: Staff) -> None:
    enter(clinic, nurse)
    with clinic.scope() as scope:
        get_location(scope, clinic.location_id).premises_kind = "non-independent clinic"

    assert ask(clinic, nurse, deep(1500)).code == "premises"


@pytest.mark.parametrize(("depth_um", "may"), [(1490, True), (1500, False), (1510, False)])
def test_case_08_an_aesthetician_stops_below_a_millimetre_and_a_half_in_scotland(
    clinic: MadeClinic, nurse: Staff, depth_um: int, may: bool
) -> None:
    enter(clinic, nurse, kind="aesthetician", max_depth_um=2500)

    answer = ask(clinic, nurse, deep(depth_um))

    assert answer.allowed is may
    if not may:
        assert answer.code == "profession"
        assert "the needles go 1.5 mm deep or deeper. Clinic policy: a specified" in answer.reason


def test_case_08_the_same_aesthetician_is_judged_by_the_law_of_the_place(context: Flask) -> None:
    england = make_clinic(jurisdiction="GB-ENG")
    who = add_staff(england, Role.PRACTITIONER)
    enter(england, who, kind="aesthetician")

    assert ask(england, who, deep(1510)).allowed


def test_case_08_radiofrequency_needs_its_own_scope(clinic: MadeClinic, nurse: Staff) -> None:
    enter(clinic, nurse)
    rf = Work("rf_microneedling", (("face_cheeks", 800),), energy="radiofrequency")

    assert ask(clinic, nurse, rf).code == "no_scope"


def test_case_08_expired_yesterday_is_a_no_and_today_is_a_yes(
    clinic: MadeClinic, nurse: Staff
) -> None:
    today = today_in("Europe/London")
    enter(clinic, nurse, expires_on=today - timedelta(days=1))

    assert ask(clinic, nurse).code == "expired"
    enter(clinic, nurse, expires_on=today)
    assert ask(clinic, nurse).allowed


def test_case_08_the_day_is_that_of_the_location_tokyo_and_london(context: Flask) -> None:
    """At 15:30 UTC on 30 November 2026 it is 1 December in Tokyo and still November in London."""
    at = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
    london = make_clinic()
    tokyo = make_clinic(zone="Asia/Tokyo", currency="JPY", jurisdiction="JP", market="JP")
    answers = []
    for place in (london, tokyo):
        who = add_staff(place, Role.PRACTITIONER)
        enter(place, who, expires_on=date(2026, 11, 30))
        answers.append(ask(place, who, at=at).code)

    assert answers == ["", "expired"]


def test_case_08_the_hour_that_the_clocks_repeat_still_belongs_to_its_day(context: Flask) -> None:
    """On 25 October 2026 London's clocks show 01:30 twice; both are before midnight of the 26th."""
    place = make_clinic()
    who = add_staff(place, Role.PRACTITIONER)
    enter(place, who, expires_on=date(2026, 10, 25))
    last = datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC)

    for at in (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ):
        assert ask(place, who, at=at).allowed
    assert ask(place, who, at=last).allowed
    assert ask(place, who, at=last + timedelta(seconds=1)).code == "expired"


def test_case_08_it_is_asked_when_a_visit_is_planned(context: Flask) -> None:
    made = make_discussed_plan()
    aesthetician = add_staff(made.clinic, Role.PRACTITIONER, name="Kirsty Singh")

    with (
        pytest.raises(MayNotPerform, match="No qualification of Kirsty Singh"),
        made.clinic.scope() as scope,
    ):
        plan_visit(
            scope,
            plan_id=made.plan_id,
            practitioner_id=aesthetician.id,
            planned_at=now() + timedelta(days=1),
        )


def test_case_08_a_visit_is_judged_by_its_own_day_and_not_by_today(context: Flask) -> None:
    made = make_discussed_plan()
    who = add_staff(made.clinic, Role.PRACTITIONER)
    enter(made.clinic, who, expires_on=today_in("Europe/London") + timedelta(days=3))
    made.practitioner = who

    make_visit(made, planned_at=now() + timedelta(days=1))
    with pytest.raises(MayNotPerform, match="ended on"):
        make_visit(made, planned_at=now() + timedelta(days=9))


def test_case_08_who_may_do_it_need_not_be_who_confirms(clinic: MadeClinic, nurse: Staff) -> None:
    enter(clinic, nurse, attests=False)
    with clinic.scope() as scope:
        answer = may_attest(scope, staff_id=nurse.id, location_id=clinic.location_id, work=CHEEKS)

    assert ask(clinic, nurse).allowed
    assert (answer.allowed, answer.code) == (False, "attests")


def test_premises_whose_registration_ended_stop_specified_work_only(
    clinic: MadeClinic, nurse: Staff
) -> None:
    enter(clinic, nurse)
    with clinic.scope() as scope:
        place = get_location(scope, clinic.location_id)
        place.premises_registered_until = today_in("Europe/London") - timedelta(days=1)

    assert ask(clinic, nurse, deep(1000)).allowed
    assert "registration of Harbour ended" in ask(clinic, nurse, deep(1500)).reason


class TestChecking:
    def test_nobody_checks_their_own(self, clinic: MadeClinic) -> None:
        own = enter(clinic, clinic.owner)

        answer = ask(clinic, clinic.owner)
        assert answer.code == "unverified"
        assert "Clinic policy: a qualification counts once somebody else" in answer.reason
        with pytest.raises(OwnQualification), clinic.scope() as scope:
            verify_qualification(scope, qualification_id=own)

    def test_somebody_else_does(self, clinic: MadeClinic) -> None:
        own = enter(clinic, clinic.owner)
        lead = add_staff(clinic, Role.MEDICAL_LEAD)

        with clinic.scope(lead) as scope:
            row = verify_qualification(scope, qualification_id=own)
            assert row.verified_by == lead.id

        assert ask(clinic, clinic.owner).allowed

    def test_a_renewal_wants_a_new_check(self, clinic: MadeClinic, nurse: Staff) -> None:
        entered = enter(clinic, nurse)
        with clinic.scope() as scope:
            renew_qualification(
                scope,
                qualification_id=entered,
                wanted=Renewal(date(2098, 1, 31), None, None),
                version=1,
            )

        assert ask(clinic, nurse).code == "unverified"

    def test_one_that_was_ended_counts_for_nothing(self, clinic: MadeClinic, nurse: Staff) -> None:
        entered = enter(clinic, nurse)
        with clinic.scope() as scope:
            end_qualification(scope, qualification_id=entered)

        assert ask(clinic, nurse).code == "no_scope"
        with pytest.raises(QualificationEnded), clinic.scope() as scope:
            verify_qualification(scope, qualification_id=entered)

    def test_a_person_who_works_alone_can_decide_otherwise(self, clinic: MadeClinic) -> None:
        enter(clinic, clinic.owner)

        decide(clinic, "verification_required", False)

        assert ask(clinic, clinic.owner).allowed


class TestDecisions:
    def test_what_the_clinic_decides_is_what_holds(self, clinic: MadeClinic, nurse: Staff) -> None:
        enter(clinic, nurse, kind="aesthetician")
        decide(clinic, "specified_depth_um", 1000)

        assert ask(clinic, nurse, deep(1000)).code == "profession"
        assert ask(clinic, nurse, deep(999)).allowed

    def test_a_clinic_does_not_go_below_law_that_was_verified(self, clinic: MadeClinic) -> None:
        decide(clinic, "min_age", 18, basis="law", verified=True, source="asp 13, s 2")

        with pytest.raises(PolicyLaxer, match="Law: patients are 18 or older, asp 13, s 2"):
            decide(clinic, "min_age", 17, after=1)
        decide(clinic, "min_age", 21, after=1)

    def test_another_clinic_keeps_its_own(self, clinic: MadeClinic) -> None:
        decide(clinic, "verification_required", False)
        other = make_clinic(name="Juniper Quay")
        enter(other, other.owner)

        assert ask(other, other.owner).code == "unverified"

    def test_it_holds_from_its_day_in_the_locations_zone(self, context: Flask) -> None:
        tokyo = make_clinic(zone="Asia/Tokyo", currency="JPY", jurisdiction="JP", market="JP")
        enter(tokyo, tokyo.owner)
        decide(
            tokyo,
            "verification_required",
            False,
            jurisdiction="JP",
            in_force_from=date(2026, 12, 1),
        )

        with frozen(datetime(2026, 11, 30, 14, 59, tzinfo=UTC)):
            assert ask(tokyo, tokyo.owner).code == "unverified"
        with frozen(datetime(2026, 11, 30, 15, 0, tzinfo=UTC)):
            assert ask(tokyo, tokyo.owner).allowed
