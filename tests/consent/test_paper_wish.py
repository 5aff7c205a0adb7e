"""Staff see who wants paper instead of a screen, and which consent was entered later."""

from datetime import timedelta

import pytest
from flask import Flask

from app.consent.paper.services.print_paper import print_blanks, use_blank
from app.kit.clock import now
from tests.consent.test_paper import Desk as PaperDesk
from tests.factories.consent import MadeConsent, make_asked_consent
from tests.factories.plans import make_discussed_plan, make_visit
from tests.support.api import Api
from tests.support.pages import Desk
from tests.support.signer import Signer

WISH = "Wants to sign on paper"
LATER = "Signed on paper, entered later"


@pytest.fixture
def asked(context: Flask) -> MadeConsent:
    asked = make_asked_consent(make_discussed_plan())
    make_visit(asked.made, planned_at=now() + timedelta(minutes=1))
    return asked


def pages_of(app: Flask, asked: MadeConsent) -> dict[str, str]:
    made = asked.made
    desk = Desk(app, made.clinic, made.practitioner)
    paths = ("/today", f"/patients/{made.patient_id}", f"/plans/{made.plan_id}")
    return {path: desk.read(path) for path in paths}


def status_of(app: Flask, asked: MadeConsent) -> dict[str, object]:
    return Api(app, asked.made.clinic, asked.made.practitioner).get(f"/consents/{asked.id}")


def test_a_wish_for_paper_is_shown_until_the_patient_goes_on_on_the_screen(
    context: Flask, asked: MadeConsent
) -> None:
    assert not any(WISH in page for page in pages_of(context, asked).values())
    assert status_of(context, asked)["paper_wished_at"] is None
    patient = Signer(context, asked)
    patient.identify()
    patient.post("/sign/electronic", {"way": "paper"}, 200)

    shown = pages_of(context, asked)
    assert all(WISH in page for page in shown.values())
    assert "Print the form" in shown["/today"]
    assert status_of(context, asked)["paper_wished_at"] is not None
    own = Desk(context, asked.made.clinic, asked.made.practitioner).read(f"/consents/{asked.id}")
    assert "The patient wants to sign on paper." in own

    patient.get("/sign/electronic")
    patient.go("/sign/electronic", {"way": "screen"})
    assert not any(WISH in page for page in pages_of(context, asked).values())
    assert status_of(context, asked)["paper_wished_at"] is None


def test_what_was_entered_later_says_so_wherever_staff_look(
    context: Flask, asked: MadeConsent
) -> None:
    desk = PaperDesk(asked)
    with desk.clinic.scope() as scope:
        version_id = asked.read(scope).form_version_id
        (blank,) = print_blanks(
            scope, form_version_id=version_id, location_id=desk.clinic.location_id, many=1
        )
        number = blank.number
    with desk.clinic.scope(desk.front) as scope:
        desk.paper_id = use_blank(scope, consent_id=asked.id, number=number).id
    assert desk.answer()
    desk.scan()
    assert status_of(context, asked)["is_entered_later"] is False
    desk.confirm()

    shown = pages_of(context, asked)
    assert [path for path, page in shown.items() if LATER not in page] == []
    assert status_of(context, asked)["is_entered_later"] is True
    own = Desk(context, asked.made.clinic, asked.made.practitioner).read(f"/consents/{asked.id}")
    assert "Entered later. This was signed on paper and entered afterwards" in own
