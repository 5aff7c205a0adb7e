"""An interpreter and a witness at a patient's phone, by the keyboard alone, up to the signature."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from app.auth.cookies import SIGN_COOKIE
from app.consent.forms.choose_form import WantedForm
from app.consent.signing.services.join_signing import NewParty, add_party
from app.consent.ways.services.open_link import renew_session
from app.patients.queries import get_patient
from tests.consent.test_ways import sealed_text
from tests.factories.consent import (
    MadeConsent,
    answer,
    make_identified_consent,
    read_and_understand,
)
from tests.factories.plans import make_discussed_plan
from tests.journeys import test_signing_interrupted as by_keyboard
from tests.journeys.test_holds import put_cookie
from tests.journeys.test_staff_day import Visitor
from tests.support.signer import state_of

HAND_OVER = "Put my name to it"
WRONG_LINKS = """() => [...document.querySelectorAll('.summary-of-errors a')]
  .filter((one) => !document.querySelector(one.hash)).map((one) => one.hash)"""
TOO_SMALL = """() => [...document.querySelectorAll('main .choice, main button, main .field')]
  .map((one) => [one.textContent.trim() || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44).map(([name]) => name)"""


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A small phone held upright."""
    return {"viewport": by_keyboard.UPRIGHT, "has_touch": True, "reduced_motion": "reduce"}


@pytest.fixture
def ready(app: Flask) -> tuple[MadeConsent, str]:
    """A patient who reads with an interpreter, and a witness whom the clinic has added."""
    with app.app_context():
        made = make_discussed_plan(language="ar", interpreter="Samira Haddad")
        asked = make_identified_consent(made, WantedForm(locale="en"))
        assert answer(asked).is_stored
        read_and_understand(asked)
        with made.clinic.scope() as scope:
            get_patient(scope, made.patient_id).interpreter = "spoken"
        with made.clinic.scope(made.practitioner) as scope:
            add_party(scope, consent_id=asked.id, wanted=NewParty("witness", "Ewan Kerr"))
        with made.clinic.scope() as scope:
            return asked, renew_session(scope, asked.id)


def press(page: Page, address: str, **typed: str) -> None:
    """Fill the page by the keyboard and send it."""
    kept = dict(by_keyboard.TYPED)
    by_keyboard.TYPED.clear()
    by_keyboard.TYPED.update(typed)
    by_keyboard.BUTTONS.add(HAND_OVER)
    assert page.evaluate(TOO_SMALL) == []
    try:
        by_keyboard.press_through(page, address)
    finally:
        by_keyboard.TYPED.clear()
        by_keyboard.TYPED.update(kept)
        by_keyboard.BUTTONS.discard(HAND_OVER)


def is_told(page: Page, address: str, said: str) -> None:
    """What was wrong is told above the form, and its link leads to the field."""
    assert said in page.inner_text(".summary-of-errors")
    assert page.evaluate("document.activeElement.className") == "summary-of-errors"
    assert page.evaluate(WRONG_LINKS) == []
    Visitor(page, address).look()


def test_an_interpreter_and_a_witness_put_their_names_to_it_and_the_patient_signs(
    ready: tuple[MadeConsent, str],
    page: Page,
    context: BrowserContext,
    address: str,
    app: Flask,
) -> None:
    asked, cookie = ready
    put_cookie(context, address, SIGN_COOKIE, cookie)
    page.goto(f"{address}/sign/signature")
    page.wait_for_url("**/sign/people")
    page.wait_for_selector("html[data-ready]")
    assert page.get_by_label("Into which language?").input_value() == "Arabic"

    press(page, address, reference="Kirin Interpreting 4471")
    is_told(page, address, "name")
    press(page, address, name="Samira Haddad")

    # Whoever was added first is asked first.
    assert "Please hand the device to Ewan Kerr" in page.inner_text("main")
    press(page, address)
    is_told(page, address, "name")
    press(page, address, party_name="Ewan Kerr")
    assert "Please hand the device to Samira Haddad" in page.inner_text("main")
    assert "into Arabic, completely and truthfully" in page.inner_text(".statement")
    press(page, address, party_name="Samira Haddad")

    page.wait_for_url("**/sign/signature")
    press(page, address, full_name="Aoife Nguyễn")
    page.wait_for_url("**/sign/receipt")
    with app.app_context():
        with asked.made.clinic.scope() as scope:
            assert state_of(scope, asked) == "signed"
        text = sealed_text(asked)
    assert "Samira Haddad, Arabic, in the room, Kirin Interpreting 4471" in text
    assert "Ewan Kerr" in text
