"""Where Stripe's events arrive: raw body, signature, inbox, 200. Nothing is acted on here."""

from flask import Blueprint, Response, request

from app.auth.guards import public, unit
from app.billing.gateway import read_event
from app.billing.payments.receive_event import receive_event
from app.billing.setup import billing_setup, signing_secrets

LARGEST_EVENT = 1024 * 1024
bp = Blueprint("stripe_webhooks", __name__, url_prefix="/webhooks/stripe")


@bp.post("/connect")
@public
def connect() -> Response:
    """Take an event of a clinic's account."""
    return _take(connect=True)


@bp.post("/platform")
@public
def platform() -> Response:
    """Take an event of our own account."""
    return _take(connect=False)


def _take(*, connect: bool) -> Response:
    """Verify, keep, answer. A failing database is answered 503, so that Stripe sends it again."""
    secrets = signing_secrets(connect=connect)
    request.max_content_length = LARGEST_EVENT
    note = read_event(request.get_data(), request.headers.get("Stripe-Signature", ""), secrets)
    outcome = receive_event(unit(), note, live=billing_setup().gateway.is_live)
    return Response(outcome, 200, content_type="text/plain")
