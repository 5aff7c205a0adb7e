"""What a patient is told about their data before the first question about health."""

from dataclasses import replace

import pytest
from flask import Flask

from app.consent.errors import PrivacyChanged
from app.consent.signing.privacy import privacy_notice
from app.consent.signing.services.read_form import accept_electronic
from app.kit.speech import speaking
from app.tenants.place_queries import get_settings
from app.tenants.queries import get_clinic
from app.tenants.services.save_settings import NewSettings, save_settings
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import MadeClinic
from tests.support.signer import Signer

OWN = "We are Tern & Thistle.\n\nAsk <Rhona> about your data."


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    return make_asked_consent(make_discussed_plan())


def tell(clinic: MadeClinic, text: str) -> None:
    """Let the owner write the clinic's own notice."""
    with clinic.scope() as scope:
        held, version = get_settings(scope), get_clinic(scope).version
        wanted = NewSettings(
            held.legal_name,
            held.address,
            held.brand_colour,
            tuple(held.languages),
            held.retention_years,
        )
        save_settings(scope, replace(wanted, privacy_notice=text), version=version)


def test_the_clinics_own_notice_is_read_before_the_first_question(
    context: Flask, asked: MadeConsent
) -> None:
    tell(asked.made.clinic, OWN)
    signer = Signer(context, asked)

    assert signer.identify() == "/sign/electronic"
    page = signer.get("/sign/electronic").text
    assert signer.go("/sign/electronic", {"way": "screen"}) == "/sign/questions"

    assert "We are Tern &amp; Thistle." in page
    assert "Ask &lt;Rhona&gt; about your data." in page
    with asked.made.clinic.scope() as scope:
        consent, notice = asked.read(scope), privacy_notice(scope)
        assert consent.privacy_sha256 == bytes.fromhex(notice.sha256)
        assert consent.privacy_shown_at == consent.electronic_accepted_at


def test_nobody_goes_on_with_a_notice_that_was_changed_meanwhile(
    context: Flask, asked: MadeConsent
) -> None:
    signer = Signer(context, asked)
    signer.identify()
    signer.get("/sign/electronic")
    tell(asked.made.clinic, OWN)

    again = signer.post("/sign/electronic", {"way": "screen"}, expect=409)

    assert "This was changed while you had the page open" in again.text
    assert "We are Tern &amp; Thistle." in again.text
    with asked.made.clinic.scope() as scope:
        assert asked.read(scope).electronic_accepted_at is None


def test_each_language_has_a_notice_of_its_own(asked: MadeConsent) -> None:
    with asked.made.clinic.scope() as scope:
        english = privacy_notice(scope)
        with speaking("ar"):
            arabic = privacy_notice(scope)

    assert english.sha256 != arabic.sha256
    assert len(english.lines) == len(arabic.lines)


def test_a_page_that_showed_no_notice_is_refused(context: Flask, asked: MadeConsent) -> None:
    signer = Signer(context, asked)
    signer.identify()

    with asked.made.clinic.scope() as scope, pytest.raises(PrivacyChanged):
        accept_electronic(scope, consent_id=asked.id, privacy_sha256="")
