"""Every staff page, from the route table: nobody is shut out of it, on no screen.

Each is looked at with all that it folds away, by axe, at 320 px and with text twice as large. A new
page is in here as soon as its blueprint is registered.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import Engine, text

from app.auth.guards import STAFF_COOKIE
from tests.contract import conftest as contract
from tests.contract.test_routes import CELLS, whole_story
from tests.journeys.test_staff_day import Visitor
from tests.support.api import Api
from tests.support.route_table import CONVERTER, is_for_programs

superuser = contract.superuser
PAGES = [rule for method, rule in CELLS if method == "GET" and not is_for_programs(rule)]
STEP_UP = text(
    # For as long as all pages need on a slow machine.
    "UPDATE control.login_session SET stepped_up_at = now() + interval '1 hour'"
    " WHERE person_id = :person_id"
)


@dataclass(frozen=True)
class Owner:
    """An owner who is signed in to a clinic in which everything happened."""

    cookie: str
    ids: dict[str, str]

    def path(self, rule: str) -> str:
        """Return the path of a rule with the clinic's own ids."""
        return CONVERTER.sub(lambda one: self.ids.get(one.group(1), str(uuid.uuid4())), rule)


# Before the browser, whose event loop would hold the thread that sealing needs.
@pytest.fixture(scope="module", autouse=True)
def owner(app: Flask, superuser: Engine) -> Owner:
    with app.app_context():
        ids, made = whole_story()
    api = Api(app, made.clinic, made.clinic.owner)
    with superuser.begin() as connection:
        connection.execute(STEP_UP, {"person_id": made.clinic.owner.person_id})
    cookie = api.client.get_cookie(STAFF_COOKIE)
    assert cookie is not None
    named = {"clinic_id": made.clinic.tenant_id, **ids}
    return Owner(cookie.value, {name: str(value) for name, value in named.items()})


@pytest.fixture
def context_options() -> dict[str, Any]:
    return {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}


OPENED = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
# What a page has to be told in its address; without it, it leads elsewhere.
ASKED = {"/clinics/<uuid:clinic_id>/settings/standing/decide": "?rule=hsv_history_area"}


@pytest.mark.parametrize("rule", PAGES)
def test_nobody_is_shut_out_of_a_page(
    context: BrowserContext, page: Page, address: str, owner: Owner, rule: str
) -> None:
    path = owner.path(rule) + ASKED.get(rule, "")
    secure = address.replace("http:", "https:")
    cookie = {"name": STAFF_COOKIE, "value": owner.cookie, "url": secure, "secure": True}
    context.add_cookies([cookie])
    head = context.request.get(address + path, max_redirects=0)
    assert head.status == 200
    if "text/html" in head.headers["content-type"]:
        visitor = Visitor(page, address)
        visitor.go(f"~{path}")
        page.evaluate(OPENED)
        visitor.look()
