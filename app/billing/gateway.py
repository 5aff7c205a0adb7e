"""The only place that speaks to Stripe.

Everything that happens on a clinic's account goes through :class:`StripeFor`, which cannot be made
without that account's id. A time-out is Unknown, never a failure.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, cast

import stripe

from app.billing.errors import BadSignature
from app.billing.stripe_facts import (
    AccountFacts,
    Declined,
    EventNote,
    Json,
    Refused,
    SessionFacts,
    TransactionFacts,
    Unknown,
    id_of,
    read_account,
    read_event_body,
    read_session,
    read_transaction,
)

PINNED_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, READ_SECONDS = 3.0, 20.0
TOLERANCE_SECONDS = 300
ACCOUNT_PARTS = ["configuration.merchant", "defaults", "requirements"]
SESSION_PARTS = ["payment_intent.latest_charge.balance_transaction"]
PAGE = 100
_ACCOUNT_ID = re.compile(r"acct_[A-Za-z0-9]+")


class AccountGateway(Protocol):
    """What can be done on one clinic's account. All raise Declined, Refused or Unknown."""

    def create_customer(self, params: Json, *, key: str) -> str:
        """Make a customer; return its id."""

    def create_session(self, params: Json, *, key: str) -> SessionFacts:
        """Make a Checkout Session."""

    def expire_session(self, session_id: str, *, key: str) -> SessionFacts:
        """Close a session; one that is complete by now is returned as it is."""

    def fetch_session(self, session_id: str) -> SessionFacts:
        """Return a session as it is now."""

    def find_session(self, reference: str, *, customer_id: str) -> SessionFacts | None:
        """Return the session that carries our reference, or None."""

    def find_session_id(self, kind: str, object_id: str) -> str | None:
        """Return the session behind a payment_intent or a charge, or None."""

    def list_transactions(self, *, since: int | None = None) -> Iterator[TransactionFacts]:
        """Yield the account's balance transactions, the newest first; ``since`` in Unix time."""


class BillingGateway(Protocol):
    """The payment provider, as the services of this room see it."""

    is_live: bool

    def on(self, account_id: str) -> AccountGateway:
        """Return the gateway of one clinic's account."""

    def create_account(self, params: Json, *, key: str) -> AccountFacts:
        """Make a connected account."""

    def fetch_account(self, account_id: str) -> AccountFacts:
        """Return a connected account as it is now."""

    def onboarding_url(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        """Return an address, good for minutes and once, where the owner tells Stripe the rest."""

    def register_endpoint(self, url: str, *, connect: bool) -> str:
        """Subscribe an address of ours to events; return the signing secret."""


class StripeGateway:
    """Stripe itself, or the local one: only the address, the key and the secrets differ."""

    def __init__(
        self,
        api_key: str,
        *,
        api_base: str = "",
        read_seconds: float = READ_SECONDS,
        retries: int = 1,
    ) -> None:
        self.is_live = "_live_" in api_key
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            stripe_version=PINNED_VERSION,
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, read_seconds)),
        )

    def on(self, account_id: str) -> "StripeFor":
        """Return the gateway of one clinic's account."""
        return StripeFor(self._client, account_id)

    def create_account(self, params: Json, *, key: str) -> AccountFacts:
        """Make a connected account (Accounts v2)."""
        wanted = {**params, "include": ACCOUNT_PARTS}
        with _translated():
            made = self._client.v2.core.accounts.create(
                cast(Any, wanted), options={"idempotency_key": key}
            )
        return read_account(made.to_dict())

    def fetch_account(self, account_id: str) -> AccountFacts:
        """Return a connected account as it is now."""
        with _translated():
            found = self._client.v2.core.accounts.retrieve(
                account_id, cast(Any, {"include": ACCOUNT_PARTS})
            )
        return read_account(found.to_dict())

    def onboarding_url(self, account_id: str, *, return_url: str, refresh_url: str) -> str:
        """Return an address, good for minutes and once, where the owner tells Stripe the rest."""
        onboarding = {
            "configurations": ["merchant"],
            "refresh_url": refresh_url,
            "return_url": return_url,
        }
        use = {"type": "account_onboarding", "account_onboarding": onboarding}
        with _translated():
            link = self._client.v2.core.account_links.create(
                cast(Any, {"account": account_id, "use_case": use})
            )
        return link.url

    def register_endpoint(self, url: str, *, connect: bool) -> str:
        """Subscribe an address of ours to events; return the signing secret."""
        wanted = {
            "url": url,
            "enabled_events": ["*"],
            "connect": connect,
            "api_version": PINNED_VERSION,
        }
        with _translated():
            endpoint = self._client.v1.webhook_endpoints.create(cast(Any, wanted))
        if endpoint.secret is None:
            raise Refused("endpoint_without_secret")
        return endpoint.secret


class StripeFor:
    """Stripe on behalf of one clinic's account; there is no way to leave the account out."""

    def __init__(self, client: stripe.StripeClient, account_id: str) -> None:
        if not _ACCOUNT_ID.fullmatch(account_id):
            raise ValueError("a connected account is named acct_…")
        self._client = client
        self._account = account_id

    def create_customer(self, params: Json, *, key: str) -> str:
        """Make a customer; return its id."""
        with _translated():
            made = self._client.v1.customers.create(cast(Any, params), self._options(key))
        return made.id

    def create_session(self, params: Json, *, key: str) -> SessionFacts:
        """Make a Checkout Session."""
        with _translated():
            made = self._client.v1.checkout.sessions.create(cast(Any, params), self._options(key))
        return read_session(made.to_dict())

    def expire_session(self, session_id: str, *, key: str) -> SessionFacts:
        """Close a session; one that cannot be closed any more is returned as it is."""
        try:
            with _translated():
                closed = self._client.v1.checkout.sessions.expire(
                    session_id, options=self._options(key)
                )
        except Refused:
            return self.fetch_session(session_id)
        return read_session(closed.to_dict())

    def fetch_session(self, session_id: str) -> SessionFacts:
        """Return a session as it is now, with charge and balance transaction."""
        with _translated():
            found = self._client.v1.checkout.sessions.retrieve(
                session_id, {"expand": SESSION_PARTS}, self._options()
            )
        return read_session(found.to_dict())

    def find_session(self, reference: str, *, customer_id: str) -> SessionFacts | None:
        """Return the session that carries our reference, or None."""
        with _translated():
            page = self._client.v1.checkout.sessions.list(
                {"customer": customer_id, "limit": PAGE}, self._options()
            )
            for found in page.auto_paging_iter():
                if found.client_reference_id == reference:
                    return self.fetch_session(found.id)
        return None

    def find_session_id(self, kind: str, object_id: str) -> str | None:
        """Return the session behind a payment_intent or a charge, or None."""
        intent_id: str | None = object_id
        with _translated():
            if kind == "charge":
                charge = self._client.v1.charges.retrieve(object_id, None, self._options())
                intent_id = id_of(charge.to_dict()["payment_intent"])
            if intent_id is None:
                return None
            page = self._client.v1.checkout.sessions.list(
                {"payment_intent": intent_id, "limit": 1}, self._options()
            )
        return page.data[0].id if page.data else None

    def list_transactions(self, *, since: int | None = None) -> Iterator[TransactionFacts]:
        """Yield the account's balance transactions, the newest first; ``since`` in Unix time."""
        wanted: Json = {"limit": PAGE}
        if since is not None:
            wanted["created"] = {"gte": since}
        with _translated():
            page = self._client.v1.balance_transactions.list(cast(Any, wanted), self._options())
            for found in page.auto_paging_iter():
                yield read_transaction(found.to_dict())

    def _options(self, key: str | None = None) -> Any:
        options = {"stripe_account": self._account}
        return options if key is None else {**options, "idempotency_key": key}


@contextmanager
def _translated() -> Iterator[None]:
    """Turn Stripe's errors into ours; their texts may name people, so only codes are kept."""
    try:
        yield
    except stripe.CardError as problem:
        raise Declined(problem.code or "card_declined") from None
    except (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError) as problem:
        raise Unknown(type(problem).__name__) from None
    except stripe.StripeError as problem:
        # A key that is still in use means that the first call with it has not ended yet.
        if problem.http_status == 409 or problem.http_status is None:
            raise Unknown(_code(problem)) from None
        raise Refused(_code(problem)) from None


def _code(problem: stripe.StripeError) -> str:
    # Some errors carry their code only in the body.
    inside = problem.error.code if problem.error is not None else None
    return problem.code or inside or type(problem).__name__


def read_event(payload: bytes, signature: str, secrets: Sequence[str]) -> EventNote:
    """Return what a webhook says happened; raises BadSignature unless one of the secrets fits.

    Stripe's own check lets a signature from the future pass, so that side is checked here.
    """
    if not any(_is_signed(payload, signature, secret) for secret in secrets):
        raise BadSignature
    stamped = re.search(r"(?:^|,)t=(\d+)", signature)
    if stamped is None or int(stamped[1]) > time.time() + TOLERANCE_SECONDS:
        raise BadSignature
    return read_event_body(payload)


def _is_signed(payload: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(payload, signature, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True
