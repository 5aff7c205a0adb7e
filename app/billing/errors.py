"""Outcomes of the billing room."""

from app.errors import BadRequest, Conflict, Invalid, NotFound, Unavailable
from app.kit.speech import mark


class PackageUnknown(NotFound):
    """The clinic has no such package, or no longer offers it."""

    code = "package_unknown"


class PurchaseUnknown(NotFound):
    """The clinic has no such purchase."""

    code = "purchase_unknown"


class AttemptUnknown(NotFound):
    """The clinic has no such payment attempt."""

    code = "attempt_unknown"


class DepositNotPossible(Invalid):
    """The deposit that the rule gives cannot be taken; ``fields`` says why."""

    code = "deposit_not_possible"
    title = "This deposit cannot be taken"


class NothingToPay(Conflict):
    """The deposit or the balance is paid, or was never asked for."""

    code = "nothing_to_pay"
    title = mark("There is nothing to pay here")


class DepositFirst(Conflict):
    """The balance is only asked for once the deposit has arrived."""

    code = "deposit_first"
    title = mark("The deposit comes first")


class OnlinePaymentsOff(Conflict):
    """The clinic cannot take cards online yet, or not in this currency."""

    code = "online_payments_off"
    title = mark("Online payment is not available")


class AccountConnected(Conflict):
    """The clinic has a connected account already."""

    code = "account_connected"
    title = "This clinic is connected to Stripe already"


class StripeUnreachable(Unavailable):
    """Stripe could not be reached; nothing is lost and nothing was taken twice."""

    code = "stripe_unreachable"
    title = mark("The payment provider does not answer just now")


class StripeRefused(Conflict):
    """Stripe refused what we asked for; ``stripe_code`` is its own word for why."""

    code = "stripe_refused"
    title = mark("The payment provider refused this")


class BadSignature(BadRequest):
    """A webhook that is not from Stripe, or is too old to be believed."""

    code = "bad_signature"
    title = "The signature does not fit"


class WebhooksOff(NotFound):
    """No signing secret is configured, so nothing that arrives could be believed."""

    code = "webhooks_off"


class QuoteUnknown(NotFound):
    """The clinic has no such quote of a refund."""

    code = "quote_unknown"


class EventUnknown(NotFound):
    """No clinic has received this event."""

    code = "event_unknown"
