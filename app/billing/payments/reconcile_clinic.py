"""Compare a clinic's ledger with its balance at Stripe, after healing what can be healed."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from app.billing.errors import StripeRefused, StripeUnreachable
from app.billing.ledger import queries as ledger
from app.billing.models import AccountKind
from app.billing.payments import queries
from app.billing.payments.resolve_checkout import resolve_checkout
from app.billing.payments.settle_attempt import settle_attempt
from app.billing.payments.start_checkout import CREATE_SESSION
from app.billing.setup import billing_setup
from app.billing.stripe_facts import Refused, TransactionFacts, Unknown
from app.database import TenantScope, outside_call
from app.kit.clock import now

LONG_UNKNOWN = timedelta(minutes=5)


@dataclass(frozen=True)
class Drift:
    """One currency: what our clearing account holds and what Stripe says, in minor units."""

    currency: str
    clearing_minor: int
    stripe_minor: int

    @property
    def drift_minor(self) -> int:
        """Ours less Stripe's; 0 is the only good value."""
        return self.clearing_minor - self.stripe_minor


@dataclass(frozen=True)
class Reconciliation:
    """What was found. ``unbooked`` are lines of Stripe's balance that no journal explains."""

    transactions: int
    drifts: Sequence[Drift]
    unbooked: Sequence[TransactionFacts]

    @property
    def is_clean(self) -> bool:
        """Whether every line has its journal and every currency agrees."""
        return not self.unbooked and all(one.drift_minor == 0 for one in self.drifts)


def reconcile_clinic(scope: TenantScope) -> Reconciliation:
    """Resolve, settle, book what was missed, then compare; nothing is booked without a source.

    Changes nothing the second time. Raises StripeUnreachable; OnlinePaymentsOff without a key.
    """
    account = queries.find_account(scope)
    if account is None:
        return Reconciliation(0, (), ())
    _heal(scope)
    account_id = account.account_id
    entries = outside_call(
        scope,
        prepare=lambda scope: account_id,
        call=_list_entries,
        record=lambda scope, _, entries: entries,
    )
    for entry in _unbooked(scope, entries):
        if entry.kind == "charge":
            _book_missed(scope, account_id, entry)
    return Reconciliation(len(entries), _drifts(scope, entries), _unbooked(scope, entries))


def _heal(scope: TenantScope) -> None:
    for operation_id in queries.list_unresolved_operations(
        scope, CREATE_SESSION, before=now() - LONG_UNKNOWN
    ):
        try:
            resolve_checkout(scope, operation_id=operation_id)
        except (StripeRefused, StripeUnreachable):
            continue  # What came of it is on its row; the rest still wants looking at.
    for attempt_id in queries.list_unsettled_attempts(scope):
        _settle(scope, attempt_id)


def _settle(scope: TenantScope, attempt_id: uuid.UUID) -> None:
    with suppress(StripeUnreachable):  # It stays open, and the next run asks again.
        settle_attempt(scope, attempt_id=attempt_id)


def _list_entries(account_id: str) -> list[TransactionFacts]:
    try:
        return list(billing_setup().gateway.on(account_id).list_transactions())
    except (Refused, Unknown):
        raise StripeUnreachable from None


def _book_missed(scope: TenantScope, account_id: str, entry: TransactionFacts) -> None:
    """Settle the attempt behind a charge whose line was missed; a foreign charge stays a
    finding."""
    gateway = billing_setup().gateway.on(account_id)

    def find(_: None) -> str | None:
        try:
            return gateway.find_session_id("charge", entry.source_id)
        except (Refused, Unknown):
            return None

    session_id = outside_call(
        scope, prepare=lambda scope: None, call=find, record=lambda scope, _, found: found
    )
    attempt = queries.find_attempt_of_session(scope, session_id) if session_id else None
    if attempt is not None:
        _settle(scope, attempt.id)


def _unbooked(scope: TenantScope, entries: Sequence[TransactionFacts]) -> list[TransactionFacts]:
    journals = [f"txn:{entry.transaction_id}" for entry in entries]
    booked = ledger.list_booked_journals(scope, journals)
    return [entry for entry in entries if f"txn:{entry.transaction_id}" not in booked]


def _drifts(scope: TenantScope, entries: Sequence[TransactionFacts]) -> list[Drift]:
    ours: dict[str, int] = defaultdict(int)
    theirs: dict[str, int] = defaultdict(int)
    for balance in ledger.sum_transfers(scope):
        if balance.kind == AccountKind.STRIPE_CLEARING:
            ours[balance.currency] = balance.net_minor
    for entry in entries:
        theirs[entry.currency] += entry.net_minor
    return [Drift(code, ours[code], theirs[code]) for code in sorted({*ours, *theirs})]
