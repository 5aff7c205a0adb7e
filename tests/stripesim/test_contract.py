"""The judge itself: it must find what is wrong, and the simulator must leave nothing out."""

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import stripe

from stripesim import core
from stripesim.server import start
from tests.stripesim.shop import KEY, VERSION, Shop, api, choose
from tests.support.stripe_contract import (
    DAHLIA,
    ENDIVE,
    ContractRecorder,
    contract_for,
    load_document,
)
from tests.support.stripe_overlay import DIFFERENCES

CONTRACT = contract_for(ENDIVE)
FORM = "application/x-www-form-urlencoded"


def judge(path: str, **form: Any) -> list[str]:
    body = urlencode(form).encode()
    return CONTRACT.judge_request("POST", path, body=body, content_type=FORM)


def test_the_document_is_the_one_that_was_chosen() -> None:
    assert load_document()["info"]["version"] == DAHLIA


class TestRequests:
    def test_accepts_what_stripe_accepts(self) -> None:
        assert judge("/v1/customers", email="a@example.test", **{"metadata[a]": "1"}) == []

    def test_finds_an_unknown_parameter(self) -> None:
        assert "bogus" in judge("/v1/customers", bogus="1")[0]

    def test_finds_a_wrong_type_deep_inside(self) -> None:
        name = "line_items[0][price_data][unit_amount]"
        found = judge("/v1/checkout/sessions", **{name: "7.5"})
        assert any("'7.5' is not of type 'integer'" in sentence for sentence in found)

    def test_finds_a_word_that_is_not_in_the_list(self) -> None:
        assert "is not one of" in judge("/v1/checkout/sessions", mode="free")[0]

    def test_finds_a_missing_parameter(self) -> None:
        assert (
            "'url' is a required" in judge("/v1/webhook_endpoints", **{"enabled_events[]": "*"})[0]
        )

    def test_finds_an_address_that_does_not_exist(self) -> None:
        assert "no such endpoint" in judge("/v1/charge")[0]

    def test_finds_an_unknown_filter(self) -> None:
        assert "foo" in CONTRACT.judge_request("GET", "/v1/events", query="foo=1")[0]

    def test_reads_json_bodies(self) -> None:
        body = json.dumps({"dashboard": "gold"}).encode()
        assert "gold" in CONTRACT.judge_request("POST", "/v2/core/accounts", body=body)[0]

    @pytest.mark.parametrize(
        ("version", "name"),
        [(DAHLIA, "allowed_payment_method_types"), (ENDIVE, "payment_method_types")],
    )
    def test_each_version_refuses_the_name_of_the_other(self, version: str, name: str) -> None:
        body = urlencode({f"{name}[0]": "card"}).encode()
        found = contract_for(version).judge_request("POST", "/v1/checkout/sessions", body=body)
        assert name in found[0]


class TestAnswers:
    @pytest.fixture
    def charge(self, shop: Shop) -> dict[str, Any]:
        choose(shop.session().url, "pay")
        shop.sim.wait_idle()
        found: dict[str, Any] = shop.sim.events("charge.updated")[0]["data"]["object"]
        return found

    def found_in(self, body: dict[str, Any]) -> list[str]:
        return CONTRACT.judge_response("GET", "/v1/charges/ch_1", 200, json.dumps(body).encode())

    def test_a_true_charge_passes(self, charge: dict[str, Any]) -> None:
        assert self.found_in(charge) == []

    def test_finds_an_invented_field(self, charge: dict[str, Any]) -> None:
        assert "colour" in self.found_in({**charge, "colour": "blue"})[0]

    def test_finds_an_invented_field_deep_inside(self, charge: dict[str, Any]) -> None:
        charge["outcome"]["mood"] = "good"
        assert "mood" in self.found_in(charge)[0]

    def test_finds_a_wrong_type(self, charge: dict[str, Any]) -> None:
        assert "not of type 'integer'" in self.found_in({**charge, "amount": "5000"})[0]

    def test_finds_a_null_where_none_is_allowed(self, charge: dict[str, Any]) -> None:
        assert self.found_in({**charge, "currency": None})

    def test_finds_a_missing_field(self, charge: dict[str, Any]) -> None:
        del charge["paid"]
        assert "'paid' is a required" in self.found_in(charge)[0]

    def test_finds_an_error_of_an_unknown_type(self) -> None:
        body = json.dumps({"error": {"type": "bad_mood", "message": "no"}}).encode()
        assert CONTRACT.judge_response("GET", "/v1/charges/ch_1", 400, body)

    def test_finds_an_event_type_that_nobody_can_subscribe_to(self, charge: dict[str, Any]) -> None:
        event = {"type": "charge.enjoyed", "data": {"object": charge}}
        assert any("subscribe" in sentence for sentence in CONTRACT.judge_event(event))

    def test_finds_a_wrong_snapshot_in_an_event(self, shop: Shop, charge: dict[str, Any]) -> None:
        event = shop.sim.events("charge.updated")[0]
        assert CONTRACT.judge_event(event) == []
        event["data"]["object"] = {**charge, "colour": "blue"}
        assert "colour" in CONTRACT.judge_event(event)[0]


class TestRecorder:
    def test_reports_a_simulator_that_accepts_what_stripe_refuses(self) -> None:
        def careless(environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b'{"id": "cus_1", "object": "customer", "created": 1, "livemode": false}']

        recorder = ContractRecorder(careless)
        call(recorder, "bogus=1")
        assert len(recorder.violations) == 1
        call(recorder, "email=a%40example.test")
        assert len(recorder.violations) == 1

    def test_lists_what_was_refused_apart(self) -> None:
        recorder = ContractRecorder()
        sim = start(wrap=recorder.wrap)
        answer = api(sim, "POST", "/v1/customers", data={"bogus": "1"})
        sim.stop()
        assert answer.json()["error"]["code"] == "parameter_unknown"
        assert (recorder.violations, len(recorder.refused)) == ([], 1)

    def test_the_control_plane_shows_violations(self) -> None:
        recorder = ContractRecorder()
        recorder.violations.append("planted")
        sim = start(wrap=recorder.wrap)
        shown = requests.get(f"{sim.url}/_sim/violations", timeout=5).json()
        sim.stop()
        assert shown == ["planted"]


def call(app: ContractRecorder, body: str) -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/v1/customers",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": FORM,
        "HTTP_AUTHORIZATION": f"Bearer {KEY}",
        "HTTP_STRIPE_VERSION": VERSION,
        "wsgi.input": io.BytesIO(body.encode()),
    }
    list(app(environ, lambda *_: None))


# Fields that Stripe itself leaves out of most objects, or that belong to what we do not offer.
SOMETIMES = {
    "charge": {"level3", "presentment_details", "refunds", "transfer"},
    "checkout.session": {
        "branding_settings",
        "excluded_payment_method_types",
        "integration_identifier",
        "invoice_creation",
        "line_items",
        "managed_payments",
        "name_collection",
        "optional_items",
        "presentment_details",
        "redirect_on_completion",
        "return_url",
        "tax_id_collection",
    },
    "customer": {
        "business_name",
        "cash_balance",
        "individual_name",
        "invoice_credit_balance",
        "sources",
        "subscriptions",
        "tax",
        "tax_ids",
    },
    "payment_intent": {"hooks", "managed_payments", "payment_details", "presentment_details"},
    "balance_transaction": set[str](),
    "application_fee": set[str](),
}


@pytest.mark.parametrize("kind", sorted(SOMETIMES))
def test_objects_carry_every_field_that_stripe_always_sends(shop: Shop, kind: str) -> None:
    terms = {"application_fee_amount": 150}
    choose(shop.session(customer=shop.customer().id, payment_intent_data=terms).url, "pay")
    shop.sim.wait_idle()
    fee = shop.client.v1.balance_transactions.list({"type": "application_fee"}).data[0]
    entry = shop.client.v1.balance_transactions.list(options=shop.on).data[0]
    bodies = {
        event["data"]["object"]["object"]: event["data"]["object"] for event in shop.sim.events()
    }
    bodies["balance_transaction"] = entry.to_dict()
    bodies["application_fee"] = shop.client.v1.application_fees.retrieve(fee.source).to_dict()

    assert contract_for(DAHLIA).absent_fields(bodies[kind]) <= SOMETIMES[kind]


class TestOverlay:
    def test_the_library_speaks_the_version_that_the_overlay_describes(self) -> None:
        assert stripe.api_version == ENDIVE
        assert ENDIVE == VERSION == core.ENDIVE

    def test_the_library_takes_the_parameters_that_the_overlaid_document_has(self) -> None:
        fields = contract_for(ENDIVE)._document["paths"]["/v1/checkout/sessions"]["post"]
        known = set(fields["requestBody"]["content"][FORM]["schema"]["properties"])
        options = set(stripe.RequestOptions.__annotations__)
        wanted = set(stripe.params.checkout.SessionCreateParams.__annotations__)
        assert wanted - options == known

    def test_every_difference_has_a_reason(self) -> None:
        assert all(len(difference.reason) > 40 for difference in DIFFERENCES)
