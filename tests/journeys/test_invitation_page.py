"""The page of an invitation on a small phone whose font has not arrived, with very long words."""

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.tenants.models import Role
from app.tenants.services.invite_staff import NewInvitation, invite_staff
from tests.factories.tenants import make_clinic, unique_email
from tests.journeys.test_staff_day import OVERFLOW
from tests.tenants.test_invitations import tokens_sent

LONG = "Donaudampfschifffahrtsgesellschaftskapitänshautarztgemeinschaftspraxis"
LARGE = """() => {
  document.documentElement.style.fontSize = "200%";
  document.documentElement.style.fontFamily = "monospace";
}"""


@pytest.fixture
def context_options() -> dict[str, object]:
    """A small phone."""
    return {"viewport": {"width": 320, "height": 640}, "reduced_motion": "reduce"}


@pytest.mark.parametrize("name", [f"{LONG} GmbH", "The Royal Borough Skin & Needling Rooms Ltd"])
def test_nothing_overflows_before_the_font_is_there(
    app: Flask, page: Page, address: str, name: str
) -> None:
    asked: list[str] = []
    page.route("**/*.woff2", lambda route: (asked.append(route.request.url), route.abort())[1])
    with app.app_context():
        clinic = make_clinic(name=name)
        email = unique_email("a.very.long.name.of.somebody.who.is.invited.to.the.team")
        with clinic.scope() as scope:
            invite_staff(scope, NewInvitation(email, Role.PRACTITIONER))
        token = tokens_sent(clinic, email)[0]
    page.goto(f"{address}/invitation#{token}")
    page.get_by_role("button", name="Open my invitation").click()
    page.wait_for_url("**/invitation/accept")

    assert asked, "the page asks for no font, so that this shows nothing"
    assert page.evaluate(OVERFLOW) <= 0
    page.evaluate(LARGE)
    assert page.evaluate(OVERFLOW) <= 0
