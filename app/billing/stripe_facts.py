"""What Stripe tells us, as plain values, and the three ways in which a call can go wrong."""

import json
from dataclasses import dataclass
from typing import Any

from app.billing.errors import BadSignature

Json = dict[str, Any]


class Declined(Exception):
    """The bank said no; nothing was taken. ``code`` is Stripe's word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(Exception):
    """Stripe understood and refused; nothing was done. ``code`` is Stripe's word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unknown(Exception):
    """No answer, or none to rely on: it may have happened. Never to be shown as failed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class AccountFacts:
    """A connected account. ``currency`` is the one that it settles in by default, upper case."""

    account_id: str
    can_take_cards: bool
    currency: str


@dataclass(frozen=True)
class TransactionFacts:
    """A line of an account's balance. Amounts in minor units of ``currency``, upper case."""

    transaction_id: str
    kind: str
    source_id: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str


@dataclass(frozen=True)
class SessionFacts:
    """A Checkout Session as it is now, with its charge if there is one.

    ``status`` is open, complete or expired; ``payment_status`` is paid, unpaid or
    no_payment_required. ``decline_code`` is why the last try failed, if it did.
    """

    session_id: str
    status: str
    payment_status: str
    amount_minor: int
    currency: str
    reference: str
    tenant: str
    url: str | None
    expires_at: int
    payment_intent_id: str | None
    charge_id: str | None
    transaction: TransactionFacts | None
    decline_code: str | None

    @property
    def is_paid(self) -> bool:
        """Whether the money is on its way to the clinic for certain."""
        return (
            self.status == "complete"
            and self.payment_status != "unpaid"
            and self.charge_id is not None
        )


@dataclass(frozen=True)
class EventNote:
    """A verified event. Only a hint that something changed: the object is always fetched."""

    event_id: str
    type: str
    account_id: str
    object_kind: str
    object_id: str
    livemode: bool
    api_version: str | None


def read_account(body: Json) -> AccountFacts:
    """Read a v2 account that came with its merchant part and its defaults."""
    merchant = (body.get("configuration") or {}).get("merchant") or {}
    cards = (merchant.get("capabilities") or {}).get("card_payments") or {}
    currency = (body.get("defaults") or {}).get("currency") or ""
    return AccountFacts(body["id"], cards.get("status") == "active", currency.upper())


def read_session(body: Json) -> SessionFacts:
    """Read a Checkout Session, expanded or not."""
    intent = body.get("payment_intent")
    whole: Json = intent if isinstance(intent, dict) else {}
    charge = whole.get("latest_charge")
    entry = charge.get("balance_transaction") if isinstance(charge, dict) else None
    problem = whole.get("last_payment_error") or {}
    return SessionFacts(
        session_id=body["id"],
        status=body["status"],
        payment_status=body["payment_status"],
        amount_minor=body["amount_total"],
        currency=body["currency"].upper(),
        reference=body.get("client_reference_id") or "",
        tenant=(body.get("metadata") or {}).get("tenant", ""),
        url=body.get("url"),
        expires_at=body["expires_at"],
        payment_intent_id=id_of(intent),
        charge_id=id_of(charge),
        transaction=read_transaction(entry) if isinstance(entry, dict) else None,
        decline_code=problem.get("code"),
    )


def read_transaction(body: Json) -> TransactionFacts:
    """Read a balance transaction."""
    return TransactionFacts(
        transaction_id=body["id"],
        kind=body["reporting_category"],
        source_id=id_of(body.get("source")) or "",
        amount_minor=body["amount"],
        fee_minor=body["fee"],
        net_minor=body["net"],
        currency=body["currency"].upper(),
    )


def id_of(thing: Any) -> str | None:
    """Return the id of something that may be expanded, an id, or absent."""
    found: str | None = thing["id"] if isinstance(thing, dict) else thing
    return found


def read_event_body(payload: bytes) -> EventNote:
    """Read a verified event, snapshot or thin; raises BadSignature for what is no event at all."""
    try:
        body = json.loads(payload)
        if body["object"] == "v2.core.event":
            return _thin_event(body)
        subject = body["data"]["object"]
        return EventNote(
            event_id=body["id"],
            type=body["type"],
            account_id=body.get("account") or "",
            object_kind=subject["object"],
            object_id=subject.get("id") or "",
            livemode=bool(body["livemode"]),
            api_version=body.get("api_version"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSignature("This is not an event of Stripe's.") from None


def _thin_event(body: Json) -> EventNote:
    subject = body.get("related_object") or {}
    kind = subject.get("type") or ""
    account = body.get("context") or (subject.get("id") if kind == "v2.core.account" else "")
    return EventNote(
        event_id=body["id"],
        type=body["type"],
        account_id=account or "",
        object_kind=kind,
        object_id=subject.get("id") or "",
        livemode=bool(body["livemode"]),
        api_version=None,
    )
