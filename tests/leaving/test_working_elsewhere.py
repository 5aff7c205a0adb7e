"""A clinic that moved goes on working: people, the gate, seals, the chain, rights, erasures."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from app.care.services.give_aftercare import give_before
from app.documents.files import read_document
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from app.kit.clock import now, shifted
from app.messaging.errors import ProcessingRestricted
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.plans.services.plan_visit import plan_visit
from app.rights.errors import NothingLeft
from app.rights.services.export_data import make_export, read_export, request_export
from app.vault import KeyShredded
from tests.conftest import somebody
from tests.factories.care import ReadyVisit
from tests.factories.plans import make_visit
from tests.leaving.conftest import Arrived
from tests.leaving.whole_story import NAME_NOW, Whole
from tests.support.api import Api
from tests.support.letters import letters_to, link_in

NEW = "another set of quiet words"


@pytest.fixture
def there(arrived: Arrived) -> Iterator[Flask]:
    """The second installation, whose context is entered: ids are what they were."""
    with arrived.app.app_context():
        yield arrived.app


def sign_in_again(app: Flask, email: str) -> int:
    """Choose a password by the link in a letter; return the status of signing in with it."""
    browser = somebody(app)
    assert browser.post("/api/v1/forgot-password", json={"email": email}).status_code in (202, 204)
    _, token = link_in(letters_to(app, email)[-1])
    body = {"token": token, "new": NEW}
    assert browser.post("/api/v1/reset-password", json=body).status_code == 204
    answer = browser.post("/api/v1/sign-in", json={"email": email, "password": NEW})
    return answer.status_code


def test_the_owner_chooses_a_password_and_works(there: Flask, told: Whole) -> None:
    owner = told.clinic.owner
    assert sign_in_again(there, owner.email) == 200

    api = Api(there, told.clinic, owner, password=NEW)

    assert api.get("")["legal_name"]
    found = api.post("/patients/search", {"q": NAME_NOW}, expect=200)["patients"]
    assert [one["id"] for one in found] == [str(told.withdrawn.made.patient_id)]


def test_who_was_disabled_stays_out(there: Flask, told: Whole) -> None:
    assert sign_in_again(there, told.disabled.email) == 200

    Api(there, told.clinic, told.disabled, password=NEW).get("", expect=404)


def test_the_gate_knows_who_agreed_and_seals_what_is_new(there: Flask, told: Whole) -> None:
    made = told.ready.made
    too_soon = ReadyVisit(made, make_visit(made), told.ready.consent)
    too_soon.ask()
    assert [one.code for one in too_soon.may().reasons] == ["too_soon"]

    with shifted(timedelta(days=30)):
        ready = ReadyVisit(made, make_visit(made), told.ready.consent)
        ready.ask()
        assert ready.may().allowed, ready.may().reasons
        with told.clinic.scope(made.practitioner) as scope:
            given = give_before(scope, visit_id=ready.visit_id)
        with made.clinic.scope() as scope:
            sealed = read_document(scope, given.document_id)

    assert verify_file(sealed, own_trust(there.config["SETTINGS"])).holds


def test_a_withdrawn_consent_stays_withdrawn(there: Flask, told: Whole) -> None:
    made = told.withdrawn.made
    ready = ReadyVisit(made, make_visit(made), None)
    ready.ask()

    answer = ready.may()

    assert not answer.allowed
    assert answer.reasons[0].code == "no_consent"


def test_the_chain_goes_on_and_verifies(there: Flask, told: Whole) -> None:
    with told.clinic.scope() as scope:
        get_patient(scope, told.merged)
    done = there.test_cli_runner().invoke(args=["audit", "verify"])

    assert done.exit_code == 0, done.output


def test_a_patient_gets_their_copy_and_an_erased_one_stays_unreadable(
    there: Flask, told: Whole
) -> None:
    with told.clinic.scope() as scope:
        export = request_export(scope, patient_id=told.withdrawn.made.patient_id)
    with told.clinic.scope() as scope:
        make_export(scope, export_id=export.id)
    with told.clinic.scope() as scope:
        assert len(read_export(scope, export_id=export.id)) > 10_000
    erased = told.erased
    with told.clinic.scope() as scope:
        assert get_patient(scope, erased.made.patient_id).name == "Erased patient"
        with pytest.raises(NothingLeft):
            request_export(scope, patient_id=erased.made.patient_id)
        with pytest.raises(KeyShredded):
            read_document(scope, erased.consent.executed_document_id)
        back = get_patient(scope, told.unreachable)
        assert contact(scope, back, "email") == "back@patients.example"


def test_limits_hold(there: Flask, told: Whole) -> None:
    with pytest.raises(ProcessingRestricted), told.clinic.scope() as scope:
        plan_visit(
            scope,
            plan_id=told.restricted.plan_id,
            practitioner_id=told.restricted.practitioner.id,
            planned_at=now(),
        )
