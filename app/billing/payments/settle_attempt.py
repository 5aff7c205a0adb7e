"""Find out from Stripe what became of a payment, and book it once.

The success page, the webhook's job, the reconciliation and a second click all come here. State only
moves forwards: what is paid stays paid, whatever arrives later and in whichever order.
"""

import uuid
from datetime import timedelta

from app import audit, jobs
from app.billing import queries as sales
from app.billing.errors import StripeUnreachable
from app.billing.ledger import queries as ledger
from app.billing.ledger.journals import AccountKey, Leg, book, clinic_account
from app.billing.models import AccountKind, AttemptState, PaymentAttempt
from app.billing.payments import queries
from app.billing.setup import billing_setup
from app.billing.stripe_facts import Refused, SessionFacts, TransactionFacts, Unknown
from app.database import TenantScope, outside_call
from app.kit.clock import now

LATER = timedelta(seconds=20)


def settle_attempt(scope: TenantScope, *, attempt_id: uuid.UUID) -> PaymentAttempt:
    """Return the attempt as Stripe sees it now; raises StripeUnreachable without an answer."""
    queries.get_attempt(scope, attempt_id)
    gateway = billing_setup().gateway

    def prepare(scope: TenantScope) -> tuple[str, str] | None:
        attempt = queries.get_attempt(scope, attempt_id)
        session_id = attempt.checkout_session_id
        return None if session_id is None else (attempt.account_id, session_id)

    def call(place: tuple[str, str] | None) -> SessionFacts | None:
        if place is None:
            return None
        try:
            return gateway.on(place[0]).fetch_session(place[1])
        except (Refused, Unknown):
            raise StripeUnreachable from None

    def record(scope: TenantScope, _: object, facts: SessionFacts | None) -> PaymentAttempt:
        if facts is None:
            return queries.get_attempt(scope, attempt_id)
        return apply_facts(scope, attempt_id, facts)

    return outside_call(scope, prepare=prepare, call=call, record=record)


def apply_facts(scope: TenantScope, attempt_id: uuid.UUID, facts: SessionFacts) -> PaymentAttempt:
    """Move an attempt to what Stripe says and book its money; harmless to repeat.

    Locks the purchase's credit account and then the attempt, as everybody does. A session whose
    amount, currency, clinic or reference is not ours is quarantined and never counted as paid.
    """
    ledger.get_credit_account_for_update(scope, queries.get_attempt(scope, attempt_id).purchase_id)
    attempt = queries.get_attempt_for_update(scope, attempt_id)
    if attempt.state == AttemptState.QUARANTINED:
        return attempt
    misfit = _misfit(attempt, facts)
    if misfit:
        return _quarantine(scope, attempt, misfit)
    attempt.checkout_session_id = facts.session_id
    if facts.is_paid:
        _take(scope, attempt, facts)
    elif attempt.state != AttemptState.PAID:
        _follow(attempt, facts)
    return attempt


def _misfit(attempt: PaymentAttempt, facts: SessionFacts) -> str:
    """Return which of a session's values is not what we asked for, or an empty text."""
    wanted = {
        "session": attempt.checkout_session_id or facts.session_id,
        "reference": str(attempt.id),
        "tenant": str(attempt.tenant_id),
        "amount": attempt.amount_minor,
        "currency": attempt.currency,
    }
    found = {
        "session": facts.session_id,
        "reference": facts.reference,
        "tenant": facts.tenant,
        "amount": facts.amount_minor,
        "currency": facts.currency,
    }
    return next((name for name in wanted if wanted[name] != found[name]), "")


def _quarantine(scope: TenantScope, attempt: PaymentAttempt, misfit: str) -> PaymentAttempt:
    attempt.state, attempt.problem = AttemptState.QUARANTINED, f"other_{misfit}"
    audit.record(
        scope,
        "billing:payment:quarantine",
        subject_id=attempt.id,
        patient_id=attempt.patient_id,
        misfit=misfit,
    )
    return attempt


def _follow(attempt: PaymentAttempt, facts: SessionFacts) -> None:
    """Note where an unpaid session stands."""
    if facts.status == "expired":
        attempt.state, attempt.problem = AttemptState.EXPIRED, None
        return
    attempt.state = AttemptState.OPEN
    attempt.problem = "processing" if facts.status == "complete" else facts.decline_code
    attempt.checkout_url = facts.url or attempt.checkout_url


def _take(scope: TenantScope, attempt: PaymentAttempt, facts: SessionFacts) -> None:
    """Book the charge, and its line on Stripe's balance once that is known."""
    if attempt.state != AttemptState.PAID:
        twice = queries.exists_paid_attempt(scope, attempt.purchase_id, attempt.purpose)
        attempt.state, attempt.settled_at = AttemptState.PAID, now()
        attempt.problem = "paid_twice" if twice else None
        attempt.charge_id, attempt.payment_intent_id = facts.charge_id, facts.payment_intent_id
        audit.record(
            scope,
            "billing:payment:settle",
            subject_id=attempt.id,
            patient_id=attempt.patient_id,
            twice=twice,
        )
        jobs.enqueue(scope, "billing.issue_receipt", attempt_id=attempt.id)
        if facts.transaction is None:
            # The event that brings it may get lost, so we also ask by ourselves.
            jobs.enqueue(scope, "billing.settle", not_before=now() + LATER, attempt_id=attempt.id)
        _book_capture(scope, attempt)
    if facts.transaction is not None:
        book_transaction(scope, attempt, facts.transaction)


def _book_capture(scope: TenantScope, attempt: PaymentAttempt) -> None:
    """Credit the patient; what they owe for sessions already given is paid from it at once."""
    credit = AccountKey(AccountKind.PATIENT_CREDIT, attempt.purchase_id)
    owed = AccountKey(AccountKind.PATIENT_RECEIVABLE, attempt.purchase_id)
    short = max(0, ledger.balance_of(scope, owed.kind, owed.subject_id))
    legs = [
        Leg(clinic_account(scope, AccountKind.PENDING), credit, attempt.amount_minor),
        Leg(credit, owed, min(short, attempt.amount_minor)),
    ]
    book(scope, f"charge:{attempt.charge_id}:captured", currency=attempt.currency, legs=legs)


def book_transaction(
    scope: TenantScope, attempt: PaymentAttempt, transaction: TransactionFacts
) -> None:
    """Book a charge's line on Stripe's balance: what came in, and what Stripe kept of it."""
    if transaction.currency != attempt.currency:
        attempt.problem = "settled_in_other_currency"
        return
    clearing = clinic_account(scope, AccountKind.STRIPE_CLEARING)
    legs = [
        Leg(clearing, clinic_account(scope, AccountKind.PENDING), transaction.amount_minor),
        Leg(clinic_account(scope, AccountKind.STRIPE_FEES), clearing, transaction.fee_minor),
    ]
    journal = f"txn:{transaction.transaction_id}"
    book(scope, journal, currency=transaction.currency, legs=legs)


def amount_due(scope: TenantScope, purchase_id: uuid.UUID, purpose: str) -> int:
    """Return what is still to be paid in advance ("deposit") or in all ("balance"), minor units."""
    purchase = sales.get_purchase(scope, purchase_id)
    paid = ledger.get_credit_account_for_update(scope, purchase_id).credits_minor
    agreed = purchase.deposit_minor if purpose == "deposit" else purchase.price_minor
    return max(0, agreed - paid)
