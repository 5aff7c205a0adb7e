"""Packages, sales and payments through the API."""

from typing import Any

import pytest
from flask import Flask

from app.billing.payments.queries import list_attempts
from app.tenants.models import Role
from tests.billing.shop import Shop, choose
from tests.factories.billing import TERMS, make_package, make_purchase, make_selling_clinic
from tests.factories.plans import make_patient
from tests.factories.tenants import PROCEDURE, MadeClinic, add_staff
from tests.support.api import Api
from tests.support.signer import TOKEN


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_selling_clinic()


@pytest.fixture
def api(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, clinic.owner)


def package(clinic: MadeClinic, **changes: Any) -> dict[str, Any]:
    return {
        "location_id": str(clinic.location_id),
        "code": "FACE-PEN-6",
        "name": "Face, six treatments",
        "procedure_id": PROCEDURE,
        "sessions": 6,
        "price_minor": 49990,
        "deposit_kind": "percent",
        "deposit_value": "33.3",
        "terms": TERMS,
        **changes,
    }


class TestPackages:
    def test_a_package_is_offered_and_quoted(self, api: Api, clinic: MadeClinic) -> None:
        made = api.post("/packages", package(clinic))

        quote = api.get(f"/packages/{made['id']}/quote")

        assert (made["currency"], made["deposit_value"]) == ("GBP", 3330)
        assert quote["deposit_minor"] == 16647
        assert quote["session_prices"] == [8332] * 4 + [8331] * 2

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"deposit_kind": "fixed", "deposit_value": "60000"}, "deposit_value"),
            ({"deposit_kind": "fixed", "deposit_value": "29"}, "deposit_value"),
            ({"deposit_kind": "sometimes"}, "deposit_kind"),
            ({"price_minor": 499.9}, "price_minor"),
            ({"price_minor": "49990"}, "price_minor"),
            ({"price_minor": -1}, "price_minor"),
            ({"price_minor": 10**15}, "price_minor"),
            ({"sessions": 0}, "sessions"),
            ({"sessions": 25}, "sessions"),
            ({"procedure_id": "alchemy"}, "procedure_id"),
            ({"name": "a\u202eb"}, "name"),
            ({"code": "  "}, "code"),
            ({"currency": "JPY"}, "currency"),
        ],
    )
    def test_what_cannot_be_sold_is_refused_by_its_field(
        self, api: Api, clinic: MadeClinic, changes: dict[str, Any], field: str
    ) -> None:
        answer = api.post("/packages", package(clinic, **changes), expect=422)

        assert field in answer["fields"]
        assert api.get("/packages") == []

    def test_a_retired_package_is_sold_no_more(self, api: Api, clinic: MadeClinic) -> None:
        made = api.post("/packages", package(clinic))
        patient_id, _ = make_patient(clinic)
        api.client.delete(api.url(f"/packages/{made['id']}"), headers={"X-CSRF-Token": api.csrf})

        assert api.get("/packages") == []
        body = {"package_id": made["id"], "patient_id": str(patient_id)}
        assert api.post("/purchases", body, expect=404)["code"] == "package_unknown"

    def test_the_front_desk_sells_but_sets_no_prices(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        desk = Api(context, clinic, add_staff(clinic, Role.FRONT_DESK))

        assert desk.get("/packages") == []
        desk.post("/packages", package(clinic), expect=403)
        desk.get("/ledger", expect=403)


class TestPurchases:
    def test_a_later_change_of_the_offer_does_not_reach_a_sale(
        self, api: Api, clinic: MadeClinic
    ) -> None:
        sale = make_purchase(clinic)

        found = api.get(f"/purchases/{sale.id}")

        assert (found["price_minor"], found["deposit_minor"]) == (52650, 5000)
        assert len(found["terms_sha256"]) == 64

    def test_a_caller_cannot_name_a_price(self, api: Api, clinic: MadeClinic) -> None:
        patient_id, _ = make_patient(clinic)
        body = {"package_id": str(make_package(clinic).id), "patient_id": str(patient_id)}

        answer = api.post("/purchases", body | {"price_minor": 1}, expect=422)

        assert "price_minor" in answer["fields"]

    def test_the_same_request_twice_is_one_sale(self, api: Api, clinic: MadeClinic) -> None:
        patient_id, _ = make_patient(clinic)
        body = {"package_id": str(make_package(clinic).id), "patient_id": str(patient_id)}

        first, again = (api.post("/purchases", body, key="one sale only") for _ in range(2))

        assert first["id"] == again["id"]

    def test_another_clinics_ids_do_not_exist(self, context: Flask, api: Api) -> None:
        other = make_selling_clinic()
        sale = make_purchase(other)
        patient_id, _ = make_patient(other)
        own, _ = make_patient(api.clinic)

        api.get(f"/purchases/{sale.id}", expect=404)
        api.get(f"/packages/{sale.package_id}/quote", expect=404)
        for package_id, buyer in ((sale.package_id, own), (make_package(other).id, patient_id)):
            body = {"package_id": str(package_id), "patient_id": str(buyer)}
            api.post("/purchases", body, expect=404)
        api.post(f"/purchases/{sale.id}/pay-link", expect=404)
        api.post(f"/purchases/{sale.id}/checkout", {}, expect=404)


class TestPayments:
    def test_a_deposit_is_started_paid_and_checked(self, shop: Shop) -> None:
        api = Api(shop.app, shop.clinic, shop.clinic.owner)
        started = api.post(f"/purchases/{shop.purchase.id}/checkout", {})
        assert started["state"] == "open"
        choose(shop.attempt(shop.attempts()[0].id), "pay")
        assert shop.sim.wait_idle()

        checked = api.post(f"/payments/{started['id']}/check", expect=200)
        found = api.post("/ledger/reconcile", expect=200)

        assert (checked["state"], checked["amount_minor"]) == ("paid", 5000)
        assert found["is_clean"]
        assert found["drifts"] == [
            {"currency": "GBP", "clearing_minor": 4905, "stripe_minor": 4905, "drift_minor": 0}
        ]
        nets = {one["kind"]: one["net_minor"] for one in api.get("/ledger")}
        assert nets["patient_credit"] == -5000
        refused = api.post(f"/purchases/{shop.purchase.id}/checkout", {}, expect=409)
        assert refused["code"] == "nothing_to_pay"

    def test_the_balance_waits_for_the_deposit(self, shop: Shop) -> None:
        api = Api(shop.app, shop.clinic, shop.clinic.owner)
        path = f"/purchases/{shop.purchase.id}/checkout"

        assert api.post(path, {"purpose": "balance"}, expect=409)["code"] == "deposit_first"
        api.post(path, {"purpose": "tip"}, expect=422)

    def test_silence_is_503_and_the_same_request_goes_on(self, shop: Shop) -> None:
        api = Api(shop.app, shop.clinic, shop.clinic.owner)
        path = f"/purchases/{shop.purchase.id}/checkout"
        shop.sim.fault("drop_after", method="POST", path="/v1/checkout/sessions")

        refused = api.post(path, {}, expect=503, key="the same press")
        again = api.post(path, {}, key="the same press")

        assert refused["code"] == "stripe_unreachable"
        assert again["state"] == "open"
        assert len(shop.attempts()) == 1

    def test_a_link_opens_one_purchase_and_a_newer_one_ends_it(self, shop: Shop) -> None:
        api = Api(shop.app, shop.clinic, shop.clinic.owner)
        path = f"/purchases/{shop.purchase.id}/pay-link"
        old, new = (api.post(path)["link"].rpartition("#")[2] for _ in range(2))
        visitor = shop.app.test_client()

        refused = visitor.post("/api/v1/pay/exchange", json={"token": old})
        opened = visitor.post("/api/v1/pay/exchange", json={"token": new})

        assert (refused.status_code, refused.get_json()["code"]) == (410, "link_not_usable")
        assert opened.get_json() == {"location": "/pay/deposit"}
        for nonsense in ({}, [], {"token": 7}, {"token": ""}, {"token": "x" * 9999}):
            assert visitor.post("/api/v1/pay/exchange", json=nonsense).status_code == 410

    def test_without_a_session_the_payment_pages_show_nothing(self, shop: Shop) -> None:
        visitor = shop.app.test_client()

        assert visitor.get("/pay/deposit").status_code == 410
        assert visitor.post("/pay/deposit").status_code == 410
        assert visitor.get("/pay/receipt").status_code == 410
        assert "cannot show your payment" in visitor.get("/pay/done?cs=cs_test_1").text

    def test_cve_2026_25147_a_payer_names_nobody_elses_payment(self, shop: Shop) -> None:
        api = Api(shop.app, shop.clinic, shop.clinic.owner)
        patient_id, _ = make_patient(shop.clinic, name="Quillaja Saponaria")
        other = make_purchase(shop.clinic, patient_id=patient_id, price_minor=99900)
        link = api.post(f"/purchases/{shop.purchase.id}/pay-link")["link"]
        payer = shop.app.test_client()
        payer.post("/api/v1/pay/exchange", json={"token": link.rpartition("#")[2]})
        own = payer.get("/pay/deposit").text
        named = {"purchase_id": str(other.id), "patient_id": str(patient_id), "id": str(other.id)}
        token = TOKEN.search(own)
        assert token is not None

        assert payer.get("/pay/deposit", query_string=named).text == own
        payer.post("/pay/deposit", data={**named, "csrf_token": token.group(1)})

        assert [one.purchase_id for one in shop.attempts()] == [shop.purchase.id]
        with shop.clinic.scope() as scope:
            assert list_attempts(scope, other.id) == []
        api.get(f"/purchases/{shop.purchase.id}")
        assert payer.get(api.url(f"/purchases/{other.id}")).status_code == 401

    def test_a_clinic_that_is_not_connected_is_told_so(self, shop: Shop) -> None:
        clinic = make_selling_clinic()
        api = Api(shop.app, clinic, clinic.owner)
        sale = make_purchase(clinic)

        refused = api.post(f"/purchases/{sale.id}/checkout", {}, expect=409)

        assert refused["code"] == "online_payments_off"
        api.get("/stripe-account", expect=409)
        made = api.post("/stripe-account", {"country": "GB", "currency": "GBP"})
        assert made["can_take_cards"] is False
        again = api.post("/stripe-account", {"country": "GB", "currency": "GBP"}, expect=409)
        assert again["code"] == "account_connected"

    def test_a_currency_that_would_be_converted_is_not_taken_online(self, shop: Shop) -> None:
        other = Shop.open(shop.app, shop.sim, shop.run_jobs, currency="JPY", price_minor=75600)
        assert other.start().currency == "JPY"
        clinic = make_selling_clinic(currency="USD")
        api = Api(shop.app, clinic, clinic.owner)
        api.post("/stripe-account", {"country": "GB", "currency": "GBP"})
        account = api.get("/stripe-account")["account_id"]
        shop.sim.onboard(account)
        assert api.post("/stripe-account/check", expect=200)["can_take_cards"] is True

        sale = make_purchase(clinic)
        refused = api.post(f"/purchases/{sale.id}/checkout", {}, expect=409)

        assert "USD" in refused["detail"]

    def test_no_key_means_no_online_payments(self, context: Flask, clinic: MadeClinic) -> None:
        api = Api(context, clinic, clinic.owner)
        sale = make_purchase(clinic)

        refused = api.post(f"/purchases/{sale.id}/checkout", {}, expect=409)

        assert refused["code"] == "online_payments_off"
