"""Work out what a patient who changed their mind would get back. Nothing is given back here.

By the terms of a sale every session has its share of the price, fixed on the day of the sale. What
was paid less the shares of the sessions that were used is quoted; the ledger says both.
"""

import uuid

from app import audit
from app.billing import queries, refund_queries
from app.billing.ledger import queries as ledger
from app.billing.models import Purchase
from app.billing.refund_models import RefundQuote
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


def quote_after_withdrawal(
    scope: TenantScope, *, withdrawal_id: uuid.UUID, patient_id: uuid.UUID, procedure_id: str
) -> list[RefundQuote]:
    """Return a quote for every purchase of the procedure for which money was taken, or is about to
    be. Done again, the first quotes are returned.
    """
    found = []
    for purchase in refund_queries.list_purchases_for(scope, patient_id, procedure_id):
        account = ledger.get_credit_account_for_update(scope, purchase.id)
        made = refund_queries.find_quote(
            scope, withdrawal_id=withdrawal_id, purchase_id=purchase.id
        )
        if made is None:
            made = _quote(scope, withdrawal_id, purchase, account.credits_minor)
        if made is not None:
            found.append(made)
    return found


def note_handled(scope: TenantScope, *, quote_id: uuid.UUID) -> RefundQuote:
    """Note that somebody has dealt with a quote; twice is once."""
    quote = refund_queries.get_quote_for_update(scope, quote_id)
    if quote.handled_at is not None:
        return quote
    quote.handled_at, quote.handled_by = now(), scope.actor.id
    audit.record(
        scope, "billing:refund_quote:handle", subject_id=quote.id, patient_id=quote.patient_id
    )
    return quote


def _quote(
    scope: TenantScope, withdrawal_id: uuid.UUID, purchase: Purchase, paid_minor: int
) -> RefundQuote | None:
    under_way = refund_queries.exists_payment_under_way(scope, purchase.id)
    if paid_minor == 0 and not under_way:
        return None
    used = [credit for credit, spent in queries.list_credits(scope, purchase.id) if spent]
    used_minor = sum(credit.price_minor for credit in used)
    quote = RefundQuote(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=purchase.patient_id,
        purchase_id=purchase.id,
        withdrawal_id=withdrawal_id,
        paid_minor=paid_minor,
        used_minor=used_minor,
        quoted_minor=max(0, paid_minor - used_minor),
        currency=purchase.currency,
        sessions=purchase.sessions,
        sessions_used=len(used),
        payment_under_way=under_way,
        terms_sha256=purchase.terms_sha256,
        quoted_at=now(),
    )
    scope.session.add(quote)
    audit.record(
        scope,
        "billing:refund_quote:make",
        subject_id=quote.id,
        patient_id=quote.patient_id,
        withdrawal_id=withdrawal_id,
    )
    return quote
