"""The staff's pages about money, without a browser: what each says when something is amiss."""

import uuid
from datetime import date

import pytest
from werkzeug.test import TestResponse

from app.billing.models import AttemptState
from app.patients.services.add_patient import NewPatient, add_patient
from tests.billing.shop import Shop, choose
from tests.factories.billing import make_purchase, make_selling_clinic
from tests.factories.tenants import MadeClinic
from tests.support.api import Api


class Desk:
    """A signed-in person who reads pages and sends forms."""

    def __init__(self, shop: Shop, clinic: MadeClinic | None = None) -> None:
        self.clinic = clinic or shop.clinic
        self.api = Api(shop.app, self.clinic, self.clinic.owner)

    def read(self, path: str) -> TestResponse:
        return self.api.client.get(f"/clinics/{self.clinic.tenant_id}{path}")

    def send(self, path: str, **fields: str) -> TestResponse:
        data = {"csrf_token": self.api.csrf, "idempotency_key": uuid.uuid4().hex, **fields}
        return self.api.client.post(f"/clinics/{self.clinic.tenant_id}{path}", data=data)


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


def test_a_patient_without_an_address_is_sent_no_link(shop: Shop, desk: Desk) -> None:
    with shop.clinic.scope() as scope:
        wanted = NewPatient("Ana", date(1990, 1, 1), shop.clinic.location_id)
        patient = add_patient(scope, wanted)
    sale = make_purchase(shop.clinic, patient_id=patient.id)

    refused = desk.send(f"/purchases/{sale.id}/send-link")

    assert (refused.status_code, "no email address" in refused.text) == (422, True)
    assert "data:image/svg" in desk.send(f"/purchases/{sale.id}/show-code").text


def test_a_paid_deposit_needs_no_link(shop: Shop, desk: Desk) -> None:
    attempt = shop.settle(shop.pay().id)

    refused = desk.send(f"/purchases/{shop.purchase.id}/show-code")

    assert (refused.status_code, "none was agreed" in refused.text) == (409, True)
    assert desk.read(f"/payments/{attempt.id}/receipt").status_code == 404
    shop.run_jobs()
    assert desk.read(f"/payments/{attempt.id}/receipt").data.startswith(b"%PDF")


def test_the_desk_can_ask_stripe_about_a_payment(shop: Shop, desk: Desk) -> None:
    attempt = shop.pay()
    assert "Ask Stripe now" in desk.read(f"/purchases/{shop.purchase.id}").text

    asked = desk.send(f"/payments/{attempt.id}/check")

    assert asked.status_code == 303
    assert shop.attempt(attempt.id).state == AttemptState.PAID


def test_the_ledger_page_says_by_how_much_it_differs(shop: Shop, desk: Desk) -> None:
    assert "No money has moved yet" in desk.read("/ledger").text
    attempt = shop.start()
    with shop.sim._core.unit():
        session = shop.sim._core.store.find(attempt.checkout_session_id)
        assert session is not None
        shop.sim._core.store.put(shop.account, session | {"client_reference_id": "not ours"})
    choose(attempt, "pay")
    assert shop.sim.wait_idle()

    page = desk.send("/ledger").text

    assert "The ledger and Stripe differ" in page
    assert "-£49.05 GBP" in page


def test_an_owner_connects_the_clinic_and_is_sent_to_stripe(shop: Shop) -> None:
    clinic = make_selling_clinic()
    desk = Desk(shop, clinic)
    page = desk.read("/settings/payments")
    assert "Connect to Stripe" in page.text
    assert shop.sim.url in page.headers["Content-Security-Policy"]

    assert desk.send("/settings/payments", country="XX", currency="GBP").status_code == 422
    assert desk.send("/settings/payments", country="GB", currency="GBP").status_code == 303
    assert "Stripe still has questions" in desk.read("/settings/payments").text
    led = desk.send("/settings/payments/onboard")

    assert led.headers["Location"].startswith(shop.sim.url)
    again = desk.send("/settings/payments", country="GB", currency="GBP")
    assert (again.status_code, "connected to Stripe already" in again.text) == (409, True)


def test_onboarding_without_an_answer_says_so(shop: Shop, desk: Desk) -> None:
    shop.sim.fault("503_before", method="POST", path="/v2/*", times=5)

    assert desk.send("/settings/payments/onboard").status_code == 503


def test_a_package_is_taken_off_the_offer(shop: Shop, desk: Desk) -> None:
    assert "Face, three treatments" in desk.read("/packages").text

    assert desk.send(f"/packages/{shop.purchase.package_id}/retire").status_code == 303

    assert "No package is on offer" in desk.read("/packages").text
    assert desk.read(f"/purchases/{shop.purchase.id}").status_code == 200


def test_a_sale_needs_a_choice(shop: Shop, desk: Desk) -> None:
    refused = desk.send(f"/patients/{shop.purchase.patient_id}/purchases/new")

    assert (refused.status_code, "Choose a package" in refused.text) == (422, True)
