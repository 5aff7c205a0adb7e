"""A patient becomes a customer on the clinic's own account, known there by an id alone."""

from sqlalchemy.dialects.postgresql import insert

from app.billing.ledger import queries as ledger
from app.billing.models import Purchase, StripeCustomer
from app.billing.payments import queries
from app.billing.payments.connect_clinic import get_account
from app.billing.payments.operations import Sent, begin_operation, finish_operation, send
from app.billing.setup import billing_setup
from app.billing.stripe_facts import Json
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id

CREATE_CUSTOMER = "customer.create"


def ensure_customer(scope: TenantScope, *, purchase: Purchase) -> str:
    """Return the Stripe id of the purchase's patient, made now if it is the first time.

    Neither name nor address leaves us: Stripe asks the payer for what it needs. Raises
    StripeRefused or StripeUnreachable.
    """
    known = queries.find_customer(scope, purchase.patient_id)
    if known is not None:
        return known.customer_id
    gateway = billing_setup().gateway
    return send(
        scope,
        prepare=lambda scope: _prepare(scope, purchase),
        call=lambda sent: gateway.on(sent.account_id).create_customer(sent.params, key=sent.key),
        record=lambda scope, sent, customer_id: _record(scope, purchase, sent, customer_id),
    )


def _prepare(scope: TenantScope, purchase: Purchase) -> Sent | None:
    ledger.get_credit_account_for_update(scope, purchase.id)
    if queries.find_customer(scope, purchase.patient_id) is not None:
        return None
    about: Json = {"tenant": str(scope.tenant_id), "patient": str(purchase.patient_id)}
    return begin_operation(
        scope,
        CREATE_CUSTOMER,
        purchase.patient_id,
        account_id=get_account(scope).account_id,
        params={"metadata": about},
    )


def _record(
    scope: TenantScope, purchase: Purchase, sent: Sent | None, customer_id: str | None
) -> str:
    if sent is not None and customer_id is not None:
        # First of all locks, since the caller goes on to open a checkout in this transaction.
        ledger.get_credit_account_for_update(scope, purchase.id)
        finish_operation(scope, sent, customer_id)
        values = {
            "tenant_id": scope.tenant_id,
            "id": new_id(),
            "patient_id": purchase.patient_id,
            "customer_id": customer_id,
            "created_at": now(),
        }
        # Two purchases of one patient may come here at once; the first one's customer stays.
        scope.session.execute(insert(StripeCustomer).values(**values).on_conflict_do_nothing())
    known = queries.find_customer(scope, purchase.patient_id)
    if known is None:
        raise RuntimeError("a customer that was just written is not there")
    return known.customer_id
