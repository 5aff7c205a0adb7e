"""A press on "Pay": at most one Checkout Session of a purchase can be paid at any moment."""

import uuid
from datetime import UTC, datetime, timedelta

from app import audit, jobs
from app.billing import queries as sales
from app.billing.errors import DepositFirst, NothingToPay, OnlinePaymentsOff
from app.billing.ledger import queries as ledger
from app.billing.models import AttemptState, PaymentAttempt, Purchase
from app.billing.payments import queries
from app.billing.payments.connect_clinic import get_account
from app.billing.payments.ensure_customer import ensure_customer
from app.billing.payments.operations import Sent, begin_operation, finish_operation, send
from app.billing.payments.settle_attempt import amount_due, apply_facts
from app.billing.reflection import require_reflection_over
from app.billing.setup import billing_setup
from app.billing.stripe_facts import Json, SessionFacts, Unknown
from app.database import TenantScope, commit_before_refusal
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.speech import mark, say
from app.policies.errors import MoneyWaits

CREATE_SESSION = "checkout.create"
EXPIRE_SESSION = "checkout.expire"
SESSION_LASTS = timedelta(seconds=1860)
SECOND_PRESS = timedelta(seconds=60)
ASK_AGAIN_AFTER = timedelta(seconds=5)
AFTER_ITS_END = timedelta(minutes=1)
PRODUCT = {"deposit": "Deposit", "balance": "Payment"}


def start_checkout(
    scope: TenantScope, *, purchase_id: uuid.UUID, purpose: str = "deposit"
) -> PaymentAttempt:
    """Return the attempt whose ``checkout_url`` leads to Stripe's page, or that is paid by now.

    A second press within a minute gets the same page. Later, the old page is closed first; if it
    was paid after all, that attempt is returned. Raises NothingToPay, DepositFirst,
    OnlinePaymentsOff, MoneyWaits, StripeRefused, or StripeUnreachable while we do not know.
    """
    purchase = sales.get_purchase(scope, purchase_id)
    _check_online(scope, purchase)
    try:
        require_reflection_over(scope, purchase)
    except MoneyWaits:
        paid = _close_page(scope, purchase_id, purpose)
        if paid is None:
            raise
        return paid
    before = queries.find_open_attempt(scope, purchase_id, purpose)
    if before is not None and before.state == AttemptState.OPEN:
        if before.created_at > now() - SECOND_PRESS:
            return before
        before = close_attempt(scope, attempt_id=before.id)
        if before.state != AttemptState.EXPIRED:
            return before
    customer_id = ensure_customer(scope, purchase=purchase)
    gateway = billing_setup().gateway
    return send(
        scope,
        prepare=lambda scope: _prepare(scope, purchase, purpose, customer_id),
        call=lambda sent: gateway.on(sent.account_id).create_session(sent.params, key=sent.key),
        record=lambda scope, sent, facts: record_session(scope, sent, facts, purchase_id, purpose),
        give_up=give_up_session,
    )


def _close_page(scope: TenantScope, purchase_id: uuid.UUID, purpose: str) -> PaymentAttempt | None:
    """Close a page that is open from before the wait, for good; return it if it was paid."""
    before = queries.find_open_attempt(scope, purchase_id, purpose)
    if before is None or before.state != AttemptState.OPEN:
        return None
    closed = close_attempt(scope, attempt_id=before.id)
    if closed.state != AttemptState.EXPIRED:
        return closed
    commit_before_refusal(scope.session)
    return None


def close_attempt(scope: TenantScope, *, attempt_id: uuid.UUID) -> PaymentAttempt:
    """Close an attempt's page at Stripe and return the attempt: expired, or paid after all."""
    gateway = billing_setup().gateway

    def prepare(scope: TenantScope) -> Sent:
        attempt = queries.get_attempt(scope, attempt_id)
        params: Json = {"session": attempt.checkout_session_id}
        account_id = attempt.account_id
        return begin_operation(
            scope, EXPIRE_SESSION, attempt_id, account_id=account_id, params=params
        )

    def record(scope: TenantScope, sent: Sent | None, facts: SessionFacts | None) -> PaymentAttempt:
        if sent is None or facts is None:
            raise RuntimeError("closing a session always gets an answer or an error")
        attempt = apply_facts(scope, attempt_id, facts)
        finish_operation(scope, sent, facts.session_id)
        return attempt

    return send(
        scope,
        prepare=prepare,
        call=lambda sent: gateway.on(sent.account_id).expire_session(
            sent.params["session"], key=sent.key
        ),
        record=record,
    )


def record_session(
    scope: TenantScope,
    sent: Sent | None,
    facts: SessionFacts | None,
    purchase_id: uuid.UUID,
    purpose: str,
) -> PaymentAttempt:
    """Note the session that Stripe made; without one, return what somebody else opened."""
    if sent is None or facts is None:
        attempt = queries.find_open_attempt(scope, purchase_id, purpose)
        if attempt is None:
            raise NothingToPay
        return attempt
    attempt = apply_facts(scope, uuid.UUID(sent.params["client_reference_id"]), facts)
    attempt.expires_at = datetime.fromtimestamp(facts.expires_at, UTC)
    # Whoever paid, left, or lost the network: at the end of the page's life we ask by ourselves.
    afterwards = attempt.expires_at + AFTER_ITS_END
    jobs.enqueue(scope, "billing.settle", not_before=afterwards, attempt_id=attempt.id)
    finish_operation(scope, sent, facts.session_id)
    return attempt


def give_up_session(scope: TenantScope, sent: Sent) -> None:
    """Leave the attempt unknown and find out later, or failed where Stripe refused."""
    attempt = queries.get_attempt_for_update(scope, uuid.UUID(sent.params["client_reference_id"]))
    if attempt.state not in {AttemptState.NEW, AttemptState.UNKNOWN} or sent.problem is None:
        return
    attempt.problem = sent.problem.code
    if not isinstance(sent.problem, Unknown):
        attempt.state = AttemptState.FAILED
        return
    attempt.state = AttemptState.UNKNOWN
    jobs.enqueue(
        scope,
        "billing.resolve_checkout",
        not_before=now() + ASK_AGAIN_AFTER,
        operation_id=sent.operation_id,
    )


def _check_online(scope: TenantScope, purchase: Purchase) -> None:
    account = get_account(scope)
    if not account.can_take_cards:
        raise OnlinePaymentsOff(mark("This clinic may not take cards yet."))
    if purchase.currency not in account.settles_in:
        told = say("This clinic does not take %(currency)s online.", currency=purchase.currency)
        raise OnlinePaymentsOff(told)


def _prepare(scope: TenantScope, purchase: Purchase, purpose: str, customer_id: str) -> Sent | None:
    """Under the purchase's lock: take up the open attempt, or make a new one."""
    ledger.get_credit_account_for_update(scope, purchase.id)
    account_id = get_account(scope).account_id
    attempt = queries.find_open_attempt(scope, purchase.id, purpose)
    if attempt is not None and attempt.state == AttemptState.OPEN:
        return None
    if attempt is None:
        attempt = _new_attempt(scope, purchase, purpose, account_id)
    params = _session_params(attempt, customer_id)
    return begin_operation(
        scope, CREATE_SESSION, attempt.id, account_id=attempt.account_id, params=params
    )


def _new_attempt(
    scope: TenantScope, purchase: Purchase, purpose: str, account_id: str
) -> PaymentAttempt:
    require_reflection_over(scope, purchase)
    due = amount_due(scope, purchase.id, purpose)
    if due == 0:
        raise NothingToPay
    if purpose == "balance" and amount_due(scope, purchase.id, "deposit"):
        raise DepositFirst
    attempt = PaymentAttempt(
        tenant_id=scope.tenant_id,
        id=new_id(),
        purchase_id=purchase.id,
        patient_id=purchase.patient_id,
        purpose=purpose,
        account_id=account_id,
        amount_minor=due,
        currency=purchase.currency,
        state=AttemptState.NEW,
        created_at=now(),
    )
    scope.session.add(attempt)
    audit.record(
        scope,
        "billing:payment:start",
        subject_id=attempt.id,
        patient_id=attempt.patient_id,
        purchase_id=purchase.id,
    )
    return attempt


def _session_params(attempt: PaymentAttempt, customer_id: str) -> Json:
    """Return what Stripe is told: amounts and ids. Not what the money is for."""
    reference = str(attempt.purchase_id)[-8:].upper()
    about = {
        "tenant": str(attempt.tenant_id),
        "purchase": str(attempt.purchase_id),
        "attempt": str(attempt.id),
    }
    price = {
        "currency": attempt.currency.lower(),
        "unit_amount": attempt.amount_minor,
        "product_data": {"name": f"{PRODUCT[attempt.purpose]}, reference {reference}"},
    }
    page = f"{billing_setup().public_url}/pay"
    return {
        "mode": "payment",
        "customer": customer_id,
        "client_reference_id": str(attempt.id),
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_intent_data": {"metadata": about},
        "metadata": about,
        "expires_at": int((now() + SESSION_LASTS).timestamp()),
        "success_url": page + "/done?cs={CHECKOUT_SESSION_ID}",
        "cancel_url": page + "/deposit",
    }
