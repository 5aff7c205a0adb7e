"""PaymentIntent, PaymentMethod and Charge, with every field that Stripe always sends."""

from stripesim.failures import Json
from stripesim.ids import new_id, random_text

_BILLING: Json = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
_CARD: Json = {
    "brand": "visa",
    "country": "GB",
    "exp_month": 12,
    "exp_year": 2034,
    "fingerprint": "simulatedcard0001",
    "funding": "debit",
    "last4": "4242",
    "regulated_status": "unregulated",
}
_CHECKS: Json = {
    "address_line1_check": None,
    "address_postal_code_check": None,
    "cvc_check": "pass",
}


def new_intent(session: Json, wishes: Json, *, at: int) -> Json:
    """Return the PaymentIntent that a session makes when somebody first tries to pay."""
    intent_id = new_id("pi_3")
    usage = wishes.get("setup_future_usage")
    off = [
        "application",
        "canceled_at",
        "cancellation_reason",
        "customer_account",
        "excluded_payment_method_types",
        "last_payment_error",
        "latest_charge",
        "next_action",
        "on_behalf_of",
        "payment_method",
        "payment_method_configuration_details",
        "processing",
        "review",
        "shipping",
        "statement_descriptor",
        "transfer_data",
        "transfer_group",
        "automatic_payment_methods",
    ]
    return {
        **dict.fromkeys(off),
        "id": intent_id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application_fee_amount": wishes.get("application_fee_amount"),
        "capture_method": wishes.get("capture_method", "automatic_async"),
        "client_secret": f"{intent_id}_secret_{random_text(25)}",
        "confirmation_method": "automatic",
        "created": at,
        "currency": session["currency"],
        "customer": session["customer"],
        "description": wishes.get("description"),
        "livemode": False,
        "metadata": wishes.get("metadata", {}),
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "receipt_email": wishes.get("receipt_email"),
        "setup_future_usage": usage,
        "statement_descriptor_suffix": wishes.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
    }


def new_method(session: Json, intent: Json, *, at: int) -> Json:
    """Return the card that was used; it stays with the customer only if that was agreed."""
    details = session["customer_details"] or {}
    kept = intent["setup_future_usage"] is not None
    return {
        "id": new_id("pm_1"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {**_BILLING, "email": details.get("email")},
        "card": {
            **_CARD,
            "checks": dict(_CHECKS),
            "display_brand": "visa",
            "generated_from": None,
            "networks": {"available": ["visa"], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": at,
        "customer": session["customer"] if kept else None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def new_charge(intent: Json, method: Json, *, at: int, authenticated: bool) -> Json:
    """Return a charge that went through; :func:`as_declined` turns it into a refused one."""
    off = [
        "application",
        "application_fee",
        "balance_transaction",
        "failure_balance_transaction",
        "failure_code",
        "failure_message",
        "on_behalf_of",
        "receipt_number",
        "receipt_url",
        "review",
        "shipping",
        "source_transfer",
        "statement_descriptor",
        "transfer_data",
        "transfer_group",
    ]
    return {
        **dict.fromkeys(off),
        "id": new_id("ch_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "application_fee_amount": intent["application_fee_amount"],
        "billing_details": dict(method["billing_details"]),
        "calculated_statement_descriptor": "SIMULATED",
        "captured": True,
        "created": at,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": _outcome(),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _charged_card(intent["amount"], authenticated=authenticated),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
    }


def as_declined(charge: Json, *, decline_code: str, message: str) -> Json:
    """Return the charge as the card's bank refused it."""
    return {
        **charge,
        "amount_captured": 0,
        "captured": False,
        "failure_code": "card_declined",
        "failure_message": message,
        "outcome": {
            **_outcome(),
            "network_status": "declined_by_network",
            "reason": decline_code,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
        "paid": False,
        "status": "failed",
    }


def _outcome() -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }


def _charged_card(amount: int, *, authenticated: bool) -> Json:
    challenge: Json = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": "00000000-0000-4000-8000-000000000000",
        "version": "2.2.0",
    }
    return {
        "card": {
            **_CARD,
            "amount_authorized": amount,
            "authorization_code": "000000",
            "checks": dict(_CHECKS),
            "extended_authorization": {"status": "disabled"},
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": "visa",
            "network_token": {"used": False},
            "network_transaction_id": "000000000000000",
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "three_d_secure": challenge if authenticated else None,
            "wallet": None,
        },
        "type": "card",
    }
