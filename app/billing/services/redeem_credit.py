"""A treatment begins: a session of a package is used, or the treatment is written down as owed.

Runs in the transaction of the start. It never refuses: money does not block a clinical record.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from app import audit
from app.billing import queries
from app.billing.ledger import queries as ledger
from app.billing.ledger.journals import AccountKey, Leg, book, clinic_account
from app.billing.models import AccountKind, Purchase, Redemption, SessionCredit
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


@dataclass(frozen=True)
class RedemptionResult:
    """How a treatment is paid for.

    Without a credit ``credit_number``, ``sessions`` and ``currency`` are None and ``owed_minor`` is
    None too: the treatment is owed, but nobody has agreed a price. With one, ``owed_minor`` is
    what of the session's price the patient has not paid yet; 0 means paid.
    """

    purchase_id: uuid.UUID | None
    credit_number: int | None
    sessions: int | None
    sessions_left: int
    owed_minor: int | None
    currency: str | None

    @property
    def paid(self) -> bool:
        """Whether nothing is owed for this treatment."""
        return self.owed_minor == 0


OWED_WITHOUT_PACKAGE = RedemptionResult(None, None, None, 0, None, None)


def redeem_credit(
    scope: TenantScope, *, patient_id: uuid.UUID, procedure_id: str, treatment_id: uuid.UUID
) -> RedemptionResult:
    """Use the patient's oldest unused session for a treatment, or note that it is owed.

    The same treatment again returns the first result. Holds the lock of the purchase's credit
    account until the caller commits, so call it late.
    """
    before = find_redemption(scope, treatment_id=treatment_id)
    if before is not None:
        return before
    for purchase in queries.list_purchases_with_credit(scope, patient_id, procedure_id):
        account = ledger.get_credit_account_for_update(scope, purchase.id)
        unused = queries.list_unused_credits(scope, purchase.id)
        if unused:
            available = account.credits_minor - account.debits_minor
            return _use(scope, purchase, unused, available, treatment_id)
    _add_row(scope, None, patient_id, procedure_id, treatment_id)
    audit.record(scope, "billing:treatment:owe", subject_id=treatment_id, patient_id=patient_id)
    return OWED_WITHOUT_PACKAGE


def find_redemption(scope: TenantScope, *, treatment_id: uuid.UUID) -> RedemptionResult | None:
    """Return how a treatment is paid for, or None when it was never started."""
    found = queries.find_redemption(scope, treatment_id)
    if found is None:
        return None
    _, credit = found
    if credit is None:
        return OWED_WITHOUT_PACKAGE
    purchase = queries.get_purchase(scope, credit.purchase_id)
    owed = max(0, ledger.balance_of(scope, AccountKind.PATIENT_RECEIVABLE, purchase.id))
    left = len(queries.list_unused_credits(scope, purchase.id))
    return _result(purchase, credit, left, min(owed, credit.price_minor))


def _use(
    scope: TenantScope,
    purchase: Purchase,
    unused: Sequence[SessionCredit],
    available_minor: int,
    treatment_id: uuid.UUID,
) -> RedemptionResult:
    credit = unused[0]
    covered = min(credit.price_minor, available_minor)
    owed = credit.price_minor - covered
    _add_row(scope, credit.id, purchase.patient_id, purchase.procedure_id, treatment_id)
    revenue = clinic_account(scope, AccountKind.SESSION_REVENUE)
    legs = [
        Leg(AccountKey(AccountKind.PATIENT_CREDIT, purchase.id), revenue, covered),
        Leg(AccountKey(AccountKind.PATIENT_RECEIVABLE, purchase.id), revenue, owed),
    ]
    book(scope, f"treatment:{treatment_id}:redeemed", currency=purchase.currency, legs=legs)
    audit.record(
        scope,
        "billing:credit:redeem",
        subject_id=treatment_id,
        patient_id=purchase.patient_id,
        credit_id=credit.id,
        owed=owed > 0,
    )
    return _result(purchase, credit, len(unused) - 1, owed)


def _result(purchase: Purchase, credit: SessionCredit, left: int, owed: int) -> RedemptionResult:
    return RedemptionResult(
        purchase_id=purchase.id,
        credit_number=credit.number,
        sessions=purchase.sessions,
        sessions_left=left,
        owed_minor=owed,
        currency=purchase.currency,
    )


def _add_row(
    scope: TenantScope,
    credit_id: uuid.UUID | None,
    patient_id: uuid.UUID,
    procedure_id: str,
    treatment_id: uuid.UUID,
) -> None:
    row = Redemption(
        tenant_id=scope.tenant_id,
        id=new_id(),
        credit_id=credit_id,
        patient_id=patient_id,
        treatment_id=treatment_id,
        procedure_id=procedure_id,
        redeemed_at=now(),
    )
    scope.session.add(row)
