"""The evidence record tells what is known only after sealing, and nothing that was answered."""

import hashlib
from typing import Any

import pytest
from flask import Flask

from app import audit
from app.audit.sealing import seal_events
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.services.void_consent import void_consent
from app.database import Actor, tenant_scope
from app.documents.files import read_document
from app.tenants.models import Role
from tests.factories.consent import ActiveConsent, make_active_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import add_staff
from tests.support.api import Api

WHY = "My sister talked me out of it."


@pytest.fixture
def active(context: Flask) -> ActiveConsent:
    return make_active_consent(make_discussed_plan())


def record(app: Flask, active: ActiveConsent) -> dict[str, Any]:
    made = active.made
    api = Api(app, made.clinic, made.practitioner)
    found: dict[str, Any] = api.get(f"/consents/{active.consent_id}/evidence-record")
    return found


def test_it_holds_the_final_hashes_of_every_file(context: Flask, active: ActiveConsent) -> None:
    told = record(context, active)

    assert [one["kind"] for one in told["files"]] == ["patient_consent", "executed_consent"]
    with active.made.clinic.scope() as scope:
        for one in told["files"]:
            file = read_document(scope, one["document_id"])
            assert one["sha256"] == hashlib.sha256(file).hexdigest()
            assert one["length"] == len(file)
    assert told["files"][1]["predecessor_id"] == told["files"][0]["document_id"]
    # No authority is set up for most tests, and the record says so instead of nothing.
    assert {one["stamp_state"] for one in told["files"]} == {"not_time_stamped"}
    assert all(one["stamp_reason"] for one in told["files"])


def test_events_stand_in_their_order_with_their_place_in_the_chain(
    context: Flask, active: ActiveConsent
) -> None:
    with active.made.clinic.scope() as scope:
        seal_events(scope, everything=True)

    told = record(context, active)

    acts = [one["action"] for one in told["events"]]
    assert acts.index("consent:request:make") < acts.index("consent:form:sign")
    assert acts.index("consent:form:sign") < acts.index("consent:form:attest")
    places = [one["seq"] for one in told["events"] if one["seq"] is not None]
    assert places == sorted(places)
    assert len(places) >= len(acts) - 1  # The look at this very record is not sealed yet.
    assert told["chain"]["sealed_seq"] >= places[-1]


def test_no_event_is_left_out_where_there_are_many(context: Flask, active: ActiveConsent) -> None:
    with active.made.clinic.scope() as scope:
        for _ in range(205):
            audit.record(scope, "consent:copy:read", subject_id=active.consent_id)

    acts = [one["action"] for one in record(context, active)["events"]]

    assert acts.count("consent:copy:read") == 205
    assert "consent:request:make" in acts


def test_what_was_sent_is_told_with_a_masked_address(context: Flask, active: ActiveConsent) -> None:
    told = record(context, active)

    sent = {one["template"]: one for one in told["delivery"]}
    assert {"sign_request", "consent_copy"} <= set(sent)
    assert active.made.patient_email not in str(told)
    assert "…@" in sent["sign_request"]["to_masked"]


def test_a_withdrawal_is_told_with_its_receipt_and_its_reason(
    context: Flask, active: ActiveConsent
) -> None:
    patient = Actor("patient", active.made.patient_id)
    with tenant_scope(active.made.clinic.tenant_id, patient) as scope:
        take_back(scope, consent_id=active.consent_id, way=WithdrawalWay.COPY_LINK, reason=WHY)

    told = record(context, active)

    [change] = told["status_changes"]
    assert (change["kind"], change["by"], change["reason"]) == ("withdrawn", None, WHY)
    assert told["files"][-1]["kind"] == "withdrawal"
    assert all(one["ends_at"] <= change["at"] for one in told["grants"])


def test_a_consent_that_was_called_back_names_who_and_why(
    context: Flask, active: ActiveConsent
) -> None:
    made = active.made
    with made.clinic.scope(made.practitioner) as scope:
        void_consent(scope, consent_id=active.consent_id, reason="It was asked for by mistake.")

    [change] = record(context, active)["status_changes"]

    assert (change["kind"], change["by"]) == ("voided", str(made.practitioner.id))
    assert change["reason"] == "It was asked for by mistake."


def test_the_front_desk_does_not_read_it(context: Flask, active: ActiveConsent) -> None:
    clinic = active.made.clinic
    desk = Api(context, clinic, add_staff(clinic, Role.FRONT_DESK))

    desk.get(f"/consents/{active.consent_id}/evidence-record", expect=403)
