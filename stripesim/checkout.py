"""Checkout Sessions: created by the shop, paid on the hosted page, expired by either side."""

from stripesim.accounts import takes_cards
from stripesim.checkout_objects import line_items_of, new_session
from stripesim.core import Call, Cause, Core
from stripesim.events import emit
from stripesim.failures import Json, conflict, invalid
from stripesim.listing import page_of
from stripesim.money import check_amount
from stripesim.payments import cancel_intent

_LEAST_LIFE, _LONGEST_LIFE = 30 * 60, 24 * 3600


def create_session(call: Call) -> Json:
    """POST /v1/checkout/sessions, in payment mode with prices given inline."""
    params = call.params
    _check_mode(call)
    expires_at = _expiry(call)
    customer = None
    if params.get("customer"):
        customer = call.require("customer", params["customer"], noun="customer", param="customer")
    lines = line_items_of(params["line_items"], at=call.now)
    total = sum(line["amount_total"] for line in lines)
    check_amount(total, lines[0]["currency"], param="line_items")
    _check_fee(call, total)
    session = new_session(call, lines=lines, total=total, customer=customer, expires_at=expires_at)
    core = call.core
    core.store.put(call.account, session)
    core.store.keep_note(
        f"line_items:{session['id']}",
        {
            "object": "list",
            "data": lines,
            "has_more": False,
            "url": f"/v1/checkout/sessions/{session['id']}/line_items",
        },
    )
    core.store.keep_note(f"intent:{session['id']}", params.get("payment_intent_data", {}))
    core.schedule("expire_session", session["id"], due=expires_at)
    return session


def retrieve_session(call: Call) -> Json:
    """GET /v1/checkout/sessions/{session}."""
    return call.require("checkout.session", call.path["id"], noun="checkout.session")


def list_lines(call: Call) -> Json:
    """GET /v1/checkout/sessions/{session}/line_items."""
    session = retrieve_session(call)
    lines: Json = call.core.store.note(f"line_items:{session['id']}")
    return lines


def list_sessions(call: Call) -> Json:
    """GET /v1/checkout/sessions."""
    names = ("customer", "payment_intent", "status")
    wanted = {name: call.params[name] for name in names if name in call.params}
    return page_of(
        call,
        "checkout.session",
        url="/v1/checkout/sessions",
        where=lambda session: all(session[name] == value for name, value in wanted.items()),
    )


def expire_session(call: Call) -> Json:
    """POST /v1/checkout/sessions/{session}/expire: only an open one can be closed."""
    session = retrieve_session(call)
    if session["status"] != "open":
        raise conflict(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    return close_session(call.core, session, cause=call.cause)


def close_session(core: Core, session: Json, *, cause: Cause | None = None) -> Json:
    """Mark an open session as expired, give up its payment and tell the endpoints."""
    account = core.store.owner(session["id"])
    session.update(status="expired", url=None)
    core.store.put(account, session)
    if session["payment_intent"]:
        cancel_intent(core, account, session["payment_intent"], cause=cause)
    emit(core, account, "checkout.session.expired", session, cause=cause)
    return session


def expire_if_due(core: Core, session_id: str) -> None:
    """Close a session whose time is over; the background thread and the page both ask."""
    session = core.store.find(session_id)
    if session and session["status"] == "open" and core.clock.now() >= session["expires_at"]:
        close_session(core, session)


def _check_mode(call: Call) -> None:
    params = call.params
    for name in ("mode", "line_items", "success_url"):
        if not params.get(name):
            raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if params["mode"] != "payment" or params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The simulator knows mode=payment on a hosted page only.", param="mode")
    if params.get("customer") and params.get("customer_email"):
        raise invalid("You may only specify one of these parameters: customer, customer_email.")
    if call.connected and not takes_cards(call.core, call.account):
        raise invalid(
            "No valid payment method types for this Checkout Session. Please ensure that you have "
            "activated payment methods compatible with your chosen currency in your dashboard."
        )


def _expiry(call: Call) -> int:
    expires_at: int = call.get("expires_at", call.now + _LONGEST_LIFE)
    # One second of grace: Stripe's clock and the caller's are not the same clock.
    if expires_at < call.now + _LEAST_LIFE - 1:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            param="expires_at",
        )
    if expires_at > call.now + _LONGEST_LIFE + 1:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return expires_at


def _check_fee(call: Call, total: int) -> None:
    fee = call.get("payment_intent_data", {}).get("application_fee_amount")
    if fee is None:
        return
    place = "payment_intent_data[application_fee_amount]"
    if not call.connected:
        raise invalid(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a "
            "direct payment (using an OAuth key or Stripe-Account header) or destination payment "
            "(using `transfer_data[destination]`).",
            param=place,
        )
    if fee > total:
        raise invalid("The application fee cannot be greater than the amount.", param=place)
