"""Write a journal: its transfers first, the totals of accounts with a floor last."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.billing.ledger import queries
from app.billing.models import AccountKind, LedgerAccount, Transfer
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


@dataclass(frozen=True, order=True)
class AccountKey:
    """Names an account: its kind, and whose it is (a purchase, or the clinic itself)."""

    kind: AccountKind
    subject_id: uuid.UUID


@dataclass(frozen=True)
class Leg:
    """One amount in minor units, from the account that is debited to the one that is credited."""

    debit: AccountKey
    credit: AccountKey
    amount_minor: int


def clinic_account(scope: TenantScope, kind: AccountKind) -> AccountKey:
    """Name an account that the clinic has once per currency."""
    return AccountKey(kind, scope.tenant_id)


def book(scope: TenantScope, journal: str, *, currency: str, legs: Sequence[Leg]) -> bool:
    """Book a journal; return False when it was booked before. Legs of zero are left out.

    The caller holds the lock of the purchase's credit account, so that the look before the write
    is true; the unique key of journal and leg is the net beneath. IntegrityError by the floor
    when more credit would be spent than there is.
    """
    if queries.exists_journal(scope, journal):
        return False
    real = [leg for leg in legs if leg.amount_minor]
    keys = sorted({key for leg in real for key in (leg.debit, leg.credit)})
    accounts = {key: open_account(scope, key, currency) for key in keys}
    for number, leg in enumerate(real, 1):
        scope.session.add(
            Transfer(
                tenant_id=scope.tenant_id,
                id=new_id(),
                journal=journal,
                leg=number,
                debit_account=accounts[leg.debit],
                credit_account=accounts[leg.credit],
                amount_minor=leg.amount_minor,
                currency=currency,
                booked_at=now(),
            )
        )
    scope.session.flush()  # The totals are written last, when nothing else can still wait.
    _add_totals(scope, accounts, real)
    return True


def open_account(scope: TenantScope, key: AccountKey, currency: str) -> uuid.UUID:
    """Return the id of an account, opened now if it is the first time."""
    found = queries.find_account_id(scope, key.kind, key.subject_id, currency)
    if found is not None:
        return found
    values = {
        "tenant_id": scope.tenant_id,
        "id": new_id(),
        "kind": key.kind.value,
        "currency": currency,
        "subject_id": key.subject_id,
        "has_floor": key.kind == AccountKind.PATIENT_CREDIT,
        "debits_minor": 0,
        "credits_minor": 0,
        "created_at": now(),
    }
    scope.session.execute(insert(LedgerAccount).values(**values).on_conflict_do_nothing())
    found = queries.find_account_id(scope, key.kind, key.subject_id, currency)
    if found is None:
        raise RuntimeError("an account that was just opened is not there")
    return found


def _add_totals(
    scope: TenantScope, accounts: dict[AccountKey, uuid.UUID], legs: Sequence[Leg]
) -> None:
    """Update each account with a floor once, in one order for everybody."""
    debits: dict[uuid.UUID, int] = defaultdict(int)
    credits: dict[uuid.UUID, int] = defaultdict(int)
    for leg in legs:
        if leg.debit.kind == AccountKind.PATIENT_CREDIT:
            debits[accounts[leg.debit]] += leg.amount_minor
        if leg.credit.kind == AccountKind.PATIENT_CREDIT:
            credits[accounts[leg.credit]] += leg.amount_minor
    for account_id in sorted({*debits, *credits}):
        statement = (
            update(LedgerAccount)
            .where(LedgerAccount.tenant_id == scope.tenant_id, LedgerAccount.id == account_id)
            .values(
                debits_minor=LedgerAccount.debits_minor + debits[account_id],
                credits_minor=LedgerAccount.credits_minor + credits[account_id],
            )
            .execution_options(synchronize_session=False)
        )
        scope.session.execute(statement)
