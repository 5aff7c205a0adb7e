"""The Checkout Session and its line items, with every field that Stripe always sends."""

from stripesim.core import ENDIVE, Call
from stripesim.failures import Json, invalid, missing_object
from stripesim.ids import new_id


def line_items_of(items: list[Json], *, at: int) -> list[Json]:
    """Return Stripe's line items for inline prices; all must share one currency."""
    lines = [_line(item, index, at) for index, item in enumerate(items)]
    if len({line["currency"] for line in lines}) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    return lines


def _line(item: Json, index: int, at: int) -> Json:
    place = f"line_items[{index}]"
    if "price" in item:
        raise missing_object("price", item["price"], param=f"{place}[price]")
    if "price_data" not in item:
        raise invalid(
            f"You must specify either `price` or `price_data` for {place}.",
            code="parameter_missing",
            param=f"{place}[price_data]",
        )
    price, quantity = item["price_data"], item.get("quantity", 1)
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li_1"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": price["product_data"]["name"],
        "metadata": item.get("metadata", {}),
        "price": _price(price, at),
        "quantity": quantity,
    }


def _price(price: Json, at: int) -> Json:
    return {
        "id": new_id("price_1"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": at,
        "currency": price["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod_"),
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": price["unit_amount"],
        "unit_amount_decimal": str(price["unit_amount"]),
    }


def new_session(
    call: Call, *, lines: list[Json], total: int, customer: Json | None, expires_at: int
) -> Json:
    """Return an open session for this total, with its address on the hosted page."""
    session_id = new_id("cs_test_")
    address = customer["email"] if customer else call.get("customer_email")
    known = customer is not None or address is not None
    session: Json = {
        "id": session_id,
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "cancel_url": call.get("cancel_url"),
        "client_reference_id": call.get("client_reference_id"),
        "created": call.now,
        "currency": lines[0]["currency"],
        "customer": customer["id"] if customer else None,
        "customer_creation": None if customer else call.get("customer_creation", "if_required"),
        "customer_details": payer_details(address) if known else None,
        "customer_email": call.get("customer_email"),
        "expires_at": expires_at,
        "locale": call.get("locale"),
        "metadata": call.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "submit_type": call.get("submit_type"),
        "success_url": call.params["success_url"],
        "url": f"{call.base_url}/c/pay/{session_id}",
        **_constant_parts(),
    }
    if call.version == ENDIVE:
        session["allowed_payment_method_types"] = call.get("allowed_payment_method_types")
    return session


def payer_details(address: str | None, name: str | None = None) -> Json:
    """Return what a session knows about the payer."""
    return {
        "address": None,
        "business_name": None,
        "email": address,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _constant_parts() -> Json:
    """Return the features of Checkout that this simulator leaves switched off."""
    off = [
        "after_expiration",
        "allow_promotion_codes",
        "billing_address_collection",
        "client_secret",
        "collected_information",
        "consent",
        "consent_collection",
        "currency_conversion",
        "customer_account",
        "invoice",
        "origin_context",
        "payment_link",
        "recovered_from",
        "saved_payment_method_options",
        "setup_intent",
        "shipping_address_collection",
        "shipping_cost",
        "subscription",
        "payment_method_configuration_details",
    ]
    parts: Json = dict.fromkeys(off)
    text = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    parts.update(
        adaptive_pricing={"enabled": False},
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        custom_fields=[],
        custom_text=dict.fromkeys(text),
        discounts=[],
        livemode=False,
        payment_method_collection="if_required",
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        permissions=None,
        phone_number_collection={"enabled": False},
        shipping_options=[],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
        wallet_options=None,
    )
    return parts
