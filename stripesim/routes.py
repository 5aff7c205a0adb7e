"""The API as a table: method, path, who answers, and what may be sent."""

from dataclasses import dataclass

from stripesim import (
    accounts,
    balance,
    checkout,
    checkout_shapes,
    customers,
    endpoints,
    events,
    payments,
)
from stripesim.core import ENDIVE, Handler
from stripesim.shapes import Field


@dataclass(frozen=True)
class Route:
    """One endpoint of the API; ``endive`` replaces ``shape`` under the newest version."""

    method: str
    path: str
    handler: Handler
    shape: Field
    endive: Field | None = None

    def shape_for(self, version: str) -> Field:
        """Return what this endpoint takes under an API version."""
        return self.endive if self.endive and version == ENDIVE else self.shape


_SESSIONS = "/v1/checkout/sessions"
_NOTHING = endpoints.NOTHING

ROUTES = (
    Route("POST", "/v2/core/accounts", accounts.create_account, accounts.ACCOUNT_CREATE),
    Route("GET", "/v2/core/accounts", accounts.list_accounts, accounts.ACCOUNT_LIST),
    Route("GET", "/v2/core/accounts/<id>", accounts.retrieve_account, accounts.ACCOUNT_GET),
    Route("POST", "/v2/core/account_links", accounts.create_link, accounts.LINK_CREATE),
    Route("POST", "/v1/customers", customers.create_customer, customers.CUSTOMER_CREATE),
    Route("GET", "/v1/customers", customers.list_customers, customers.CUSTOMER_LIST),
    Route("GET", "/v1/customers/<id>", customers.retrieve_customer, customers.CUSTOMER_GET),
    Route(
        "POST",
        _SESSIONS,
        checkout.create_session,
        checkout_shapes.SESSION_CREATE,
        checkout_shapes.SESSION_CREATE_ENDIVE,
    ),
    Route("GET", _SESSIONS, checkout.list_sessions, checkout_shapes.SESSION_LIST),
    Route("GET", f"{_SESSIONS}/<id>", checkout.retrieve_session, checkout_shapes.SESSION_GET),
    Route("GET", f"{_SESSIONS}/<id>/line_items", checkout.list_lines, checkout_shapes.LINE_LIST),
    Route("POST", f"{_SESSIONS}/<id>/expire", checkout.expire_session, checkout_shapes.SESSION_GET),
    Route("GET", "/v1/payment_intents", payments.list_intents, payments.INTENT_LIST),
    Route("GET", "/v1/payment_intents/<id>", payments.retrieve_intent, payments.INTENT_GET),
    Route("GET", "/v1/charges/<id>", payments.retrieve_charge, payments.CHARGE_GET),
    Route("GET", "/v1/payment_methods/<id>", payments.retrieve_method, payments.METHOD_GET),
    Route("GET", "/v1/balance", balance.retrieve_balance, balance.BALANCE_GET),
    Route("GET", "/v1/balance_transactions", balance.list_transactions, balance.TRANSACTION_LIST),
    Route(
        "GET",
        "/v1/balance_transactions/<id>",
        balance.retrieve_transaction,
        balance.TRANSACTION_GET,
    ),
    Route("GET", "/v1/application_fees/<id>", balance.retrieve_fee, balance.FEE_GET),
    Route("GET", "/v1/events", events.list_events, events.EVENT_LIST),
    Route("GET", "/v1/events/<id>", events.retrieve_event, events.EVENT_GET),
    Route("POST", "/v1/webhook_endpoints", endpoints.create_endpoint, endpoints.ENDPOINT_CREATE),
    Route("GET", "/v1/webhook_endpoints", endpoints.list_endpoints, endpoints.ENDPOINT_LIST),
    Route("DELETE", "/v1/webhook_endpoints/<id>", endpoints.delete_endpoint, _NOTHING),
)
