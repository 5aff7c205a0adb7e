"""What a policy says on a day, and on which basis. Pure: no database."""

import uuid
from datetime import UTC, date, datetime

import pytest

from app.catalogue.loader import find_jurisdiction
from app.catalogue.shipped import shipped_catalogue
from app.policies.definitions import POLICIES, names_any
from app.policies.errors import PatientTooYoung, TalkNotEnough, WaitNotOver
from app.policies.holding import PlacePolicies
from app.policies.may_perform import Work, specified_because
from app.policies.models import PolicyDecision
from app.policies.patient_rules import opens_on, require_age, require_talk, require_wait

TODAY = date(2026, 11, 22)


def decision(number: int, **changes: object) -> PolicyDecision:
    """Return the clinic's decision that patients are 21 or older, with some changes."""
    values = {
        "tenant_id": uuid.uuid4(),
        "id": uuid.uuid4(),
        "jurisdiction": "GB-SCT",
        "policy": "min_age",
        "number": number,
        "value": {"value": 21},
        "basis": "clinic",
        "in_force_from": TODAY,
        "verified": False,
        "source": "",
        "reason": "Our insurer asks for it.",
        "decided_by": uuid.uuid4(),
        "decided_at": datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    }
    return PolicyDecision(**{**values, **changes})


def policies(place: str = "GB-SCT", *decisions: PolicyDecision, day: date = TODAY) -> PlacePolicies:
    return PlacePolicies(find_jurisdiction(shipped_catalogue()[1], place), decisions, day)


@pytest.mark.parametrize("place", [one.id for one in shipped_catalogue()[1].jurisdictions])
def test_everything_that_ships_fits_its_policy(place: str) -> None:
    held = policies(place)

    for name, policy in POLICIES.items():
        assert policy.fits(held.holding(name).value)
        assert held.holding(name).sentence


def test_law_that_nobody_verified_is_quoted_as_the_clinics_own_policy() -> None:
    held = policies().holding("min_age")

    assert (held.basis, held.verified) == ("law", False)
    assert held.quote() == "Clinic policy: patients are 18 or older."


def test_law_that_the_clinic_has_verified_is_quoted_with_its_section() -> None:
    verified = decision(
        1, value={"value": 18}, basis="law", verified=True, source="asp 13 of 2026, s 2"
    )

    quoted = policies("GB-SCT", verified).holding("min_age").quote()

    assert quoted == "Law: patients are 18 or older, asp 13 of 2026, s 2."


def test_guidance_is_called_guidance() -> None:
    guided = decision(1, basis="guidance", verified=True, source="the college's guide of 2025")

    assert policies("GB-SCT", guided).holding("min_age").quote().startswith("Guidance: ")


@pytest.mark.parametrize(("day", "needed"), [(date(2027, 9, 5), False), (date(2027, 9, 6), True)])
def test_a_law_with_a_future_date_holds_from_that_date(day: date, needed: bool) -> None:
    assert policies(day=day).holding("licence_required").value is needed


def test_what_comes_is_listed_and_what_has_come_is_not() -> None:
    assert [one.policy.id for one in policies().coming()] == ["licence_required"]
    assert policies(day=date(2027, 9, 6)).coming() == ()


def test_the_clinics_value_holds_from_its_day_and_not_before() -> None:
    later = decision(1, in_force_from=date(2026, 12, 1))

    assert policies("GB-SCT", later).number("min_age") == 18
    assert policies("GB-SCT", later, day=date(2026, 12, 1)).number("min_age") == 21


def test_of_two_decisions_for_one_day_the_later_one_counts() -> None:
    first, second = decision(1), decision(2, value={"value": 20})

    assert policies("GB-SCT", second, first).number("min_age") == 20


def test_a_law_that_comes_later_takes_over_unless_the_clinic_decided_for_that_day() -> None:
    early = decision(1, policy="licence_required", value={"value": False})
    late = decision(
        2, policy="licence_required", value={"value": False}, in_force_from=date(2027, 9, 6)
    )
    day = date(2027, 10, 1)

    assert policies("GB-SCT", early, day=day).holding("licence_required").value is True
    assert policies("GB-SCT", early, late, day=day).holding("licence_required").value is False


class TestVerifiedLawIsAFloor:
    LAW = {"value": {"value": 18}, "basis": "law", "verified": True, "source": "asp 13, s 2"}

    @pytest.mark.parametrize(("value", "held"), [(16, 18), (18, 18), (21, 21)])
    def test_the_clinics_own_policy_never_goes_below_it(self, value: int, held: int) -> None:
        own = decision(1, value={"value": value}, in_force_from=date(2026, 12, 1))
        law = decision(2, **self.LAW)

        found = policies("GB-SCT", own, law, day=date(2026, 12, 1))

        assert found.number("min_age") == held
        assert (found.holding("min_age").basis == "law") is (value < 18)
        assert found.floor("min_age") is not None
        assert found.floor("licence_required") is None

    def test_what_will_not_hold_is_not_announced(self) -> None:
        own = decision(1, value={"value": 16}, in_force_from=date(2026, 12, 1))

        coming = policies("GB-SCT", own, decision(2, **self.LAW)).coming()

        assert [one.policy.id for one in coming] == ["licence_required"]

    def test_only_other_verified_law_replaces_it(self) -> None:
        later = date(2026, 12, 1)
        law = decision(1, **self.LAW)
        rumour = decision(2, value={"value": 16}, basis="law", in_force_from=later)
        reform = decision(3, **{**self.LAW, "value": {"value": 16}, "in_force_from": later})

        assert policies("GB-SCT", law, rumour, day=later).number("min_age") == 18
        assert policies("GB-SCT", law, rumour, reform, day=later).number("min_age") == 16


def test_a_place_that_nobody_knows_has_the_careful_defaults() -> None:
    held = policies("Atlantis")

    assert held.number("min_age") == 18
    assert held.holding("verification_required").value is True


@pytest.mark.parametrize(("depth_um", "is_specified"), [(1490, 0), (1500, 1), (1510, 1)])
def test_case_08_a_millimetre_and_a_half_itself_is_specified_in_scotland(
    depth_um: int, is_specified: int
) -> None:
    work = Work("mechanical_microneedling", (("face_cheeks", depth_um),))

    assert bool(specified_because(policies(), work)) == is_specified
    assert specified_because(policies("GB-ENG"), work) == ""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"energy": "radiofrequency"}, "radiofrequency"),
        ({"prescribed_anaesthetic": True}, "prescription medicine"),
        ({"is_intimate": True}, "intimate area"),
        ({"injects_substance": True}, "injected"),
    ],
)
def test_case_08_other_facts_make_shallow_work_specified(more: dict[str, object], why: str) -> None:
    work = Work("mechanical_microneedling", (("face_cheeks", 500),), **more)

    assert why in specified_because(policies(), work)


def test_a_clinic_may_draw_the_line_of_depth_elsewhere() -> None:
    shallower = decision(1, policy="specified_depth_um", value={"value": 1000})
    work = Work("mechanical_microneedling", (("face_cheeks", 1000),))

    assert "1 mm" in specified_because(policies("GB-SCT", shallower), work)


@pytest.mark.parametrize(
    ("typed", "term", "named"),
    [
        ("Nurse  Prescriber", "nurse", True),
        ("therapist", "therapist", True),
        ("physiotherapist", "therapist", False),
        ("nursery teacher", "nurse", False),
        ("An independent\nclinic", "independent clinic", True),
        ("non-independent clinic", "independent clinic", False),
        ("independent clinics", "independent clinic", False),
        ("", "doctor", False),
    ],
)
def test_a_profession_and_a_kind_of_premises_are_whole_terms(
    typed: str, term: str, named: bool
) -> None:
    assert names_any(typed, ("doctor", term)) is named


@pytest.mark.parametrize("value", [([1],), ({},), ("doctor", 1), ("Doctor",), "doctor", None, 1])
def test_what_is_no_list_of_its_words_does_not_fit(value: object) -> None:
    assert not POLICIES["specified_by"].fits(value)


class TestPatientRules:
    def test_somebody_is_old_enough_on_their_birthday_and_not_the_day_before(self) -> None:
        born = date(2008, 11, 22)

        require_age(policies(), born, TODAY)
        with pytest.raises(PatientTooYoung, match="Clinic policy: patients are 18 or older"):
            require_age(policies(), born, date(2026, 11, 21))

    def test_germany_wants_the_talk_in_person(self) -> None:
        require_talk(policies("DE"), "in_person")
        with pytest.raises(TalkNotEnough, match=r"by phone is not enough here. Clinic policy"):
            require_talk(policies("DE"), "phone")
        require_talk(policies("GB-SCT"), "phone")

    def test_austria_waits_fourteen_days_and_not_thirteen(self) -> None:
        talked = date(2026, 11, 8)

        require_wait(policies("AT"), talked, TODAY)
        with pytest.raises(WaitNotOver, match=r"from 22 November 2026. Clinic policy: 14 days"):
            require_wait(policies("AT"), talked, date(2026, 11, 21))
        assert opens_on(policies("GB-SCT"), talked) == talked


@pytest.mark.parametrize(
    ("policy", "value", "than", "laxer"),
    [
        ("min_age", 16, 18, True),
        ("min_age", 21, 18, False),
        ("specified_depth_um", 2000, 1500, True),
        ("specified_depth_um", 0, 1500, True),
        ("specified_depth_um", 1000, 1500, False),
        ("specified_by", ("doctor",), ("doctor", "nurse"), False),
        ("specified_by", ("doctor", "therapist"), ("doctor", "nurse"), True),
        ("specified_by", (), ("doctor",), True),
        ("licence_required", False, True, True),
    ],
)
def test_which_value_asks_for_less(policy: str, value: object, than: object, laxer: bool) -> None:
    assert POLICIES[policy].is_laxer(value, than) is laxer
