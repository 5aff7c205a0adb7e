"""A form's pages speak its language, whoever opens them; the clinic's own pages stay English."""

import pytest
from flask import Flask

from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.services.request_consent import request_consent
from tests.factories.consent import MadeConsent
from tests.factories.plans import make_discussed_plan
from tests.support.signer import Signer


def ask_in(locale: str) -> MadeConsent:
    """Publish the mechanical form in a language, and ask for consent with it."""
    made = make_discussed_plan(language=locale)
    with made.clinic.scope() as scope:
        publish_shipped_form(scope, locale=locale)
    with made.clinic.scope(made.practitioner) as scope:
        asked = request_consent(scope, plan_id=made.plan_id)
    return MadeConsent(made, asked.consent.id, asked.link.partition("#")[2], asked.short_code)


@pytest.mark.parametrize(
    ("locale", "frame", "heading"),
    [
        ("de", '<html lang="de" dir="ltr"', "Zuerst: Sind Sie es?"),
        ("ar", '<html lang="ar" dir="rtl"', "أولًا، هل هذا أنت؟"),
        ("en", '<html lang="en" dir="ltr"', "First, is it you?"),
    ],
)
def test_pages_speak_the_language_of_the_form(
    context: Flask, locale: str, frame: str, heading: str
) -> None:
    signer = Signer(context, ask_in(locale))
    signer.exchange()

    signer.get("/sign/identity")

    assert frame in signer.page.text
    assert heading in signer.page.text


def test_a_link_of_which_nobody_is_known_speaks_as_the_browser_does(context: Flask) -> None:
    client = context.test_client()

    page = client.get("/sign", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
    wished = client.get("/sign?lang=ar", headers={"Accept-Language": "de"})
    plain = client.get("/sign", headers={"Accept-Language": "fr"})

    assert "Ihr Einwilligungsformular" in page.text
    assert 'dir="rtl"' in wished.text
    assert "Your consent form" in plain.text


def test_what_a_script_says_later_holds_no_marks(context: Flask) -> None:
    signer = Signer(context, ask_in("ar"))
    signer.reach_questions()

    assert 'data-text-saved="حُفظ في الساعة \u2068{time}\u2069"' in signer.page.text
    assert "&lt;bdi" not in signer.page.text
