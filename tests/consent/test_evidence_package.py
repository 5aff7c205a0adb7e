"""The sealed evidence of documents that were really signed, field by field, and its chain."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.consent import queries
from app.consent.documents.evidence_parts import event_hash
from app.documents.container import detach_files
from app.documents.files import read_document, sealers
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from app.kit.clock import shifted
from app.tenants.queries import get_location
from tests.consent.test_paper import Desk
from tests.factories.consent import (
    ActiveConsent,
    make_active_consent,
    make_asked_consent,
    make_read_consent,
    make_signed_consent,
    sign,
)
from tests.factories.plans import make_discussed_plan
from tests.factories.policies import decide
from tests.factories.tenants import MadeClinic
from tests.support.api import Api
from tests.support.step_up import proven

# Every field that is known before the seal, each as a path; "[]" is each entry of a list.
FIELDS = """
schema consent_id receipt_code purpose plan_version_id tenant.id tenant.settings_id
tenant.legal_name tenant.location tenant.address tenant.timezone tenant.registration_no
tenant.jurisdiction document.form document.version document.locale document.source_sha256
document.clause_ids document.shown_sha256 document.renderer_name_version procedure.indication
procedure.areas procedure.device_class procedure.energy procedure.sessions
procedure.areas[].max_depth_um procedure.anaesthetic_legal_class
clinical_snapshot.answers_sha256_salted clinical_snapshot.ruleset_version
clinical_snapshot.outcome e_consent.disclosure_version e_consent.text_sha256 e_consent.accepted_at
parties[].role parties[].name_on_record parties[].locale parties[].meaning_sentence_shown
parties[].identity_checks[].method parties[].identity_checks[].result
parties[].identity_checks[].at parties[].signature.kind parties[].signature.at_utc
parties[].signature.tz comprehension.pages_seen comprehension.teachback_score
comprehension.question_count discussion.held_at discussion.held_by discussion.mode
reflection.info_given_at reflection.satisfied_at events[].seq events[].at events[].type
events[].actor events[].hash verify.offline_instructions verify.seal_certificate_sha256
"""
OF_THE_PATIENT = ("name_typed", "contact_masked")
OF_THE_ACT = ("image_sha256", "ip", "user_agent")


def evidence_of(clinic: MadeClinic, document_id: uuid.UUID) -> dict[str, Any]:
    """Return the evidence that is attached to a sealed document."""
    with clinic.scope() as scope:
        files = detach_files(read_document(scope, document_id))
    found: dict[str, Any] = json.loads(next(one.data for one in files if "json" in one.name))
    return found


def found_at(tree: Any, path: str) -> list[Any]:
    """Return every value at a path."""
    values = [tree]
    for part in path.split("."):
        values = [one[part.removesuffix("[]")] for one in values]
        if part.endswith("[]"):
            assert all(values), f"{path}: an empty list"
            values = [each for one in values for each in one]
    return values


def moments(events: list[dict[str, Any]]) -> dict[str, datetime]:
    return {one["type"]: datetime.fromisoformat(one["at"]) for one in events}


@pytest.fixture
def active(context: Flask) -> ActiveConsent:
    return make_active_consent(make_discussed_plan())


class TestFields:
    def test_every_field_that_is_known_is_there_and_filled_in(self, active: ActiveConsent) -> None:
        with active.made.clinic.scope() as scope:
            place = get_location(scope, active.made.clinic.location_id)
            place.premises_registration = "HIS-00042"
        again = make_active_consent(active.made)

        for document_id in (again.patient_document_id, again.executed_document_id):
            told = evidence_of(active.made.clinic, document_id)
            for path in FIELDS.split():
                values = found_at(told, path)
                assert values, path
                assert all(one not in ("", None, []) for one in values), f"{path}: {values}"
            patient = told["parties"][0]
            assert all(patient[name] for name in OF_THE_PATIENT)
            assert all(patient["signature"][name] for name in OF_THE_ACT)
        assert told["procedure"]["areas"] == [{"area": "face_cheeks", "max_depth_um": 1000}]
        assert told["procedure"]["off_label_reasons"] == [], "an empty list where there is none"
        assert told["in_force"]["areas"] == [["Cheeks", "1 mm"]]

    def test_the_certificate_named_is_the_one_that_sealed(
        self, context: Flask, active: ActiveConsent
    ) -> None:
        clinic = active.made.clinic
        told = evidence_of(clinic, active.executed_document_id)
        sealer = sealers().sealer_for(clinic.tenant_id, told["tenant"]["legal_name"])

        assert told["verify"]["seal_certificate_sha256"] == sealer.certificate_sha256.hex()

    def test_the_days_to_think_it_over_and_when_they_were_over(self, context: Flask) -> None:
        made = make_discussed_plan()
        decide(made.clinic, "wait_days", 2)
        with shifted(timedelta(days=3)):
            signature = sign(make_read_consent(made))

        waited = evidence_of(made.clinic, signature.document_id)["reflection"]
        given, satisfied = (
            datetime.fromisoformat(waited[name]) for name in ("info_given_at", "satisfied_at")
        )
        assert waited["required_hours"] == 48
        assert waited["waived_by"] is None
        assert given < satisfied <= signature.signed_at
        assert timedelta(days=1) < satisfied - given <= timedelta(days=2)

    def test_who_saw_an_id_is_not_named_for_a_code(self, context: Flask) -> None:
        read = make_read_consent(make_discussed_plan())
        with read.made.clinic.scope() as scope:
            read.read(scope).identity_method = "email_code_and_birth_date"
        signature = sign(read)

        told = evidence_of(read.made.clinic, signature.document_id)
        assert told["parties"][0]["identity_checks"][0]["by"] == ""
        actor = {one["type"]: one["actor"] for one in told["events"]}
        assert actor["identified"] == "patient"


def test_a_confirmation_says_from_where_it_came(context: Flask) -> None:
    asked = make_signed_consent(make_discussed_plan())
    made = asked.made
    api = proven(Api(context, made.clinic, made.practitioner))
    api.post(f"/consents/{asked.id}/attest")

    with made.clinic.scope() as scope:
        [attestation] = queries.list_attestations(scope, asked.id)
    told = evidence_of(made.clinic, attestation.document_id)
    signature = told["parties"][-1]["signature"]

    assert signature["ip"] == api.client.environ_base["REMOTE_ADDR"]
    assert signature["user_agent"].startswith("Werkzeug")


class TestEvents:
    def test_the_chain_recomputes_and_nothing_can_be_left_out(self, active: ActiveConsent) -> None:
        events = evidence_of(active.made.clinic, active.executed_document_id)["events"]

        before = ""
        for seq, one in enumerate(events, start=1):
            assert (one["seq"], one["prev_hash"]) == (seq, before)
            assert one["hash"] == event_hash(one)
            before = one["hash"]
        assert event_hash({**events[3], "at": events[4]["at"]}) != events[3]["hash"]

    def test_everybody_signs_after_the_form_was_sent_and_the_practitioner_last(
        self, active: ActiveConsent
    ) -> None:
        told = evidence_of(active.made.clinic, active.executed_document_id)
        at = moments(told["events"])
        signed = [datetime.fromisoformat(one["signature"]["at_utc"]) for one in told["parties"]]

        assert at["discussed"] < at["sent"] < at["patient_signed"] < at["practitioner_attested"]
        assert [at["patient_signed"], at["practitioner_attested"]] == signed
        assert told["events"][-1]["type"] == "practitioner_attested"
        assert all(one["at"] for one in told["events"])

    def test_the_executed_consent_goes_on_with_the_chain_of_the_patient(
        self, active: ActiveConsent
    ) -> None:
        clinic = active.made.clinic
        first = evidence_of(clinic, active.patient_document_id)["events"]
        whole = evidence_of(clinic, active.executed_document_id)["events"]

        assert whole[:-1] == first
        assert whole[-1]["prev_hash"] == first[-1]["hash"]

    def test_a_form_on_paper_has_the_events_of_paper(self, context: Flask) -> None:
        desk = Desk(make_asked_consent(make_discussed_plan())).ready()
        signature = desk.confirm()
        told = evidence_of(desk.clinic, signature.document_id)
        at = moments(told["events"])

        assert at["printed"] <= at["patient_signed"] <= at["original_compared"]
        assert "read" not in at
        assert told["comprehension"]["pages_seen"] == []
        with desk.clinic.scope() as scope:
            data = read_document(scope, signature.document_id)
        assert verify_file(data, own_trust(context.config["SETTINGS"])).holds
