"""Customers: the people who pay, kept on the account that they pay to."""

from stripesim.core import Call
from stripesim.events import emit
from stripesim.failures import Json
from stripesim.ids import new_id, random_text
from stripesim.listing import page_of
from stripesim.shapes import EXPAND, created_range, email, listing, mapping, metadata, text

CUSTOMER_CREATE = mapping(
    {
        "description": text(),
        "email": email,
        "expand": EXPAND,
        "metadata": metadata,
        "name": text(),
        "phone": text(20),
    }
)
CUSTOMER_GET = mapping({"expand": EXPAND})
CUSTOMER_LIST = listing(created=created_range, email=text())


def create_customer(call: Call) -> Json:
    """POST /v1/customers."""
    customer: Json = {
        "id": new_id("cus_"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": call.get("description"),
        "discount": None,
        "email": call.get("email"),
        "invoice_prefix": random_text(8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": call.get("metadata", {}),
        "name": call.get("name"),
        "next_invoice_sequence": 1,
        "phone": call.get("phone"),
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    call.core.store.put(call.account, customer)
    emit(call.core, call.account, "customer.created", customer, cause=call.cause)
    return customer


def retrieve_customer(call: Call) -> Json:
    """GET /v1/customers/{customer}."""
    return call.require("customer", call.path["id"], noun="customer")


def list_customers(call: Call) -> Json:
    """GET /v1/customers."""
    wanted = call.get("email")
    return page_of(
        call,
        "customer",
        url="/v1/customers",
        where=lambda customer: wanted is None or customer["email"] == wanted,
    )
