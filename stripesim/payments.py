"""What happens when somebody pays on the hosted page: the life of a PaymentIntent.

Every function runs inside the caller's unit, so a payment and its events are kept together.
"""

from stripesim.balance import settle_soon
from stripesim.checkout_objects import payer_details
from stripesim.core import Call, Cause, Core
from stripesim.events import emit
from stripesim.failures import Json
from stripesim.listing import page_of
from stripesim.payment_objects import as_declined, new_charge, new_intent, new_method
from stripesim.shapes import EXPAND, created_range, listing, mapping, text

DECLINE_MESSAGE = "Your card was declined."
CHALLENGE_MESSAGE = (
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again."
)
INTENT_GET = mapping({"expand": EXPAND, "client_secret": text()})
INTENT_LIST = listing(created=created_range, customer=text())
CHARGE_GET = mapping({"expand": EXPAND})
METHOD_GET = mapping({"expand": EXPAND})


def pay(core: Core, session: Json, *, authenticated: bool = False) -> Json:
    """Take the money for an open session: charge, PaymentIntent and session all succeed."""
    account = core.store.owner(session["id"])
    intent, method = _attempt(core, account, session)
    charge = new_charge(intent, method, at=core.clock.now(), authenticated=authenticated)
    core.store.put(account, charge)
    intent.update(
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=method["id"],
        status="succeeded",
    )
    core.store.put(account, intent)
    known = session["customer_details"] or payer_details("payer@example.test", "A. Payer")
    session.update(customer_details=known, payment_status="paid", status="complete", url=None)
    core.store.put(account, session)
    if method["customer"]:
        emit(core, account, "payment_method.attached", method)
    emit(core, account, "charge.succeeded", charge)
    emit(core, account, "payment_intent.succeeded", intent)
    emit(core, account, "checkout.session.completed", session)
    settle_soon(core, charge["id"])
    return session


def decline(core: Core, session: Json) -> None:
    """Let the bank refuse the card: the session stays open for another try."""
    account = core.store.owner(session["id"])
    intent, method = _attempt(core, account, session)
    charge = as_declined(
        new_charge(intent, method, at=core.clock.now(), authenticated=False),
        decline_code="generic_decline",
        message=DECLINE_MESSAGE,
    )
    core.store.put(account, charge)
    error: Json = {
        "charge": charge["id"],
        "code": "card_declined",
        "decline_code": "generic_decline",
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": DECLINE_MESSAGE,
        "payment_method": method,
        "type": "card_error",
    }
    intent["latest_charge"] = charge["id"]
    emit(core, account, "charge.failed", charge)
    _fail(core, account, intent, error)


def challenge(core: Core, session: Json, page: str) -> None:
    """Ask for 3-D Secure: the payment waits for the cardholder at ``page``."""
    account = core.store.owner(session["id"])
    intent, method = _attempt(core, account, session)
    intent.update(
        next_action={
            "redirect_to_url": {"return_url": None, "url": page},
            "type": "redirect_to_url",
        },
        payment_method=method["id"],
        status="requires_action",
    )
    core.store.put(account, intent)
    emit(core, account, "payment_intent.requires_action", intent)


def fail_challenge(core: Core, session: Json) -> None:
    """Let the cardholder fail 3-D Secure: the session stays open for another try."""
    account = core.store.owner(session["id"])
    intent, method = _attempt(core, account, session)
    code = "payment_intent_authentication_failure"
    error: Json = {
        "code": code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": CHALLENGE_MESSAGE,
        "payment_method": method,
        "type": "invalid_request_error",
    }
    _fail(core, account, intent, error)


def cancel_intent(core: Core, account: str, intent_id: str, *, cause: Cause | None) -> None:
    """Give up the unfinished payment of a session that has expired."""
    intent = core.store.find(intent_id, account=account)
    if intent is None or intent["status"] in ("succeeded", "canceled"):
        return
    intent.update(canceled_at=core.clock.now(), next_action=None, status="canceled")
    core.store.put(account, intent)
    emit(core, account, "payment_intent.canceled", intent, cause=cause)


def retrieve_intent(call: Call) -> Json:
    """GET /v1/payment_intents/{intent}."""
    return call.require("payment_intent", call.path["id"], noun="payment_intent", param="intent")


def list_intents(call: Call) -> Json:
    """GET /v1/payment_intents."""
    wanted = call.get("customer")
    return page_of(
        call,
        "payment_intent",
        url="/v1/payment_intents",
        where=lambda intent: wanted is None or intent["customer"] == wanted,
    )


def retrieve_charge(call: Call) -> Json:
    """GET /v1/charges/{charge}."""
    return call.require("charge", call.path["id"], noun="charge")


def retrieve_method(call: Call) -> Json:
    """GET /v1/payment_methods/{payment_method}."""
    return call.require(
        "payment_method", call.path["id"], noun="PaymentMethod", param="payment_method"
    )


def _attempt(core: Core, account: str, session: Json) -> tuple[Json, Json]:
    """Return the session's PaymentIntent, made now if this is the first try, and a card."""
    intent = core.store.find(session["payment_intent"] or "")
    if intent is None:
        wishes = core.store.note(f"intent:{session['id']}", {})
        intent = core.store.put(account, new_intent(session, wishes, at=core.clock.now()))
        emit(core, account, "payment_intent.created", intent)
        session["payment_intent"] = intent["id"]
        core.store.put(account, session)
    method = core.store.put(account, new_method(session, intent, at=core.clock.now()))
    return intent, method


def _fail(core: Core, account: str, intent: Json, error: Json) -> None:
    intent.update(
        last_payment_error=error,
        next_action=None,
        payment_method=None,
        status="requires_payment_method",
    )
    core.store.put(account, intent)
    emit(core, account, "payment_intent.payment_failed", intent)
