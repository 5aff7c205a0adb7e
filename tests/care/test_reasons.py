"""Why a treatment may not start: every reason, its sentence, and what to do next."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.care.answer import MayStart, Topic
from app.care.errors import StartRefused
from app.care.intended import Intended
from app.care.services.may_start import judge_start
from app.kit.clock import frozen, now, today_in
from app.plans.models import VisitState
from app.plans.services.plan_visit import move_visit
from app.tenants.models import CartridgeLot, Device, Role
from app.tenants.queries import get_location
from app.tenants.services import manage_clinic
from app.tenants.services.manage_location import NewLocation, add_location
from tests.factories.care import ReadyVisit, make_bare_visit, make_ready_visit
from tests.factories.tenants import add_staff, make_device, qualify


@pytest.fixture(scope="module")
def ready(app: Flask) -> ReadyVisit:
    """One visit at which nothing stands in the way; these tests only ask."""
    with app.app_context():
        return make_ready_visit()


@pytest.fixture
def bare(context: Flask) -> ReadyVisit:
    """A visit without consent and without answers."""
    return make_bare_visit()


def codes(answer: MayStart) -> list[str]:
    return [one.code for one in answer.reasons]


def only(answer: MayStart, code: str) -> str:
    """Return the sentence of the one reason with a code."""
    assert not answer.allowed
    assert answer.areas == {}
    (found,) = [one for one in answer.reasons if one.code == code]
    assert found.next_step.endswith(".")
    return found.text


class TestAllAtOnce:
    def test_every_reason_is_listed_the_strongest_first(self, bare: ReadyVisit) -> None:
        answer = bare.may(lot="NOT-OURS")

        assert codes(answer) == ["no_consent", "health_not_asked", "lot_unknown"]

    def test_topics_never_come_in_another_order(self, bare: ReadyVisit) -> None:
        desk = add_staff(bare.made.clinic, Role.FRONT_DESK)
        device_id, _ = make_device(bare.made.clinic)

        answer = bare.may(practitioner_id=desk.id, device_id=device_id, lot="")

        order = [list(Topic).index(one.topic) for one in answer.reasons]
        assert order == sorted(order)
        assert len(order) >= 4

    def test_a_yes_says_where_how_deep_and_until_when(
        self, ready: ReadyVisit, context: Flask
    ) -> None:
        answer = ready.may()

        assert answer.allowed
        assert answer.areas == {"face_cheeks": 1000}
        assert answer.until is not None
        assert answer.until > now() + timedelta(days=300)


class TestVisit:
    @pytest.mark.parametrize(
        ("to", "sentence"),
        [
            (VisitState.CANCELLED, "This visit was cancelled."),
            (VisitState.MISSED, "The patient did not come to this visit."),
        ],
    )
    def test_a_visit_that_is_off_is_not_started(
        self, bare: ReadyVisit, to: VisitState, sentence: str
    ) -> None:
        with bare.made.clinic.scope() as scope:
            move_visit(scope, visit_id=bare.visit_id, to=to)

        answer = bare.may()

        assert only(answer, f"visit_{to.value}") == sentence
        assert answer.reasons[0].topic is Topic.VISIT


class TestConsent:
    def test_without_a_consent_the_desk_is_told_to_ask_for_one(self, bare: ReadyVisit) -> None:
        assert only(bare.may(), "no_consent") == "No consent has been asked for yet."

    def test_case_24_a_consent_that_has_run_out_is_none(
        self, ready: ReadyVisit, context: Flask
    ) -> None:
        answer = judged(ready, now() + timedelta(days=400))

        assert only(answer, "no_consent") == "The consent has run out. Ask for a new one."


class TestAreas:
    def test_an_area_that_was_not_agreed_is_named(self, ready: ReadyVisit, context: Flask) -> None:
        answer = ready.may(areas={"face_cheeks": 500, "face_forehead": 500})

        assert only(answer, "area_not_covered") == (
            "Forehead: the patient has not agreed to this area."
        )

    @pytest.mark.parametrize(("depth_um", "refused"), [(999, []), (1000, []), (1001, ["too_deep"])])
    def test_the_agreed_depth_is_the_deepest(
        self, ready: ReadyVisit, context: Flask, depth_um: int, refused: list[str]
    ) -> None:
        assert codes(ready.may(areas={"face_cheeks": depth_um})) == refused

    def test_too_deep_says_both_depths(self, ready: ReadyVisit, context: Flask) -> None:
        answer = ready.may(areas={"face_cheeks": 1500})

        assert only(answer, "too_deep") == "Cheeks: agreed to 1 mm and no deeper, not 1.5 mm."

    def test_no_area_at_all_is_no_treatment(self, ready: ReadyVisit, context: Flask) -> None:
        assert "No area" in only(ready.may(areas={}), "no_area")


class TestPractitioner:
    @pytest.mark.parametrize(("depth_um", "may"), [(1490, True), (1500, True), (1510, False)])
    def test_a_qualification_reaches_to_its_depth_and_no_deeper(
        self, context: Flask, depth_um: int, may: bool
    ) -> None:
        bare = make_bare_visit(max_depth_um=1500)

        answer = bare.may(areas={"face_cheeks": depth_um})

        assert ("practitioner_may_not" not in codes(answer)) is may

    def test_a_registration_that_ended_yesterday_is_over(self, bare: ReadyVisit) -> None:
        today = today_in("Europe/London")
        lapsed = lapsing(bare, today - timedelta(days=1))

        sentence = only(bare.may(practitioner_id=lapsed), "practitioner_may_not")

        assert "the registration with NMC ended on" in sentence

    def test_a_registration_that_ends_today_still_holds(self, bare: ReadyVisit) -> None:
        last_day = lapsing(bare, today_in("Europe/London"))

        assert "practitioner_may_not" not in codes(bare.may(practitioner_id=last_day))

    def test_the_day_is_the_locations_own(self, bare: ReadyVisit) -> None:
        # 23:30 in London on 30 June is 22:30 UTC; 00:30 on 1 July is 23:30 UTC on 30 June.
        last_day = lapsing(bare, date(2026, 6, 30))
        before = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
        with frozen(before):
            assert "practitioner_may_not" not in codes(bare.may(practitioner_id=last_day))
        with frozen(before + timedelta(hours=1)):
            assert "practitioner_may_not" in codes(bare.may(practitioner_id=last_day))

    def test_an_area_outside_the_qualification_is_named(self, bare: ReadyVisit) -> None:
        other = add_staff(bare.made.clinic, Role.PRACTITIONER, name="Ngozi Eze")
        qualify(bare.made.clinic, other, areas=("scalp",))

        sentence = only(bare.may(practitioner_id=other.id), "practitioner_may_not")

        assert sentence == "Ngozi Eze: the area face cheeks is not covered here."

    def test_nobody_without_a_qualification_treats(self, bare: ReadyVisit) -> None:
        new = add_staff(bare.made.clinic, Role.PRACTITIONER)

        assert "No qualification" in only(bare.may(practitioner_id=new.id), "practitioner_may_not")

    def test_nobody_treats_in_a_role_that_does_not(self, bare: ReadyVisit) -> None:
        desk = add_staff(bare.made.clinic, Role.FRONT_DESK)

        assert "does not treat" in only(bare.may(practitioner_id=desk.id), "practitioner_may_not")


def unregister(bare: ReadyVisit) -> None:
    """Take the registration of the premises away, as if it had never been entered."""
    with bare.made.clinic.scope() as scope:
        get_location(scope, bare.made.clinic.location_id).premises_registration = None


class TestPremises:
    @pytest.mark.parametrize(("depth_um", "may"), [(1490, True), (1500, False), (1510, False)])
    def test_scotland_asks_for_permitted_premises_from_a_millimetre_and_a_half(
        self, context: Flask, depth_um: int, may: bool
    ) -> None:
        bare = make_bare_visit(areas={"face_cheeks": depth_um})
        unregister(bare)

        assert ("premises_not_permitted" not in codes(bare.may())) is may

    def test_the_sentence_says_which_fact_makes_it_stricter(self, context: Flask) -> None:
        bare = make_bare_visit(areas={"face_cheeks": 1500})
        unregister(bare)

        assert only(bare.may(), "premises_not_permitted") == (
            "Harbour is not entered as premises where this may be done: the needles go 1.5 mm"
            " deep or deeper. Clinic policy: a specified procedure is done in a registered"
            " independent clinic, independent hospital, GP practice, medical practice, dental"
            " practice or pharmacy."
        )


class TestDeviceAndLot:
    def test_a_retired_device_is_not_used(self, bare: ReadyVisit) -> None:
        with bare.made.clinic.scope() as scope:
            device = scope.session.get(Device, (scope.tenant_id, bare.made.device_id))
            assert device is not None
            device.retired_at = now()

        assert "no longer in use" in only(bare.may(), "device_retired")

    def test_a_device_of_another_location_is_not_used(self, bare: ReadyVisit) -> None:
        assert "another location" in only(
            bare.may(device_id=device_elsewhere(bare)), "device_elsewhere"
        )

    def test_a_roller_is_not_the_pen_that_was_agreed(self, bare: ReadyVisit) -> None:
        with bare.made.clinic.scope() as scope:
            roller = manage_clinic.add_device(
                scope,
                location_id=bare.made.clinic.location_id,
                kind="dermaroller",
                model="Roll",
                serial="R1",
                label=[],
            )

        sentence = only(bare.may(device_id=roller.id), "device_of_other_kind")

        assert sentence == "The patient agreed to a pen; Roll (R1) is a dermaroller."

    def test_a_lot_may_be_used_on_its_last_day_and_not_after(self, bare: ReadyVisit) -> None:
        today = today_in("Europe/London")
        add_lot(bare, "LAST-DAY", today)
        add_lot(bare, "YESTERDAY", today - timedelta(days=1))

        assert "lot_expired" not in codes(bare.may(lot="LAST-DAY"))
        assert "could be used until" in only(bare.may(lot="YESTERDAY"), "lot_expired")

    def test_a_recalled_lot_is_named(self, bare: ReadyVisit) -> None:
        with bare.made.clinic.scope() as scope:
            lot = scope.session.get(CartridgeLot, (scope.tenant_id, bare.made.lot_id))
            assert lot is not None
            lot.recalled_at = now()

        assert "was recalled on" in only(bare.may(), "lot_recalled")

    @pytest.mark.parametrize(("lot", "code"), [("", "lot_missing"), ("OTHER", "lot_unknown")])
    def test_a_lot_has_to_be_known(self, bare: ReadyVisit, lot: str, code: str) -> None:
        assert only(bare.may(lot=lot), code)


def test_a_start_is_refused_with_the_same_reasons_and_the_way_to_an_incident(
    bare: ReadyVisit,
) -> None:
    with pytest.raises(StartRefused) as refused:
        bare.start()

    reasons = refused.value.extra["reasons"]
    assert [one["code"] for one in reasons] == ["no_consent", "health_not_asked"]
    assert str(refused.value.extra["incident_route"]).endswith("/incidents")
    with bare.made.clinic.scope() as scope:
        count = text("SELECT count(*) FROM treatment WHERE tenant_id = :t")
        assert scope.session.execute(count, {"t": scope.tenant_id}).scalar() == 0


def judged(ready: ReadyVisit, at: datetime) -> MayStart:
    with ready.made.clinic.scope() as scope:
        return judge_start(scope, Intended(**ready.means()), at=at)[0]


def lapsing(bare: ReadyVisit, expires_on: date) -> uuid.UUID:
    who = add_staff(bare.made.clinic, Role.PRACTITIONER)
    qualify(bare.made.clinic, who, expires_on=expires_on)
    return who.id


def add_lot(bare: ReadyVisit, name: str, expires_on: date) -> None:
    with bare.made.clinic.scope() as scope:
        manage_clinic.add_lot(scope, device_id=bare.made.device_id, lot=name, expires_on=expires_on)


def device_elsewhere(bare: ReadyVisit) -> uuid.UUID:
    with bare.made.clinic.scope() as scope:
        location = add_location(
            scope,
            NewLocation(
                name="Leith",
                address="2 Shore",
                zone="Europe/London",
                currency="GBP",
                jurisdiction="GB-SCT",
                market="UK",
                premises_kind="independent clinic",
                emergency_contact="0131 496 0001",
            ),
        )
        device = manage_clinic.add_device(
            scope, location_id=location.id, kind="pen", model="Pen", serial="P9", label=[]
        )
    return device.id
