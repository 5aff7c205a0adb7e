"""Staff's pages in states that one clinic's plain story does not have: nobody is shut out of them.

Every page is opened once by ``test_every_staff_page``; here stands what a page looks like when
there is something on it to decide, to compare, to give back or to print.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import Engine

from app.auth.guards import STAFF_COOKIE
from app.consent.forms.services.review_form import (
    pass_clinical_review,
    pass_legal_review,
    publish_form,
)
from app.consent.forms.services.write_form import change_draft, copy_version, submit_draft
from app.consent.paper.services.print_paper import print_blanks, use_blank
from app.kit.clock import now
from app.photos.models import PhotoKind
from app.tenants.models import Role
from app.tenants.queries import get_location
from app.tenants.services.manage_qualification import verify_qualification
from tests.care.test_withdrawals import withdraw
from tests.consent.forms import block_of
from tests.consent.test_paper import Desk as PaperDesk
from tests.consent.test_second_person import ask, lift
from tests.contract import conftest as contract
from tests.factories.billing import make_purchase, pay_in
from tests.factories.care import make_consented_visit
from tests.factories.consent import MadeConsent, make_asked_consent, make_signed_consent
from tests.factories.holds import approve_standing, make_held, open_hold_of
from tests.factories.photos import agree_to_photos, make_photo, photograph
from tests.factories.plans import MadePlan, make_discussed_plan, make_visit
from tests.factories.tenants import MadeClinic, add_staff, make_clinic, qualify
from tests.journeys.test_every_staff_page import OPENED, STEP_UP
from tests.journeys.test_holds import put_cookie
from tests.journeys.test_staff_day import Visitor
from tests.support.api import Api
from tests.support.signer import Signer

superuser = contract.superuser
# A word of what the page is opened for, so that none of them shows an empty state instead.
SHOWN = {
    "a form that was changed": "Tell us about every oil.",
    "a form in review": "Send it back",
    "the queue of holds": "Somebody has to decide",
    "a hold to decide": "What do you decide?",
    "a hold that waits for a second": "Waits for a second person",
    "a second person": "Do you agree?",
    "a signed consent": "Confirm",
    "a consent to confirm": "Confirm the consent of",
    "ways to sign": "Show the code",
    "withdrawals": "Aoife Nguyễn",
    "a withdrawn consent": "The patient has taken their consent back.",
    "a wish for paper today": "Wants to sign on paper",
    "a wish for paper": "The patient wants to sign on paper.",
    "a patient's wish for paper": "Wants to sign on paper",
    "a plan's wish for paper": "Wants to sign on paper",
    "entered later": "Entered later.",
    "a plan that was entered later": "Signed on paper, entered later",
    "standing decisions": "The patient reads",
    "a standing decision": "Versions",
    "an album": "After",
    "before and after": "After",
}


@dataclass
class House:
    """A clinic, its owner's cookie, and the path of each state."""

    clinic: MadeClinic
    cookie: str = ""
    paths: dict[str, str] = field(default_factory=dict)
    plan: MadePlan | None = None


# Before the browser, whose event loop would hold the thread that sealing needs.
@pytest.fixture(scope="module", autouse=True)
def house(app: Flask, superuser: Engine) -> House:
    with app.app_context():
        found = House(make_clinic())
        for fill in (_forms, _holds, _signed, _withdrawn, _paper, _photos, _hours):
            fill(app, found)
    api = Api(app, found.clinic, found.clinic.owner)
    with superuser.begin() as connection:
        connection.execute(STEP_UP, {"person_id": found.clinic.owner.person_id})
    cookie = api.client.get_cookie(STAFF_COOKIE)
    assert cookie is not None
    found.cookie = cookie.value
    return found


def _forms(_app: Flask, house: House) -> None:
    """A form with a second version, and a third one in review."""
    asked = make_asked_consent(make_discussed_plan(house.clinic))
    with house.clinic.scope() as scope:
        version_id = asked.read(scope).form_version_id
    for number in range(2):
        with house.clinic.scope() as scope:
            draft = copy_version(scope, version_id=version_id)
            scope.session.flush()
            raw = json.loads(draft.content)
            raw["change"] = "material"
            block_of(raw, "ri-4")["text"] += " Tell us about every oil."
            change_draft(scope, draft_id=draft.id, content=raw, version=draft.version)
            version_id = submit_draft(scope, draft_id=draft.id, version=draft.version).id
        if number == 0:
            with house.clinic.scope() as scope:
                pass_clinical_review(scope, version_id=version_id)
                pass_legal_review(scope, version_id=version_id)
                publish_form(scope, version_id=version_id)
            house.paths["a form that was changed"] = f"/settings/forms/{version_id}/changes"
    house.paths["a form in review"] = f"/settings/forms/{version_id}"


def _holds(_app: Flask, house: House) -> None:
    """A hold to decide, one that waits for a second person, and a standing decision."""
    approve_standing(house.clinic)
    held_by = qualify(house.clinic, house.clinic.owner, registration_number="OWNER-2")
    checker = add_staff(house.clinic, Role.OWNER, name="Rhona Sinclair")
    with house.clinic.scope(checker) as scope:
        verify_qualification(scope, qualification_id=held_by)
    house.paths["standing decisions"] = "/settings/standing"
    house.paths["a standing decision"] = "/settings/standing/decide?rule=koebner"
    held = make_held(make_discussed_plan(house.clinic), pregnancy="yes", smoking="yes")
    house.paths["the queue of holds"] = "/holds"
    house.paths["a hold to decide"] = f"/holds/{open_hold_of(held).id}"
    pending = make_held(make_discussed_plan(house.clinic), bleeding_disorder="yes")
    lift(pending)
    ask(pending)
    hold = f"/holds/{open_hold_of(pending).id}"
    house.paths["a hold that waits for a second"] = hold
    house.paths["a second person"] = f"{hold}/second"


def _signed(_app: Flask, house: House) -> None:
    """A consent that waits to be signed, and one that waits to be confirmed."""
    sent = make_asked_consent(make_discussed_plan(house.clinic))
    house.paths["ways to sign"] = f"/consents/{sent.id}"
    asked = make_signed_consent(make_discussed_plan(house.clinic))
    house.paths["a signed consent"] = f"/consents/{asked.id}"
    house.paths["a consent to confirm"] = f"/consents/{asked.id}/attest"


def _withdrawn(_app: Flask, house: House) -> None:
    """A consent that was taken back, with a visit that stands and money that was paid."""
    ready = make_consented_visit(clinic=house.clinic)
    sold = make_purchase(house.clinic, patient_id=ready.made.patient_id)
    pay_in(house.clinic, sold, 5000)
    withdraw(ready)
    assert ready.consent is not None
    house.paths["withdrawals"] = "/withdrawals"
    house.paths["a withdrawn consent"] = f"/consents/{ready.consent.consent_id}"


def _paper(app: Flask, house: House) -> None:
    """Somebody who wants paper, and a consent that was signed on paper and entered later."""
    wish = make_asked_consent(make_discussed_plan(house.clinic))
    make_visit(wish.made, planned_at=now() + timedelta(minutes=1))
    patient = Signer(app, wish)
    patient.identify()
    patient.post("/sign/electronic", {"way": "paper"}, 200)
    house.paths["a wish for paper today"] = "/today"
    house.paths["a wish for paper"] = f"/consents/{wish.id}"
    house.paths["a patient's wish for paper"] = f"/patients/{wish.made.patient_id}"
    house.paths["a plan's wish for paper"] = f"/plans/{wish.made.plan_id}"
    later = _entered_later(make_asked_consent(make_discussed_plan(house.clinic)))
    house.paths["entered later"] = f"/consents/{later.id}"
    house.paths["a plan that was entered later"] = f"/plans/{later.made.plan_id}"


def _entered_later(asked: MadeConsent) -> MadeConsent:
    desk = PaperDesk(asked)
    with desk.clinic.scope() as scope:
        version_id = asked.read(scope).form_version_id
        place = desk.clinic.location_id
        (blank,) = print_blanks(scope, form_version_id=version_id, location_id=place, many=1)
        number = blank.number
    with desk.clinic.scope(desk.front) as scope:
        desk.paper_id = use_blank(scope, consent_id=asked.id, number=number).id
    assert desk.answer()
    desk.scan()
    desk.confirm()
    return asked


def _photos(_app: Flask, house: House) -> None:
    """Before and after, side by side."""
    made = make_discussed_plan(house.clinic)
    agree_to_photos(made)
    before = make_photo(made, data=photograph(60))
    after = make_photo(made, data=photograph(160), kind=PhotoKind.AFTER)
    album = f"/patients/{made.patient_id}/photos"
    house.paths["an album"] = album
    house.paths["before and after"] = f"{album}/compare?before={before.id}&after={after.id}"


def _hours(_app: Flask, house: House) -> None:
    """A location that is open on Tuesdays alone, and a visit on another day."""
    house.plan = make_discussed_plan(house.clinic)
    make_visit(house.plan, planned_at=now() + timedelta(days=30))
    with house.clinic.scope() as scope:
        hours = {"week": {"tue": [["09:00", "17:00"]]}, "days": []}
        get_location(scope, house.clinic.location_id).opening_hours = hours


@pytest.fixture
def context_options() -> dict[str, Any]:
    return {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}


@pytest.fixture
def visitor(page: Page, context: BrowserContext, address: str, house: House) -> Visitor:
    put_cookie(context, address, STAFF_COOKIE, house.cookie)
    found = Visitor(page, address)
    found.clinic = f"/clinics/{house.clinic.tenant_id}"
    return found


def test_every_state_was_made(house: House) -> None:
    assert set(house.paths) == set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_nobody_is_shut_out_of_a_page_in_its_state(
    visitor: Visitor, house: House, name: str
) -> None:
    visitor.go(house.paths[name])
    visitor.page.evaluate(OPENED)

    visitor.reads(SHOWN[name])
    visitor.look()


def test_the_question_about_a_closed_location_shuts_nobody_out(
    visitor: Visitor, house: House
) -> None:
    assert house.plan is not None
    visitor.go(f"/plans/{house.plan.plan_id}/visits/new")
    visitor.day("planned_at", 22, 11, 2090)
    visitor.fill(planned_at_time="19:00")
    visitor.press("Plan the visit")
    visitor.reads("The location is closed then. Plan the visit anyway?")


def test_the_question_about_visits_outside_new_hours_shuts_nobody_out(
    visitor: Visitor, house: House
) -> None:
    visitor.go(f"/settings/locations/{house.clinic.location_id}")
    visitor.fill(open_tue="09:00-10:00")
    visitor.press("Save")
    visitor.reads("Do they come although it is closed?")
