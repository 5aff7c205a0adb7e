"""Erasure: decided per class, stopped by a hold, carried out on its day, and nothing is left."""

import uuid
from datetime import date, timedelta

import pytest
from flask import Flask

from app.audit.models import AuditEvent
from app.audit.rounds import run_round
from app.audit.services import event_bytes
from app.audit.verify import verify_chain
from app.audit.verify_anchors import installed_trust, verify_anchors
from app.config import Settings
from app.database import SYSTEM, TenantScope, tenant_scope
from app.kit.clock import now, shifted
from app.messaging.services import read_message
from app.patients.limit_models import LimitKind
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.patients.services.keep_contacts import add_contact
from app.patients.services.limit_use import is_restricted, lift_limit, place_limit
from app.policies.services.decide_policy import NewDecision, decide_policy
from app.rights import queries
from app.rights.models import RightsDecision
from app.rights.proposal import CLASSES
from app.rights.record_queries import list_messages_about
from app.rights.retention import RULES, rule_for
from app.rights.services.carry_out import carry_out
from app.rights.wording import decision_sentence, in_words
from app.tenants.queries import get_clinic
from app.tenants.services.save_settings import NewSettings, save_settings
from app.vault import sign_row
from app.vault.keys import ring
from tests.factories.plans import MadePlan, make_discussed_plan, make_patient
from tests.factories.tenants import MadeClinic, make_clinic
from tests.rights.dump import opened_files, tables_that_hold
from tests.rights.erasing import ask_erasure, run_what_is_due, send_everything
from tests.rights.story import Story, make_story, withdraw
from tests.support.pages import Desk

YEARS = timedelta(days=366 * 12)


def decisions(scope: TenantScope, patient_id: uuid.UUID) -> dict[str, RightsDecision]:
    return {one.retention: one for one in queries.list_decisions(scope, patient_id)}


def set_years(clinic: MadeClinic, **years: int) -> None:
    """Save the clinic's own years, in its settings."""
    with clinic.scope() as scope:
        own = get_clinic(scope)
        wanted = NewSettings(own.legal_name, own.address, "#1f5f5b", ("en",), dict(years))
        save_settings(scope, wanted, version=own.version)


def decide_years(clinic: MadeClinic, years: int) -> None:
    """Decide how long clinical records are kept in the clinic's place."""
    wanted = NewDecision(
        "GB-SCT", "retention_years", years, "clinic", False, "", "Test.", date(2020, 1, 1), 0
    )
    with clinic.scope() as scope:
        decide_policy(scope, wanted)


def proposal_page(context: Flask, made: MadePlan) -> str:
    """Ask for erasure on the page, and return what is proposed before anything is decided."""
    desk = Desk(context, made.clinic, made.clinic.owner)
    answer = desk.send(
        f"/patients/{made.patient_id}/rights/requests",
        kind="erasure",
        channel="in_person",
        identified_by="id_document",
    )
    return desk.read(answer.headers["Location"].removeprefix(desk.base).partition("?")[0])


class TestDeciding:
    def test_a_treated_patients_classes_are_decided_one_by_one(self, context: Flask) -> None:
        story = make_story()

        decided = ask_erasure(story.clinic, story.made.patient_id)

        assert {name: one.reason for name, one in decided.items()} == {
            "marketing": "objected",
            "contact": "consent_in_force",
            "clinical": "kept",
            "financial": "kept",
        }
        # Guidance asks for 8 years, and a new clinic's own settings for 10.
        assert (decided["clinical"].years, decided["clinical"].basis) == (10, "clinic")
        today = now().date()
        assert decided["clinical"].due_on == today.replace(year=today.year + 10) + timedelta(days=1)

    def test_what_must_be_kept_is_not_used_from_then_on(self, context: Flask) -> None:
        story = make_story()

        ask_erasure(story.clinic, story.made.patient_id)

        with story.clinic.scope() as scope:
            assert is_restricted(scope, story.made.patient_id)

    def test_somebody_who_was_never_treated_is_erased_at_once(self, context: Flask) -> None:
        clinic = make_clinic()
        patient_id, _ = make_patient(clinic, name="Null Nobody")
        ask_erasure(clinic, patient_id)
        send_everything(clinic)

        run_what_is_due(clinic)

        with clinic.scope() as scope:
            assert {one.state for one in queries.list_decisions(scope, patient_id)} == {"done"}
            assert get_patient(scope, patient_id).name == "Erased patient"
            assert not is_restricted(scope, patient_id)
            assert [one.state for one in queries.list_requests(scope, patient_id)] == ["done"]

    def test_an_answer_on_its_way_is_sent_before_the_address_is_erased(
        self, context: Flask
    ) -> None:
        clinic = make_clinic()
        patient_id, _ = make_patient(clinic)
        ask_erasure(clinic, patient_id)

        run_what_is_due(clinic)

        with clinic.scope() as scope:
            found = decisions(scope, patient_id)
            assert found["contact"].state == "waiting"
            assert found["marketing"].state == "done"


class TestTheClinicsOwnYears:
    def test_every_time_that_ships_is_called_the_clinics_policy(self) -> None:
        for retention, places in RULES.items():
            for place, raw in places.items():
                rule = rule_for(retention, place if place != "default" else "FR")
                assert (rule.years, rule.basis) == (raw["years"], "clinic"), place
                is_own = raw["basis"] == "clinic"
                assert rule.not_verified == ("" if is_own else f"{raw['basis']}: {raw['source']}")

    def test_the_longer_of_law_and_the_clinics_setting_counts_and_is_told(
        self, context: Flask
    ) -> None:
        made = make_discussed_plan()
        set_years(made.clinic, clinical=3, financial=0)
        page = proposal_page(context, made)
        assert "The clinic's policy (GB-SCT) asks for 8 years from" in page
        assert "(not verified; guidance: NHS Records Management Code" in page
        decided = ask_erasure(made.clinic, made.patient_id)["clinical"]
        # Guidance that ships and that nobody verified is the clinic's own policy, and told as such.
        assert (decided.years, decided.basis) == (8, "clinic")
        assert "The clinic's policy asks for 8 years from" in decision_sentence(decided, 35)

        decide_years(made.clinic, 25)
        with shifted(timedelta(days=366 * 9)):
            run_what_is_due(made.clinic)

        with made.clinic.scope() as scope:
            found = decisions(scope, made.patient_id)["clinical"]
            told = decision_sentence(found, 35)
        assert (found.state, found.reason, found.years, found.basis) == (
            *("waiting", "kept", 25, "clinic"),
        )
        assert f"kept and not used until {in_words(found.due_on)}" in told
        assert "The clinic's policy asks for 25 years from" in told


class TestCarryingOut:
    def test_who_comes_back_is_reached_again_and_forgotten_with_the_record(
        self, context: Flask
    ) -> None:
        made = make_discussed_plan()
        clinic, patient_id = made.clinic, made.patient_id
        ask_erasure(clinic, patient_id)
        send_everything(clinic)
        run_what_is_due(clinic)
        with clinic.scope() as scope:
            patient = get_patient(scope, patient_id)
            assert contact(scope, patient, "email") is None
            add_contact(
                scope,
                patient_id=patient_id,
                version=patient.version,
                kind="email",
                typed="back@patients.example",
            )
        with clinic.scope() as scope:
            letters = [read_message(scope, one) for one in list_messages_about(scope, [patient_id])]
            assert letters
            assert all(one.is_erased for one in letters)
            patient = get_patient(scope, patient_id)
            assert contact(scope, patient, "email") == "back@patients.example"

        with shifted(YEARS):
            run_what_is_due(clinic)

        with clinic.scope() as scope:
            assert get_patient(scope, patient_id).erased_at is not None
            assert contact(scope, get_patient(scope, patient_id), "email") is None
        assert ring().is_shredded(clinic.tenant_id, patient_id, "contact")

    def test_case_42_a_legal_hold_stops_an_erasure_until_it_is_lifted(self, context: Flask) -> None:
        clinic = make_clinic()
        patient_id, _ = make_patient(clinic)
        with clinic.scope() as scope:
            hold = place_limit(
                scope, patient_id=patient_id, kind=LimitKind.LEGAL_HOLD, reason="claim"
            )
        ask_erasure(clinic, patient_id)
        send_everything(clinic)
        run_what_is_due(clinic)

        with clinic.scope() as scope:
            assert {one.state for one in queries.list_decisions(scope, patient_id)} == {"held"}
            assert get_patient(scope, patient_id).name == "Aoife Nguyễn"
            lift_limit(scope, limit_id=hold.id)
        run_what_is_due(clinic)

        with clinic.scope() as scope:
            assert {one.state for one in queries.list_decisions(scope, patient_id)} == {"done"}

    def test_a_hold_that_comes_after_the_decision_stops_it_too(self, context: Flask) -> None:
        clinic = make_clinic()
        patient_id, _ = make_patient(clinic)
        ask_erasure(clinic, patient_id)
        send_everything(clinic)
        with clinic.scope() as scope:
            place_limit(
                scope, patient_id=patient_id, kind=LimitKind.LEGAL_HOLD, reason="court_order"
            )

        run_what_is_due(clinic)

        with clinic.scope() as scope:
            assert get_patient(scope, patient_id).erased_at is None

    def test_a_hold_ends_with_its_last_day(self, context: Flask) -> None:
        clinic = make_clinic()
        patient_id, _ = make_patient(clinic)
        with clinic.scope() as scope:
            place_limit(
                scope,
                patient_id=patient_id,
                kind=LimitKind.LEGAL_HOLD,
                reason="insurer",
                until_on=now().date() + timedelta(days=3),
            )
        ask_erasure(clinic, patient_id)
        send_everything(clinic)
        with shifted(timedelta(days=2)):
            run_what_is_due(clinic)
        with clinic.scope() as scope:
            assert get_patient(scope, patient_id).erased_at is None

        with shifted(timedelta(days=5)):
            run_what_is_due(clinic)

        with clinic.scope() as scope:
            assert get_patient(scope, patient_id).erased_at is not None

    def test_a_record_is_kept_to_its_last_day_and_no_longer(self, context: Flask) -> None:
        story = make_story()
        withdraw(story)
        due = ask_erasure(story.clinic, story.made.patient_id)["clinical"].due_on
        assert due is not None
        wait = due - now().date()
        with shifted(wait - timedelta(days=1)):
            run_what_is_due(story.clinic)
        with story.clinic.scope() as scope:
            assert decisions(scope, story.made.patient_id)["clinical"].state == "waiting"

        with shifted(wait):
            run_what_is_due(story.clinic)

        with story.clinic.scope() as scope:
            assert decisions(scope, story.made.patient_id)["clinical"].state == "done"

    def test_carrying_out_twice_is_carrying_out_once(self, context: Flask) -> None:
        clinic = make_clinic()
        patient_id, _ = make_patient(clinic)
        decided = ask_erasure(clinic, patient_id)
        for _ in range(2):
            with tenant_scope(clinic.tenant_id, SYSTEM) as scope:
                carry_out(scope, decision_id=decided["clinical"].id)

        with clinic.scope() as scope:
            assert decisions(scope, patient_id)["clinical"].state == "done"


@pytest.fixture(scope="module")
def erased(app: Flask) -> Story:
    """A patient with a story in every room, erased when every time was over."""
    with app.app_context():
        story = make_story()
        run_round([story.clinic.tenant_id], everything=True)
        withdraw(story)
        ask_erasure(story.clinic, story.made.patient_id)
        send_everything(story.clinic)
        with shifted(YEARS):
            run_what_is_due(story.clinic)
            run_round([story.clinic.tenant_id], everything=True)
        return story


class TestWhatIsLeft:
    def test_every_class_was_erased(self, context: Flask, erased: Story) -> None:
        with erased.clinic.scope() as scope:
            found = decisions(scope, erased.made.patient_id)

        assert {name: one.state for name, one in found.items()} == dict.fromkeys(CLASSES, "done")

    def test_no_table_holds_a_word_of_theirs(
        self, context: Flask, erased: Story, admin_url: str, settings: Settings
    ) -> None:
        assert tables_that_hold(admin_url, settings, erased.markers) == []

    def test_the_search_would_have_found_one(
        self, context: Flask, admin_url: str, settings: Settings
    ) -> None:
        story = make_story()

        assert tables_that_hold(admin_url, settings, story.markers) != []

    def test_no_file_of_theirs_is_left_to_open(
        self, app: Flask, context: Flask, erased: Story, settings: Settings
    ) -> None:
        assert list(opened_files(app, settings, erased.clinic.tenant_id)) == []

    def test_files_of_others_still_open(
        self, app: Flask, context: Flask, settings: Settings
    ) -> None:
        story = make_story()

        assert len(list(opened_files(app, settings, story.clinic.tenant_id))) >= 3

    def test_the_audit_chain_still_verifies_against_the_anchors_from_before_and_after(
        self, context: Flask, erased: Story
    ) -> None:
        anchored = verify_anchors(installed_trust((), ())).heads[erased.clinic.tenant_id]
        with erased.clinic.scope() as scope:
            report = verify_chain(scope, anchored)

        assert report.findings == []
        assert len(anchored) == 2
        assert (report.sealed, report.unsealed) == (report.anchored_seq, 0)
        assert min(anchored) < report.anchored_seq

    def test_every_audit_event_still_carries_its_tag(self, context: Flask, erased: Story) -> None:
        with erased.clinic.scope() as scope:
            events = scope.session.query(AuditEvent).all()

        assert len(events) > 20
        assert all(one.mac == sign_row(one.tenant_id, event_bytes(one)) for one in events)
