"""Taking a consent back: it acts at once, never waits for its receipt, and always finds a way."""

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from flask import Flask

from app.consent import queries
from app.consent.after import withdrawal_queries
from app.consent.after.services.seal_withdrawal import seal_withdrawal, take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.errors import ConsentMoved, ConsentUnknown
from app.consent.models import Consent
from app.consent.services.attest_consent import attest_consent, send_copy
from app.consent.services.void_consent import void_consent
from app.consent.services.withdraw_consent import withdraw_consent
from app.consent.standing import consent_standing
from app.database import SYSTEM, tenant_scope
from app.documents.container import detach_files
from app.documents.errors import SealUnusable
from app.documents.files import read_document
from app.documents.models import DocumentKind
from app.documents.queries import list_documents_of_patient
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from app.jobs.registry import run_job
from app.kit.clock import now, shifted
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message
from app.patients.limit_models import LimitKind
from app.patients.services.limit_use import place_limit
from app.tenants.models import Role
from tests.factories.consent import (
    ActiveConsent,
    MadeConsent,
    make_active_consent,
    make_signed_consent,
)
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import add_staff
from tests.fakes.store import FullStore
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.signer import BIRTH, Signer

AS_SYSTEM = ["system", "", ""]


class NoSealer:
    """The sealing key cannot be had."""

    def sealer_for(self, tenant_id: uuid.UUID, legal_name: str) -> None:
        raise SealUnusable("The sealing certificate cannot be opened.")


@contextmanager
def extension(app: Flask, name: str, value: object) -> Iterator[None]:
    kept = app.extensions[name]
    app.extensions[name] = value
    try:
        yield
    finally:
        app.extensions[name] = kept


@pytest.fixture
def active(context: Flask) -> ActiveConsent:
    return make_active_consent(make_discussed_plan())


def patient_takes_back(active: ActiveConsent) -> None:
    with active.made.clinic.scope() as scope:
        take_back(scope, consent_id=active.consent_id, way=WithdrawalWay.COPY_LINK)


def consent_of(active: ActiveConsent) -> Consent:
    with active.made.clinic.scope() as scope:
        return queries.get_consent(scope, active.consent_id)


def receipts_of(active: ActiveConsent) -> list[uuid.UUID]:
    with active.made.clinic.scope() as scope:
        found = list_documents_of_patient(scope, active.made.patient_id)
        return [one.id for one in found if one.kind == DocumentKind.WITHDRAWAL]


def withdrawal_id_of(active: ActiveConsent) -> uuid.UUID:
    with active.made.clinic.scope() as scope:
        found = withdrawal_queries.find_withdrawal(scope, active.consent_id)
    assert found is not None
    return found.id


def run_the_job(active: ActiveConsent) -> None:
    args = {"_actor": AS_SYSTEM, "withdrawal_id": str(withdrawal_id_of(active))}
    run_job(active.made.clinic.tenant_id, "consent.seal_withdrawal", args)


def newest_link(active: ActiveConsent, template: str) -> str:
    with active.made.clinic.scope() as scope:
        for message in list_messages_to_patient(scope, active.made.patient_id):
            if message.template == template:
                found = re.search(r"#(\S+)", read_message(scope, message).body)
                assert found is not None
                return found.group(1)
    raise AssertionError(f"no {template} was sent")


def open_copy(app: Flask, active: ActiveConsent, link: str) -> Signer:
    """Open a link to a copy and prove who it is, as the patient does."""
    signer = Signer(app, MadeConsent(active.made, active.consent_id, link, ""))
    answer = signer.client.post("/api/v1/sign/copy/exchange", json={"token": link})
    assert answer.status_code == 200, answer.text
    signer.get("/sign/copy/identity")
    signer.go("/sign/copy/identity/code", {})
    code = signer.code_from_message()
    assert signer.go("/sign/copy/identity", {"code": code, **BIRTH}) == "/sign/copy/document"
    return signer


def test_the_receipt_is_sealed_and_names_the_consent_by_its_fingerprint(
    context: Flask, active: ActiveConsent
) -> None:
    patient_takes_back(active)

    [receipt] = receipts_of(active)
    with active.made.clinic.scope() as scope:
        data = read_document(scope, receipt)
        executed = read_document(scope, active.executed_document_id)
        [document] = [
            one
            for one in list_documents_of_patient(scope, active.made.patient_id)
            if one.id == receipt
        ]
    trust = own_trust(context.config["SETTINGS"])
    assert verify_file(data, trust).holds
    assert verify_file(executed, trust).holds, "an earlier document has to stay as it is"
    assert document.predecessor_id == active.executed_document_id
    [attached] = detach_files(data)
    evidence = attached.data.decode()
    assert str(active.consent_id) in evidence
    assert '"way":"copy_link"' in evidence
    assert "Aoife" not in evidence


def test_the_link_to_the_receipt_asks_for_identity_again(
    context: Flask, active: ActiveConsent
) -> None:
    patient_takes_back(active)
    link = newest_link(active, "withdrawal_receipt")

    stranger = Signer(context, MadeConsent(active.made, active.consent_id, link, ""))
    assert stranger.client.get("/sign/copy/withdrawal/file").status_code == 410
    signer = open_copy(context, active, link)

    assert "Your receipt" in signer.page.text
    assert signer.client.get("/sign/copy/withdrawal/file").data.startswith(b"%PDF")


def test_case_39_without_a_seal_it_is_withdrawn_all_the_same_and_sealed_later(
    context: Flask, active: ActiveConsent
) -> None:
    signer = open_copy(context, active, newest_link(active, "consent_copy"))
    signer.get("/sign/copy/withdraw")
    with extension(context, "needlepoint_sealers", NoSealer()):
        signer.go("/sign/copy/withdraw", {})

        assert "receipt is being made" in signer.page.text
        assert consent_of(active).state == "withdrawn"
        with pytest.raises(SealUnusable):
            run_the_job(active)
    assert receipts_of(active) == []
    with active.made.clinic.scope() as scope:
        assert all(
            one.valid.upper <= now() for one in queries.list_grants(scope, active.consent_id)
        )

    run_the_job(active)
    run_the_job(active)

    assert len(receipts_of(active)) == 1
    assert "Save my receipt" in signer.get("/sign/copy/document").text


def test_a_night_asks_again_for_receipts_that_are_missing(
    context: Flask, active: ActiveConsent
) -> None:
    with extension(context, "needlepoint_store", FullStore()):
        patient_takes_back(active)
    with active.made.clinic.scope() as scope:
        assert list(withdrawal_queries.list_without_receipt(scope, most=5)) == [
            withdrawal_id_of(active)
        ]
    run_job(active.made.clinic.tenant_id, "consent.seal_missing_receipts", {"_actor": AS_SYSTEM})
    run_the_job(active)

    with active.made.clinic.scope() as scope:
        assert list(withdrawal_queries.list_without_receipt(scope, most=5)) == []


def test_staff_take_it_back_while_the_seal_key_is_missing(
    context: Flask, active: ActiveConsent
) -> None:
    desk = Api(context, active.made.clinic, add_staff(active.made.clinic, Role.FRONT_DESK))
    path = f"/consents/{active.consent_id}/withdraw"
    with extension(context, "needlepoint_sealers", NoSealer()):
        answer = desk.post(path, {"reason": "Rang us."}, expect=200, key="a-double-click")
        again = desk.post(path, {"reason": "Rang us."}, expect=200, key="a-double-click")

    assert answer["state"] == again["state"] == "withdrawn"
    told = desk.get(f"/consents/{active.consent_id}/withdrawal")
    assert (told["way"], told["receipt_id"]) == ("staff", None)
    run_the_job(active)
    assert desk.get(f"/consents/{active.consent_id}/withdrawal")["receipt_id"]
    desk.get(f"/consents/{active.consent_id}/withdrawal/receipt", expect=403)


def test_the_page_of_staff_says_through_whom_and_opens_the_receipt(
    context: Flask, active: ActiveConsent
) -> None:
    desk = Desk(context, active.made.clinic, active.made.practitioner)
    desk.send(f"/consents/{active.consent_id}/withdraw", reason="")

    text = desk.read(f"/consents/{active.consent_id}")

    assert "recorded it for the patient" in text
    assert "Open the sealed receipt" in text


def test_twelve_withdrawals_at_once_leave_one_receipt(
    context: Flask, active: ActiveConsent
) -> None:
    problems: list[Exception] = []

    def act() -> None:
        with context.app_context():
            try:
                patient_takes_back(active)
            except Exception as problem:  # Whatever it is, the test shows it.
                problems.append(problem)

    threads = [threading.Thread(target=act) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert len(receipts_of(active)) == 1
    assert sum(one == "withdrawal_receipt" for one in templates_to(active)) == 1


def templates_to(active: ActiveConsent) -> list[str]:
    with active.made.clinic.scope() as scope:
        found = list_messages_to_patient(scope, active.made.patient_id)
        return [one.template for one in found]


def test_a_signed_form_that_nobody_confirmed_gives_a_receipt_too(context: Flask) -> None:
    asked = make_signed_consent(make_discussed_plan())
    with asked.made.clinic.scope() as scope:
        take_back(scope, consent_id=asked.id, way=WithdrawalWay.SIGN_LINK)

    with asked.made.clinic.scope() as scope:
        kinds = {one.kind for one in list_documents_of_patient(scope, asked.made.patient_id)}
    assert kinds == {"patient_consent", "withdrawal"}


def test_taking_back_a_superseded_consent_takes_back_the_one_in_its_place(
    context: Flask, active: ActiveConsent
) -> None:
    newer = make_active_consent(active.made)

    patient_takes_back(active)
    patient_takes_back(active)

    assert consent_of(active).state == "superseded"
    assert consent_of(newer).state == "withdrawn"
    assert len(receipts_of(active)) == 1


def test_taking_back_the_older_one_takes_back_what_was_signed_since(
    context: Flask, active: ActiveConsent
) -> None:
    newer = make_signed_consent(active.made)

    patient_takes_back(active)

    with active.made.clinic.scope() as scope:
        assert newer.read(scope).state == "withdrawn"
        assert all(
            one.valid.upper <= now() for one in queries.list_grants(scope, active.consent_id)
        )
    assert consent_of(active).state == "superseded"
    with pytest.raises(ConsentMoved), active.made.clinic.scope(active.made.practitioner) as scope:
        attest_consent(scope, consent_id=newer.id, stepped_up_at=now())


def test_taking_back_what_nobody_confirmed_ends_what_it_was_to_replace(
    context: Flask, active: ActiveConsent
) -> None:
    newer = make_signed_consent(active.made)
    with active.made.clinic.scope() as scope:
        take_back(scope, consent_id=newer.id, way=WithdrawalWay.SIGN_LINK)

    with active.made.clinic.scope() as scope:
        grants = queries.list_grants(scope, active.consent_id)
        assert grants
        assert all(one.valid.upper <= now() for one in grants)
        standing = consent_standing(
            scope, patient_id=active.made.patient_id, plan_id=active.made.plan_id, at=now()
        )
    assert not standing.allowed


def test_what_was_never_confirmed_is_not_confirmed_after_a_newer_one(context: Flask) -> None:
    made = make_discussed_plan()
    first = make_signed_consent(made)
    second = make_active_consent(made)
    patient_takes_back(second)

    with pytest.raises(ConsentMoved), made.clinic.scope(made.practitioner) as scope:
        attest_consent(scope, consent_id=first.id, stepped_up_at=now())


def test_case_29_taking_back_both_while_the_newer_is_confirmed_leaves_one_outcome(
    context: Flask, active: ActiveConsent
) -> None:
    newer = make_signed_consent(active.made)

    def confirm() -> None:
        with context.app_context(), suppress(ConsentMoved):
            made = active.made
            with made.clinic.scope(made.practitioner) as scope:
                attest_consent(scope, consent_id=newer.id, stepped_up_at=now())

    thread = threading.Thread(target=confirm)
    thread.start()
    patient_takes_back(active)
    thread.join()

    with active.made.clinic.scope() as scope:
        assert newer.read(scope).state == "withdrawn"
        ids = (active.consent_id, newer.id)
        open_now = [g for one in ids for g in queries.list_grants(scope, one)]
        assert all(one.valid.upper <= now() for one in open_now)
    assert consent_of(active).state == "superseded"


def test_a_dead_link_to_the_copy_leads_to_a_new_one_and_on_to_the_withdrawal(
    context: Flask, active: ActiveConsent
) -> None:
    link = newest_link(active, "consent_copy")
    with shifted(timedelta(days=31)):
        signer = Signer(context, MadeConsent(active.made, active.consent_id, link, ""))
        dead = signer.client.post("/api/v1/sign/copy/exchange", json={"token": link})
        assert dead.status_code == 410
        signer.get("/sign/neutral")
        signer.post("/sign/new-link", {"contact": active.made.patient_email}, expect=200)

        fresh = newest_link(active, "consent_copy")
        assert fresh != link
        signer = open_copy(context, active, fresh)
        signer.get("/sign/copy/withdraw")
        signer.go("/sign/copy/withdraw", {})

    assert consent_of(active).state == "withdrawn"


def test_a_new_link_to_a_copy_goes_to_the_contact_on_file_and_nowhere_else(
    context: Flask, active: ActiveConsent
) -> None:
    link = newest_link(active, "consent_copy")
    with shifted(timedelta(days=31)):
        signer = Signer(context, MadeConsent(active.made, active.consent_id, link, ""))
        signer.client.post("/api/v1/sign/copy/exchange", json={"token": link})
        signer.get("/sign/neutral")
        told = signer.post("/sign/new-link", {"contact": "somebody@else.example"}, expect=200)

    assert "a new link is on its way" in told.text
    assert newest_link(active, "consent_copy") == link


def test_it_works_while_data_may_only_be_kept(context: Flask, active: ActiveConsent) -> None:
    with active.made.clinic.scope() as scope:
        place_limit(
            scope,
            patient_id=active.made.patient_id,
            kind=LimitKind.RESTRICTION,
            reason="accuracy_contested",
        )

    patient_takes_back(active)

    assert "withdrawal_receipt" in templates_to(active)


def test_another_clinic_finds_no_withdrawal(context: Flask, active: ActiveConsent) -> None:
    patient_takes_back(active)
    other = make_discussed_plan()
    api = Api(context, other.clinic, other.clinic.owner)

    api.get(f"/consents/{active.consent_id}/withdrawal", expect=404)
    api.get(f"/consents/{active.consent_id}/withdrawal/receipt", expect=404)
    with tenant_scope(other.clinic.tenant_id, SYSTEM) as scope, pytest.raises(ConsentUnknown):
        seal_withdrawal(scope, withdrawal_id=withdrawal_id_of(active))


def test_a_withdrawal_through_the_service_alone_leaves_a_job_for_its_receipt(
    context: Flask, active: ActiveConsent
) -> None:
    with active.made.clinic.scope() as scope:
        withdraw_consent(scope, consent_id=active.consent_id)
    assert receipts_of(active) == []

    run_the_job(active)

    assert len(receipts_of(active)) == 1


def test_taking_back_what_the_clinic_called_back_meanwhile_says_so_in_the_patients_words(
    context: Flask, active: ActiveConsent
) -> None:
    signer = open_copy(context, active, newest_link(active, "consent_copy"))
    signer.get("/sign/copy/withdraw")
    with active.made.clinic.scope(active.made.practitioner) as scope:
        void_consent(scope, consent_id=active.consent_id, reason="The wrong form was used.")

    assert signer.go("/sign/copy/withdraw", {}) == "/sign/copy/document"

    assert "The clinic has called this form back" in signer.page.text
    assert "Send a new one" not in signer.page.text


def test_the_copy_of_what_nobody_has_confirmed_speaks_to_the_patient(context: Flask) -> None:
    signed = make_signed_consent(make_discussed_plan())
    with signed.made.clinic.scope() as scope:
        send_copy(scope, signed.read(scope), "Europe/London")
    waiting = ActiveConsent(signed.id, signed.made, *[signed.id] * 4)

    signer = open_copy(context, waiting, newest_link(waiting, "consent_copy"))

    assert "You have signed. A practitioner still has to confirm it." in signer.page.text


def test_a_copy_says_on_the_day_itself_that_the_consent_has_run_out(
    context: Flask, active: ActiveConsent
) -> None:
    with shifted(timedelta(days=380)):
        with active.made.clinic.scope() as scope:
            send_copy(scope, queries.get_consent(scope, active.consent_id), "Europe/London")
        signer = open_copy(context, active, newest_link(active, "consent_copy"))

    assert "This form has run out" in signer.page.text
