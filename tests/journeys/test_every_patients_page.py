"""Every page of a patient and of a guest, in the states that it has: nobody is shut out of it.

Looked at as staff's pages are: by axe with all that is folded away, at 320 px, with text twice as
large, and with room for a thumb. A page that is in no line below fails the first test.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask, current_app
from playwright.sync_api import BrowserContext, Page

from app.auth.secrets import issue_secret
from app.care.services.give_aftercare import give_before
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.holds.queries import get_review, list_open_reviews
from app.consent.services.void_consent import void_consent
from app.consent.signing.services.join_signing import NewParty, add_party
from app.consent.signing.services.read_form import confirm_read
from app.consent.ways.services.hand_over import cover, hand_over
from app.consent.ways.services.open_link import open_link
from app.consent.ways.services.prove_identity import attest_identity, prove_identity
from app.patients.queries import get_patient
from app.rights.services.export_data import make_export, request_export
from tests.browser.test_access import TOO_SMALL
from tests.consent.test_second_person import Outsider, ask, lift
from tests.contract.test_routes import made_question
from tests.contract.test_sessions_of_patients import AN_HOUR, SESSIONS
from tests.factories.billing import make_purchase
from tests.factories.care import make_bare_visit
from tests.factories.consent import (
    MadeConsent,
    make_active_consent,
    make_asked_consent,
    make_identified_consent,
    make_read_consent,
    make_signed_consent,
    pass_to_reading,
)
from tests.factories.holds import decide, make_held
from tests.factories.plans import BORN, make_discussed_plan
from tests.factories.tenants import MadeClinic, make_clinic
from tests.journeys.test_every_staff_page import OPENED
from tests.journeys.test_holds import put_cookie
from tests.journeys.test_staff_day import Visitor
from tests.support.route_table import bare_app, rules

ROOMS = ("/sign", "/document", "/your-data", "/pay", "/review")
# A box to tick is as large as the line that it stands in.
TARGETS = (
    "main button, main summary, main .choice, main select, "
    "main input:not([type=hidden]):not([type=radio]):not([type=checkbox])"
)
NO_PAGES = {"/sign/document", "/sign/copy/document/file", "/sign/copy/withdrawal/file"}
NO_PAGES |= {"/sign/withdrawal/file", "/sign/sample", "/document/file", "/your-data/file"}
NO_PAGES |= {"/pay/receipt"}


def asked(clinic: MadeClinic) -> uuid.UUID:
    return make_asked_consent(make_discussed_plan(clinic)).id


def proven(clinic: MadeClinic) -> uuid.UUID:
    """Return a consent of somebody who has just said who they are."""
    found = make_asked_consent(make_discussed_plan(clinic))
    with clinic.scope() as scope:
        open_link(scope, consent_id=found.id, by="sign_link")
    with clinic.scope(found.made.practitioner) as scope:
        attest_identity(scope, consent_id=found.id)
    with clinic.scope() as scope:
        prove_identity(scope, consent_id=found.id, code="", born=BORN.isoformat(), address="")
    return found.id


def questions(clinic: MadeClinic) -> uuid.UUID:
    return make_identified_consent(make_discussed_plan(clinic)).id


def held(clinic: MadeClinic) -> uuid.UUID:
    return make_held(make_discussed_plan(clinic), pregnancy="yes").id


def reading(clinic: MadeClinic) -> uuid.UUID:
    found = make_asked_consent(make_discussed_plan(clinic))
    pass_to_reading(found)
    return found.id


def understanding(clinic: MadeClinic) -> uuid.UUID:
    consent_id = reading(clinic)
    with clinic.scope() as scope:
        shown = MadeConsent(make_discussed_plan(clinic), consent_id, "", "").read(scope)
        confirm_read(scope, consent_id=consent_id, shown_sha256=shown.shown_sha256.hex(), fields={})
    return consent_id


def signing(clinic: MadeClinic) -> uuid.UUID:
    return make_read_consent(make_discussed_plan(clinic)).id


def asking(clinic: MadeClinic) -> uuid.UUID:
    """Return a consent whose patient waits for an answer."""
    consent_id = signing(clinic)
    made_question(clinic, consent_id)
    return consent_id


def with_interpreter(clinic: MadeClinic) -> uuid.UUID:
    found = make_read_consent(make_discussed_plan(clinic))
    with clinic.scope() as scope:
        get_patient(scope, found.made.patient_id).interpreter = "spoken"
    return found.id


def with_witness(clinic: MadeClinic) -> uuid.UUID:
    found = make_read_consent(make_discussed_plan(clinic))
    with clinic.scope(found.made.practitioner) as scope:
        add_party(scope, consent_id=found.id, wanted=NewParty("witness", "Ewan Kerr"))
    return found.id


def signed(clinic: MadeClinic) -> uuid.UUID:
    return make_signed_consent(make_discussed_plan(clinic)).id


def withdrawn(clinic: MadeClinic) -> uuid.UUID:
    consent_id = signed(clinic)
    with clinic.scope() as scope:
        take_back(scope, consent_id=consent_id, way=WithdrawalWay.SIGN_LINK)
    return consent_id


def voided(clinic: MadeClinic) -> uuid.UUID:
    found = make_read_consent(make_discussed_plan(clinic))
    with clinic.scope(found.made.practitioner) as scope:
        void_consent(scope, consent_id=found.id, reason="The wrong form was sent.")
    return found.id


def refused(clinic: MadeClinic) -> uuid.UUID:
    found = make_held(make_discussed_plan(clinic), pregnancy="yes")
    decide(found, "not_safe", next_step="Come back when your child is three months old.")
    return found.id


def covered(clinic: MadeClinic) -> uuid.UUID:
    found = make_asked_consent(make_discussed_plan(clinic))
    with clinic.scope(found.made.practitioner) as scope:
        hand_over(scope, consent_id=found.id)
    with clinic.scope() as scope:
        cover(scope, consent_id=found.id)
    return found.id


def active(clinic: MadeClinic) -> uuid.UUID:
    return make_active_consent(make_discussed_plan(clinic)).consent_id


def sheet(clinic: MadeClinic) -> uuid.UUID:
    visit = make_bare_visit(clinic=clinic)
    with clinic.scope(visit.made.practitioner) as scope:
        found = give_before(scope, visit_id=visit.visit_id).document_id
    assert found is not None
    return found


def own_data(clinic: MadeClinic) -> uuid.UUID:
    with clinic.scope() as scope:
        export = request_export(scope, patient_id=make_discussed_plan(clinic).patient_id)
    with clinic.scope() as scope:
        make_export(scope, export_id=export.id)
    return export.id


def purchase(clinic: MadeClinic) -> uuid.UUID:
    return make_purchase(clinic).id


def second_view(clinic: MadeClinic) -> uuid.UUID:
    found = make_held(make_discussed_plan(clinic), bleeding_disorder="yes")
    lift(found)
    ask(found)
    with clinic.scope() as scope:
        [review] = list_open_reviews(scope, found.id)
    return review.id


def second_view_proven(clinic: MadeClinic) -> uuid.UUID:
    review_id = second_view(clinic)
    with clinic.scope() as scope:
        consent_id = get_review(scope, review_id).consent_id
    Outsider(current_app, MadeConsent(make_discussed_plan(clinic), consent_id, "", "")).prove()
    return review_id


@dataclass(frozen=True)
class State:
    """A page, what it is about, and the session that opens it; without one it is for everybody."""

    path: str
    session: str = ""
    make: Callable[[MadeClinic], uuid.UUID] | None = None
    status: int = 200


STATES = [
    State("/sign"),
    State("/sign/neutral"),
    State("/sign/privacy"),
    State("/sign/blank"),
    State("/sign/identity", "form", asked),
    State("/sign/electronic", "form", proven),
    State("/sign/questions", "form", questions),
    State("/sign/hold", "form", held),
    State("/sign/read", "form", reading),
    State("/sign/understood", "form", understanding),
    State("/sign/signature", "form", signing),
    State("/sign/signature", "form", asking),
    State("/sign/people", "form", with_interpreter),
    State("/sign/people", "form", with_witness),
    State("/sign/receipt", "form", signed),
    State("/sign/receipt", "form", withdrawn),
    State("/sign/receipt", "form", voided),
    State("/sign/receipt", "form", refused),
    State("/sign/withdraw", "form", signing),
    State("/sign/withdraw", "form", signed),
    State("/sign/covered", "form", covered),
    State("/sign/copy"),
    State("/sign/copy/identity", "copy, asked who", active),
    State("/sign/copy/document", "copy", active),
    State("/sign/copy/document", "copy", withdrawn),
    State("/sign/copy/withdraw", "copy", active),
    State("/document"),
    State("/document/ended", status=410),
    State("/document/identity", "document, asked who", sheet),
    State("/document/read", "document", sheet),
    State("/your-data"),
    State("/your-data/ended", status=410),
    State("/your-data/identity", "own data, asked who", own_data),
    State("/your-data/read", "own data", own_data),
    State("/pay"),
    State("/pay/closed", status=410),
    # Without Stripe, with which the journey of a deposit plays this page.
    State("/pay/deposit", "payment", purchase, status=409),
    State("/pay/done", "payment", purchase),
    State("/pay/done"),
    State("/review"),
    State("/review/ended", status=410),
    State("/review/thanks"),
    State("/review/who", "second view", second_view),
    State("/review/code", "second view", second_view),
    State("/review/hold", "second view", second_view_proven),
]


# Before the browser, whose event loop would hold the thread that sealing needs.
@pytest.fixture(scope="module", autouse=True)
def tokens(app: Flask) -> dict[State, str]:
    """Make everything; return the secret of each state's session."""
    found: dict[State, str] = {}
    subjects: dict[Callable[[MadeClinic], uuid.UUID], uuid.UUID] = {}
    with app.app_context():
        clinic = make_clinic()
        for one in STATES:
            if one.make is None:
                continue
            if one.make not in subjects:
                subjects[one.make] = one.make(clinic)
            with clinic.scope() as scope:
                kind, about = SESSIONS[one.session][1], subjects[one.make]
                found[one] = issue_secret(scope, kind, subject_id=about, lasts=AN_HOUR)
    return found


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A small phone held upright."""
    viewport = {"width": 390, "height": 844}
    return {"viewport": viewport, "has_touch": True, "reduced_motion": "reduce"}


def test_every_page_of_a_patient_or_guest_is_looked_at() -> None:
    found = set()
    for rule in rules():
        guard = getattr(bare_app().view_functions[rule.endpoint], "__guard__", "")
        inside = any(f"{rule}/".startswith(f"{room}/") for room in ROOMS)
        if inside and "GET" in (rule.methods or ()) and guard != "signed_in":
            found.add(str(rule))
    assert found - NO_PAGES == {one.path for one in STATES}


def name_of(state: State) -> str:
    about = state.make.__name__ if state.make else "anybody"
    return f"{state.path} {about}"


@pytest.mark.parametrize("state", STATES, ids=name_of)
def test_nobody_is_shut_out_of_a_patients_page(
    tokens: dict[State, str], context: BrowserContext, page: Page, address: str, state: State
) -> None:
    if state.session:
        put_cookie(context, address, SESSIONS[state.session][2], tokens[state])

    answer = page.goto(address + state.path)

    assert answer is not None
    assert (answer.status, page.url) == (state.status, address + state.path)
    page.wait_for_selector("html[data-ready]")
    page.evaluate(OPENED)
    assert page.evaluate(TOO_SMALL, TARGETS) == []
    Visitor(page, address).look()
