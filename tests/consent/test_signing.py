"""Signing and confirming: once, whole, resumable, and refused for every reason there is."""

import threading
import uuid
from datetime import timedelta
from hashlib import sha256

import pytest
from flask import Flask

from app.consent import queries
from app.consent.documents.drafts import EVIDENCE_FILE
from app.consent.documents.parts import PATIENT_FILE
from app.consent.errors import (
    ConsentMoved,
    NotEligible,
    NotReady,
    PlanChanged,
    ShownChanged,
    SignatureRefused,
)
from app.consent.services.attest_consent import attest_consent
from app.consent.services.request_consent import request_consent
from app.consent.services.sign_consent import sign_consent
from app.consent.services.withdraw_consent import withdraw_consent
from app.documents.container import detach_files
from app.documents.errors import InkTooLarge
from app.documents.files import read_document
from app.documents.queries import find_document_of
from app.documents.setup import own_trust
from app.documents.stamping import HttpStampAuthority
from app.documents.verify import verify_file
from app.kit.clock import now, today_in
from app.plans.queries import get_plan
from app.plans.services.make_plan import change_plan
from app.storage.errors import StoreUnavailable
from app.tenants.models import Role
from tests.factories.consent import (
    MadeConsent,
    answer,
    drawn_ink,
    make_active_consent,
    make_read_consent,
    make_signed_consent,
    sign,
    signing_act,
)
from tests.factories.plans import MadePlan, make_discussed_plan, terms
from tests.factories.tenants import add_staff, qualify
from tests.fakes.store import FullStore


@pytest.fixture
def read(context: Flask) -> MadeConsent:
    """A consent on the page with the signature."""
    return make_read_consent(make_discussed_plan())


def change_the_plan(made: MadePlan) -> None:
    with made.clinic.scope(made.practitioner) as scope:
        version = get_plan(scope, made.plan_id).version
        wanted = terms(made.device_id, made.practitioner.id, {"face_cheeks": 1500})
        change_plan(scope, plan_id=made.plan_id, terms=wanted, version=version)


def attest(asked: MadeConsent) -> uuid.UUID:
    with asked.made.clinic.scope(asked.made.practitioner) as scope:
        return attest_consent(scope, consent_id=asked.id, stepped_up_at=now()).document_id


class TestSignConsent:
    def test_case_22_many_submits_at_once_make_one_signature(
        self, read: MadeConsent, context: Flask
    ) -> None:
        found: list[uuid.UUID] = []
        with read.made.clinic.scope() as scope:
            act = signing_act(scope, read.id)

        def submit() -> None:
            with context.app_context(), read.made.clinic.scope() as scope:
                found.append(sign_consent(scope, consent_id=read.id, act=act).id)

        threads = [threading.Thread(target=submit) for _ in range(50)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert len(found) == 50
        assert len(set(found)) == 1

    def test_what_was_drawn_is_kept_as_it_was_drawn(self, read: MadeConsent) -> None:
        signature = sign(read, ink=drawn_ink(9_000))

        with read.made.clinic.scope() as scope:
            document = find_document_of(scope, read.id, "patient_consent")
            assert document is not None
            assert document.id == signature.document_id
        assert signature.ink_cipher is not None
        assert b"strokes" not in signature.ink_cipher

    def test_case_39_a_store_that_is_down_signs_nothing_and_the_same_act_resumes(
        self, read: MadeConsent, context: Flask
    ) -> None:
        working = context.extensions["needlepoint_store"]
        context.extensions["needlepoint_store"] = FullStore()
        try:
            with pytest.raises(StoreUnavailable):
                sign(read)
        finally:
            context.extensions["needlepoint_store"] = working
        with read.made.clinic.scope() as scope:
            assert queries.find_signature(scope, read.id) is None
            assert read.read(scope).state == "cleared"

        assert sign(read).receipt_code

    def test_case_39_an_authority_that_is_down_leaves_it_signed_and_not_stamped(
        self, read: MadeConsent, context: Flask
    ) -> None:
        before = context.extensions["needlepoint_stamps"]
        roots = own_trust(context.config["SETTINGS"]).roots
        nobody = HttpStampAuthority("http://127.0.0.1:9/", roots)
        context.extensions["needlepoint_stamps"] = nobody
        try:
            signature = sign(read)
        finally:
            context.extensions["needlepoint_stamps"] = before

        with read.made.clinic.scope() as scope:
            document = find_document_of(scope, read.id, "patient_consent")
            assert document is not None
            assert document.id == signature.document_id
            assert document.stamp_state == "not_time_stamped"
            assert document.stamp_reason

    def test_case_23_a_changed_plan_takes_no_signature(self, read: MadeConsent) -> None:
        change_the_plan(read.made)

        with pytest.raises(PlanChanged):
            sign(read)

    def test_case_23_an_old_hash_takes_no_signature(self, read: MadeConsent) -> None:
        with pytest.raises(ShownChanged):
            sign(read, shown_sha256="ab" * 32)

    def test_case_23_answers_that_change_the_risks_have_to_be_read_about(
        self, read: MadeConsent
    ) -> None:
        with read.made.clinic.scope() as scope:
            old = signing_act(scope, read.id)
        assert answer(read, otc_bleed="yes").is_stored

        with pytest.raises(ShownChanged), read.made.clinic.scope() as scope:
            sign_consent(scope, consent_id=read.id, act=old)
        with pytest.raises(NotReady):
            sign(read)

    def test_case_24_a_hold_takes_no_signature(self, read: MadeConsent) -> None:
        assert answer(read, pregnancy="yes").is_stored

        with pytest.raises(NotReady):
            sign(read)

    def test_case_24_an_expired_request_takes_no_signature(self, read: MadeConsent) -> None:
        with read.made.clinic.scope() as scope:
            read.read(scope).link_expires_at = now() - timedelta(seconds=1)

        with pytest.raises(ConsentMoved):
            sign(read)

    def test_a_request_that_was_called_back_takes_no_signature(self, read: MadeConsent) -> None:
        with read.made.clinic.scope(read.made.practitioner) as scope:
            request_consent(scope, plan_id=read.made.plan_id)

        with pytest.raises(ConsentMoved):
            sign(read)

    def test_a_missing_tick_is_named(self, read: MadeConsent) -> None:
        with pytest.raises(SignatureRefused) as refused:
            sign(read, acknowledged=("sg-2",))

        assert refused.value.extra["fields"] == {"sg-1": "Please tick this to go on."}

    def test_case_36_too_much_ink_is_refused_before_it_is_parsed(self, read: MadeConsent) -> None:
        with pytest.raises(InkTooLarge):
            sign(read, ink="[" * 700_000)


class TestAttestConsent:
    def test_the_executed_consent_carries_the_patients_file_bit_for_bit(
        self, context: Flask
    ) -> None:
        active = make_active_consent(make_discussed_plan())
        with active.made.clinic.scope() as scope:
            signed = read_document(scope, active.patient_document_id)
            executed = read_document(scope, active.executed_document_id)

        inside = {one.name: one.data for one in detach_files(executed)}
        trust = own_trust(context.config["SETTINGS"])

        assert sorted(inside) == sorted([PATIENT_FILE, EVIDENCE_FILE])
        assert inside[PATIENT_FILE] == signed
        assert verify_file(executed, trust).holds
        assert verify_file(inside[PATIENT_FILE], trust).holds
        assert sha256(signed).hexdigest().encode() in inside[EVIDENCE_FILE]

    def test_the_evidence_holds_no_answer_and_nothing_that_tells_of_one(
        self, context: Flask
    ) -> None:
        read = make_read_consent(make_discussed_plan(), otc_bleed="yes")
        signature = sign(read)
        with read.made.clinic.scope() as scope:
            data = read_document(scope, signature.document_id)

        evidence = detach_files(data)[0].data.decode()

        for word in ("otc_bleed", "pregnan", "bruise", "ibuprofen", '"yes"', '"no"', "1990"):
            assert word not in evidence
        assert "answers_sha256_salted" in evidence

    def test_case_24_nobody_confirms_before_the_patient_signed(self, read: MadeConsent) -> None:
        with pytest.raises(ConsentMoved):
            attest(read)

    def test_case_07_who_lacks_the_scope_or_whose_registration_ended_is_refused(
        self, context: Flask
    ) -> None:
        asked = make_signed_consent(make_discussed_plan())
        clinic = asked.made.clinic
        other = add_staff(clinic, Role.PRACTITIONER, name="Zofia Wiśniewska")
        qualify(clinic, other, max_depth_um=999)

        with pytest.raises(NotEligible) as refused, clinic.scope(other) as scope:
            attest_consent(scope, consent_id=asked.id, stepped_up_at=now())

        assert "1 mm is deeper than the 0.999 mm" in refused.value.message
        late = add_staff(clinic, Role.PRACTITIONER, name="Ferelith Okonkwo")
        qualify(clinic, late, expires_on=today_in("Europe/London") - timedelta(days=1))
        with pytest.raises(NotEligible), clinic.scope(late) as scope:
            attest_consent(scope, consent_id=asked.id, stepped_up_at=now())

    def test_confirming_twice_is_confirming_once(self, context: Flask) -> None:
        asked = make_signed_consent(make_discussed_plan())

        assert attest(asked) == attest(asked)

    def test_a_changed_plan_is_not_confirmed(self, context: Flask) -> None:
        asked = make_signed_consent(make_discussed_plan())
        change_the_plan(asked.made)

        with pytest.raises(PlanChanged):
            attest(asked)

    def test_a_newer_consent_ends_the_older_one(self, context: Flask) -> None:
        first = make_active_consent(make_discussed_plan())
        second = make_active_consent(first.made)

        with first.made.clinic.scope() as scope:
            assert queries.get_consent(scope, first.consent_id).state == "superseded"
            assert queries.get_consent(scope, second.consent_id).state == "active"
            old = queries.list_grants(scope, first.consent_id)
            assert all(one.valid.upper <= now() for one in old)

    def test_case_29_withdrawing_while_it_is_confirmed_leaves_one_outcome(
        self, context: Flask
    ) -> None:
        asked = make_signed_consent(make_discussed_plan())
        outcomes: list[str] = []

        def confirm() -> None:
            with context.app_context():
                try:
                    attest(asked)
                except ConsentMoved:
                    outcomes.append("refused")

        thread = threading.Thread(target=confirm)
        thread.start()
        with asked.made.clinic.scope() as scope:
            withdraw_consent(scope, consent_id=asked.id)
        thread.join()

        with asked.made.clinic.scope() as scope:
            assert asked.read(scope).state == "withdrawn"
            assert all(one.valid.upper <= now() for one in queries.list_grants(scope, asked.id))
