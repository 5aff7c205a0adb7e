"""Lists: newest first, by cursor, by time, by filter; and whole objects on request."""

from typing import Any

import pytest
import stripe

from tests.stripesim.shop import Shop, choose


@pytest.fixture
def ids(shop: Shop) -> list[str]:
    return [shop.customer().id for _ in range(5)][::-1]


class TestPaging:
    def test_walks_forwards(self, shop: Shop, ids: list[str]) -> None:
        page = shop.client.v1.customers.list({"limit": 2}, shop.on)
        assert (page.url, page.has_more) == ("/v1/customers", True)
        assert [customer.id for customer in page.auto_paging_iter()] == ids

    def test_walks_backwards(self, shop: Shop, ids: list[str]) -> None:
        page = shop.client.v1.customers.list({"limit": 2, "ending_before": ids[-1]}, shop.on)
        assert [customer.id for customer in page.data] == ids[2:4]
        assert [customer.id for customer in page.auto_paging_iter()] == ids[3::-1]

    def test_the_last_page_has_no_more(self, shop: Shop, ids: list[str]) -> None:
        page = shop.client.v1.customers.list({"limit": 5}, shop.on)
        assert page.has_more is False

    def test_refuses_a_strange_cursor_and_a_huge_page(self, shop: Shop) -> None:
        for query in ({"starting_after": "cus_none"}, {"limit": 101}, {"limit": 0}):
            with pytest.raises(stripe.InvalidRequestError):
                shop.client.v1.customers.list(query, shop.on)

    def test_accounts_are_paged_by_number(self, shop: Shop) -> None:
        for name in "ABCD":
            shop.client.v2.core.accounts.create({"display_name": name})
        listed = shop.client.v2.core.accounts.list({"limit": 2})
        assert len(list(listed.auto_paging_iter())) == 5
        merchants = shop.client.v2.core.accounts.list({"applied_configurations": ["merchant"]})
        assert [account.id for account in merchants.data] == [shop.account]


class TestFilters:
    def test_events_by_time_and_type(self, shop: Shop) -> None:
        shop.customer()
        shop.sim.advance(7200)
        choose(shop.session().url, "pay")
        now = shop.sim.events("charge.succeeded")[0]["created"]

        def kinds(**query: Any) -> set[str]:
            filters: Any = {"limit": 100, **query}
            found = shop.client.v1.events.list(filters, shop.on)
            return {event.type for event in found.data}

        assert "customer.created" not in kinds(created={"gte": now - 60})
        assert kinds(created={"lt": now - 60}) == {"customer.created"}
        assert kinds(type="charge.*") <= {"charge.succeeded", "charge.updated"}
        assert kinds(types=["customer.created", "payment_intent.created"]) == {
            "customer.created",
            "payment_intent.created",
        }

    def test_sessions_by_status_customer_and_payment(self, shop: Shop) -> None:
        customer = shop.customer().id
        first, second = shop.session(customer=customer), shop.session()
        choose(second.url, "pay")
        sessions = shop.client.v1.checkout.sessions
        intent = shop.reload(second).payment_intent
        for query, wanted in (
            ({"status": "open"}, first),
            ({"status": "complete"}, second),
            ({"customer": customer}, first),
            ({"payment_intent": intent}, second),
        ):
            assert [one.id for one in sessions.list(query, shop.on).data] == [wanted.id]

    def test_balance_transactions_by_source(self, shop: Shop) -> None:
        for _ in range(2):
            choose(shop.session().url, "pay")
        assert shop.sim.wait_idle()
        charge = shop.sim.events("charge.updated")[0]["data"]["object"]
        found = shop.client.v1.balance_transactions.list({"source": charge["id"]}, shop.on)
        assert [entry.id for entry in found.data] == [charge["balance_transaction"]]

    def test_payment_intents_and_customers_by_owner(self, shop: Shop) -> None:
        customer = shop.customer()
        choose(shop.session(customer=customer.id).url, "pay")
        choose(shop.session().url, "pay")
        v1 = shop.client.v1
        assert len(v1.payment_intents.list({"customer": customer.id}, shop.on).data) == 1
        assert len(v1.customers.list({"email": customer.email}, shop.on).data) == 1


class TestExpansion:
    def test_fills_in_lists_and_line_items(self, shop: Shop) -> None:
        session = shop.session(customer=shop.customer().id)
        listed = shop.client.v1.checkout.sessions.list(
            {"expand": ["data.customer", "data.line_items"]}, shop.on
        )
        assert listed.data[0].customer.email == "pat@example.test"
        assert listed.data[0].line_items.data[0].description == "Deposit"
        lines = shop.client.v1.checkout.sessions.line_items.list(session.id, options=shop.on)
        assert lines.data[0].amount_total == 5000

    def test_leaves_ids_alone_when_nothing_is_asked(self, shop: Shop) -> None:
        customer = shop.customer().id
        assert shop.reload(shop.session(customer=customer)).customer == customer

    def test_refuses_what_goes_too_deep(self, shop: Shop) -> None:
        session = shop.session()
        with pytest.raises(stripe.InvalidRequestError, match="4 levels"):
            shop.reload(session, "payment_intent.latest_charge.payment_intent.customer.x")
