"""Browsers that act at the same moment, each through a socket: one outcome, and one document.

The services have races of their own; here everything stands in between that stands there in a
clinic: the session, the step that may be shown, the draft that is kept, and the edge that commits.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest
from flask import Flask
from sqlalchemy import text

from app.auth.cookies import SIGN_COOKIE
from app.auth.guards import STAFF_COOKIE
from app.care.queries import find_treatment_of_visit
from app.consent import queries
from app.consent.forms.services.review_form import pass_clinical_review, pass_legal_review
from app.consent.forms.services.write_form import change_draft, copy_version, submit_draft
from app.plans.queries import get_plan
from tests.consent.forms import block_of
from tests.consent.test_races import StoreWithARival, extension
from tests.factories.care import make_ready_visit
from tests.factories.consent import MadeConsent, clear_fields, make_asked_consent
from tests.factories.plans import make_discussed_plan, terms
from tests.journeys.conftest import address
from tests.support.api import Api
from tests.support.over_http import Answer, Browser, all_at_once
from tests.support.signer import Signer
from tests.support.step_up import proven

__all__ = ["address"]
MANY = 50
SOME = 8
COUNT = text(
    "SELECT (SELECT count(*) FROM signature WHERE consent_id = :c),"
    " (SELECT count(*) FROM document WHERE subject_id = :c AND kind = 'patient_consent'),"
    " (SELECT count(*) FROM audit_event WHERE subject_id = :c AND action = 'consent:form:sign')"
)
Act = Callable[[], Answer]


@dataclass
class Table:
    """A patient on the page with the signature, and the practitioner who asked them to sign."""

    asked: MadeConsent
    patient: Browser
    staff: Browser
    owner: Browser
    fields: dict[str, object]

    @property
    def api(self) -> str:
        """The address of the clinic below the API."""
        return f"/api/v1/clinics/{self.asked.made.clinic.tenant_id}"

    def sign(self) -> Answer:
        """Press the button below the signature."""
        return self.patient.submit("/sign/signature", self.fields)

    def counts(self) -> tuple[int, int, int]:
        """Return how many signatures, documents and events of signing there are."""
        with self.asked.made.clinic.scope() as scope:
            found = scope.session.execute(COUNT, {"c": self.asked.id}).one()
            return found[0], found[1], found[2]

    def state(self) -> str:
        """Return the state of the consent."""
        with self.asked.made.clinic.scope() as scope:
            return self.asked.read(scope).state


def staff_browser(api: Api, address: str) -> Browser:
    cookie = api.client.get_cookie(STAFF_COOKIE)
    assert cookie is not None
    return Browser(address, f"{STAFF_COOKIE}={cookie.value}", api.csrf)


def patient_browser(signer: Signer, address: str) -> Browser:
    cookie = signer.client.get_cookie(SIGN_COOKIE)
    assert cookie is not None
    return Browser(address, f"{SIGN_COOKIE}={cookie.value}", signer.token_on_page())


@pytest.fixture
def table(context: Flask, address: str) -> Table:
    asked = make_asked_consent(make_discussed_plan())
    signer = Signer(context, asked)
    signer.reach_signature()
    fields = signer.signing_fields()
    clinic = asked.made.clinic
    treats = staff_browser(proven(Api(context, clinic, asked.made.practitioner)), address)
    owner = staff_browser(Api(context, clinic, clinic.owner), address)
    return Table(asked, patient_browser(signer, address), treats, owner, fields)


def void(table: Table) -> Act:
    said = {"reason": "The wrong form was sent."}
    return lambda: table.staff.call("POST", f"{table.api}/consents/{table.asked.id}/void", said)


def reissue(table: Table) -> Act:
    path = f"{table.api}/plans/{table.asked.made.plan_id}/consents"
    return lambda: table.staff.call("POST", path)


def answer_again(table: Table, **changes: str) -> Act:
    with table.asked.made.clinic.scope() as scope:
        fields = clear_fields(scope, table.asked.id, **changes)
    return lambda: table.patient.submit("/sign/questions", dict(fields))


def hold(table: Table) -> Act:
    return answer_again(table, pregnancy="yes")


def decline(table: Table) -> Act:
    return lambda: table.patient.submit("/sign/withdraw", {})


def change_plan(table: Table) -> Act:
    made = table.asked.made
    with made.clinic.scope() as scope:
        version = get_plan(scope, made.plan_id).version
    wanted = asdict(terms(made.device_id, made.practitioner.id, {"face_cheeks": 1500}))
    wanted |= {name: str(wanted[name]) for name in ("device_id", "practitioner_id")}
    path = f"{table.api}/plans/{made.plan_id}"
    return lambda: table.staff.call("PUT", path, wanted, match=version)


def change_form(table: Table) -> Act:
    """Approve another wording of the form, and return the act that publishes it."""
    clinic = table.asked.made.clinic
    with clinic.scope() as scope:
        draft = copy_version(scope, version_id=table.asked.read(scope).form_version_id)
        scope.session.flush()
        raw = json.loads(draft.content)
        raw["change"] = "material"
        block_of(raw, "ri-4")["text"] += " Tell us about every oil."
        change_draft(scope, draft_id=draft.id, content=raw, version=draft.version)
        version_id = submit_draft(scope, draft_id=draft.id, version=draft.version).id
    with clinic.scope() as scope:
        pass_clinical_review(scope, version_id=version_id)
        pass_legal_review(scope, version_id=version_id)
    path = f"{table.api}/forms/{version_id}/publish"
    return lambda: table.owner.call("POST", path)


# What is left of a form that was not signed, and of one that was signed first.
RIVALS = {
    void: ("voided", "voided"),
    reissue: ("voided", "signed"),
    hold: ("held", "signed"),
    change_plan: ("cleared", "signed"),
    change_form: ("cleared", "signed"),
    decline: ("declined", "withdrawn"),
}
rivals = pytest.mark.parametrize("rival", RIVALS)


def test_case_22_fifty_browsers_submit_one_signature_and_it_is_one(table: Table) -> None:
    answers = all_at_once([table.sign] * MANY)

    assert {(one.status, one.location) for one in answers} == {(303, "/sign/receipt")}
    assert table.counts() == (1, 1, 1)
    assert table.state() == "signed"
    assert "/sign/document" in table.patient.get("/sign/receipt").text


@rivals
def test_case_22_a_signature_races_what_ends_it_and_there_is_one_outcome(
    table: Table, rival: Callable[[Table], Act]
) -> None:
    *signing, other = all_at_once([table.sign] * SOME + [rival(table)])

    signatures, documents, events = table.counts()
    assert (signatures, documents, events) in {(0, 0, 0), (1, 1, 1)}
    assert table.state() == RIVALS[rival][signatures]
    # Nobody is told that something of ours is down, and nobody that it was signed when it was not.
    assert {one.status for one in signing} <= {303, 409, 410}, [one.text for one in signing]
    assert other.status in {200, 201, 303, 409}, other.text
    receipt = table.patient.get("/sign/receipt")
    assert ("/sign/document" in receipt.text) is (table.state() == "signed")


@rivals
def test_case_22_what_commits_while_the_file_is_on_its_way_wins_and_is_told(
    table: Table, context: Flask, rival: Callable[[Table], Act]
) -> None:
    act, others = rival(table), list[Answer]()
    store = StoreWithARival(context.extensions["needlepoint_store"], lambda: others.append(act()))

    with extension(context, "needlepoint_store", store):
        first = table.sign()
    second = table.sign()

    assert others[0].status in {200, 201, 303}, others
    assert table.counts() == (0, 0, 0)
    assert table.state() == RIVALS[rival][0]
    assert {first.status, second.status} <= {303, 409, 410}
    assert "/sign/document" not in table.patient.get("/sign/receipt").text


@pytest.mark.parametrize(
    ("rival", "said"),
    [(change_plan, "Your plan was changed"), (change_form, "This form was changed")],
)
def test_case_23_what_was_changed_between_view_and_sign_is_signed_by_nobody(
    table: Table, rival: Callable[[Table], Act], said: str
) -> None:
    assert rival(table)().status == 200

    answers = all_at_once([table.sign] * SOME)

    assert {one.status for one in answers} == {409}
    assert all(said in one.text for one in answers)
    assert table.counts() == (0, 0, 0)


def test_case_23_what_another_tab_answered_is_read_again_before_it_is_signed(table: Table) -> None:
    assert answer_again(table, smoking="yes")().status == 303

    answers = all_at_once([table.sign] * SOME)

    assert table.counts() == (0, 0, 0)
    assert {one.status for one in answers} <= {303, 409}
    assert {one.location for one in answers} <= {"", "/sign/identity", "/sign/read"}


def test_case_29_a_start_and_a_withdrawal_leave_one_outcome(context: Flask, address: str) -> None:
    ready = make_ready_visit()
    consent, made = ready.consent, ready.made
    assert consent is not None
    staff = staff_browser(Api(context, made.clinic, made.practitioner), address)
    api = f"/api/v1/clinics/{made.clinic.tenant_id}"
    means = {"practitioner_id": str(made.practitioner.id), "device_id": str(made.device_id)}
    means["lot"] = "LOT-1"
    start = f"{api}/visits/{ready.visit_id}/start"
    back = f"{api}/consents/{consent.consent_id}/withdraw"

    *starts, withdrawal = all_at_once(
        [lambda: staff.call("POST", start, means)] * SOME
        + [lambda: staff.call("POST", back, {"reason": "I changed my mind."})]
    )

    # Taking back never fails; of the starts one came before it, or none.
    assert withdrawal.status == 200, withdrawal.text
    assert sorted({one.status for one in starts}) in ([201, 409], [409]), [o.text for o in starts]
    with made.clinic.scope() as scope:
        treated = find_treatment_of_visit(scope, ready.visit_id) is not None
        assert treated == ([one.status for one in starts].count(201) == 1)
        assert queries.get_consent(scope, consent.consent_id).state == "withdrawn"
    assert staff.call("POST", start, means).status == 409


def test_case_29_a_confirmation_and_a_withdrawal_leave_one_outcome(table: Table) -> None:
    assert table.sign().location == "/sign/receipt"
    attest = f"{table.api}/consents/{table.asked.id}/attest"

    *confirmed, withdrawal = all_at_once(
        [lambda: table.staff.call("POST", attest)] * SOME + [decline(table)]
    )

    assert (withdrawal.status, withdrawal.location) == (303, "/sign/receipt")
    assert {one.status for one in confirmed} <= {201, 409}, [one.text for one in confirmed]
    assert table.state() == "withdrawn"
    with table.asked.made.clinic.scope() as scope:
        attestation = queries.find_attestation(scope, table.asked.id)
        assert (attestation is not None) == (201 in {one.status for one in confirmed})
        grants = queries.list_grants(scope, table.asked.id)
        assert all(one.valid.upper is not None for one in grants)
