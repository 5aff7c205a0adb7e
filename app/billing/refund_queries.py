"""Questions about what would be given back."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select

from app.billing.errors import QuoteUnknown
from app.billing.models import PaymentAttempt, Purchase
from app.billing.refund_models import RefundQuote
from app.database import TenantScope
from app.patients.person import person_ids

UNDER_WAY = ("new", "open", "unknown")


def list_purchases_for(
    scope: TenantScope, patient_id: uuid.UUID, procedure_id: str
) -> Sequence[Purchase]:
    """Return what a person bought of a procedure, wherever they bought it, the oldest first."""
    statement = (
        select(Purchase)
        .where(
            Purchase.tenant_id == scope.tenant_id,
            Purchase.patient_id.in_(person_ids(scope, patient_id)),
            Purchase.procedure_id == procedure_id,
        )
        .order_by(Purchase.id)
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).all()


def exists_payment_under_way(scope: TenantScope, purchase_id: uuid.UUID) -> bool:
    """Return whether a payment for a purchase is on its way, so that a quote may change."""
    statement = (
        select(PaymentAttempt.id)
        .where(
            PaymentAttempt.tenant_id == scope.tenant_id,
            PaymentAttempt.purchase_id == purchase_id,
            PaymentAttempt.state.in_(UNDER_WAY),
        )
        .limit(1)
        .execution_options(everywhere=True)
    )
    return scope.session.scalar(statement) is not None


def find_quote(
    scope: TenantScope, *, withdrawal_id: uuid.UUID, purchase_id: uuid.UUID
) -> RefundQuote | None:
    """Return the quote that a withdrawal made for a purchase, or None."""
    statement = select(RefundQuote).where(
        RefundQuote.tenant_id == scope.tenant_id,
        RefundQuote.withdrawal_id == withdrawal_id,
        RefundQuote.purchase_id == purchase_id,
    )
    return scope.session.scalar(statement)


def get_quote_for_update(scope: TenantScope, quote_id: uuid.UUID) -> RefundQuote:
    """Return a quote, locked; raises QuoteUnknown."""
    statement = (
        select(RefundQuote)
        .where(RefundQuote.tenant_id == scope.tenant_id, RefundQuote.id == quote_id)
        .with_for_update()
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise QuoteUnknown("There is no such quote.")
    return found


def list_quotes_of(
    scope: TenantScope, withdrawal_ids: Collection[uuid.UUID]
) -> Sequence[tuple[RefundQuote, str]]:
    """Return the quotes of some withdrawals, each with the name of what was bought."""
    statement = (
        select(RefundQuote, Purchase.name)
        .join(
            Purchase,
            (Purchase.tenant_id == RefundQuote.tenant_id)
            & (Purchase.id == RefundQuote.purchase_id),
        )
        .where(
            RefundQuote.tenant_id == scope.tenant_id,
            Purchase.tenant_id == scope.tenant_id,
            RefundQuote.withdrawal_id.in_(withdrawal_ids),
        )
        .order_by(RefundQuote.quoted_at, RefundQuote.id)
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]
