"""Questions about accounts, journals and balances. Amounts are minor units."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.billing.models import AccountKind, LedgerAccount, LedgerClosing, Transfer
from app.database import TenantScope


@dataclass(frozen=True)
class Balance:
    """What stands on all accounts of a kind in a currency; ``net`` is debits less credits."""

    kind: str
    currency: str
    debits_minor: int
    credits_minor: int

    @property
    def net_minor(self) -> int:
        """Debits less credits: positive is what the clinic has, negative what it owes or earned."""
        return self.debits_minor - self.credits_minor


@dataclass(frozen=True)
class JournalLine:
    """One transfer as the ledger page shows it."""

    journal: str
    leg: int
    debit_kind: str
    credit_kind: str
    amount_minor: int
    currency: str
    booked_at: datetime


def exists_journal(scope: TenantScope, journal: str) -> bool:
    """Return whether a journal was booked."""
    statement = select(
        select(Transfer.id)
        .where(Transfer.tenant_id == scope.tenant_id, Transfer.journal == journal)
        .exists()
    )
    return bool(scope.session.scalar(statement))


def find_account_id(
    scope: TenantScope, kind: AccountKind, subject_id: uuid.UUID, currency: str
) -> uuid.UUID | None:
    """Return the id of an account, or None when nothing was ever booked on it."""
    statement = select(LedgerAccount.id).where(
        LedgerAccount.tenant_id == scope.tenant_id,
        LedgerAccount.kind == kind.value,
        LedgerAccount.subject_id == subject_id,
        LedgerAccount.currency == currency,
    )
    return scope.session.scalar(statement)


def get_credit_account_for_update(scope: TenantScope, purchase_id: uuid.UUID) -> LedgerAccount:
    """Lock a purchase's credit account: whoever moves a purchase's money holds this lock.

    It is opened with the sale, so it is always there.
    """
    statement = (
        select(LedgerAccount)
        .where(
            LedgerAccount.tenant_id == scope.tenant_id,
            LedgerAccount.kind == AccountKind.PATIENT_CREDIT.value,
            LedgerAccount.subject_id == purchase_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).one()


def balance_of(scope: TenantScope, kind: AccountKind, subject_id: uuid.UUID) -> int:
    """Return debits less credits of one account, summed from its transfers."""
    debits = _side(scope, Transfer.debit_account, kind, subject_id)
    credits = _side(scope, Transfer.credit_account, kind, subject_id)
    return int(scope.session.scalar(select(debits - credits)) or 0)


def _side(
    scope: TenantScope,
    side: InstrumentedAttribute[uuid.UUID],
    kind: AccountKind,
    subject_id: uuid.UUID,
) -> ColumnElement[int]:
    statement = (
        select(func.sum(Transfer.amount_minor))
        .join(
            LedgerAccount,
            (LedgerAccount.tenant_id == Transfer.tenant_id) & (LedgerAccount.id == side),
        )
        .where(
            Transfer.tenant_id == scope.tenant_id,
            LedgerAccount.tenant_id == scope.tenant_id,
            LedgerAccount.kind == kind.value,
            LedgerAccount.subject_id == subject_id,
        )
    )
    return func.coalesce(statement.scalar_subquery(), 0)


def list_balances(scope: TenantScope) -> Sequence[Balance]:
    """Return the clinic's balances by kind and currency: the last closing, and what came after."""
    through = find_last_closing(scope)
    if through is None:
        return sum_transfers(scope)
    return add_up([*list_closed(scope, through), *sum_transfers(scope, since=through)])


def add_up(parts: Sequence[Balance]) -> Sequence[Balance]:
    """Return one balance for each kind and currency, in the order of the ledger."""
    found: dict[tuple[str, str], Balance] = {}
    for one in parts:
        key = (one.currency, one.kind)
        before = found.get(key, Balance(one.kind, one.currency, 0, 0))
        found[key] = Balance(
            one.kind,
            one.currency,
            before.debits_minor + one.debits_minor,
            before.credits_minor + one.credits_minor,
        )
    return [found[key] for key in sorted(found)]


def find_last_closing(scope: TenantScope) -> datetime | None:
    """Return up to which moment the ledger was closed last, or None."""
    statement = (
        select(LedgerClosing.through)
        .where(LedgerClosing.tenant_id == scope.tenant_id)
        .order_by(LedgerClosing.through.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def list_closed(scope: TenantScope, through: datetime) -> Sequence[Balance]:
    """Return the sums of one closing."""
    statement = select(
        LedgerClosing.kind,
        LedgerClosing.currency,
        LedgerClosing.debits_minor,
        LedgerClosing.credits_minor,
    ).where(LedgerClosing.tenant_id == scope.tenant_id, LedgerClosing.through == through)
    return [Balance(*row) for row in scope.session.execute(statement)]


def sum_transfers(
    scope: TenantScope, *, since: datetime | None = None, until: datetime | None = None
) -> Sequence[Balance]:
    """Return the balances of a span of time, added up from its transfers; all of them by default.

    :param since: the first moment that counts. :param until: the first that no longer does.
    """
    span = [Transfer.tenant_id == scope.tenant_id]
    span += [Transfer.booked_at >= since] if since is not None else []
    span += [Transfer.booked_at < until] if until is not None else []
    sides = union_all(
        select(
            Transfer.tenant_id.label("tenant_id"),
            Transfer.debit_account.label("account_id"),
            Transfer.amount_minor.label("debit"),
            literal(0).label("credit"),
        ).where(*span),
        select(
            Transfer.tenant_id, Transfer.credit_account, literal(0), Transfer.amount_minor
        ).where(*span),
    ).subquery()
    statement = (
        select(
            LedgerAccount.kind,
            LedgerAccount.currency,
            func.sum(sides.c.debit),
            func.sum(sides.c.credit),
        )
        .join(
            sides,
            (sides.c.tenant_id == LedgerAccount.tenant_id)
            & (sides.c.account_id == LedgerAccount.id),
        )
        .where(LedgerAccount.tenant_id == scope.tenant_id)
        .group_by(LedgerAccount.kind, LedgerAccount.currency)
    )
    return add_up(
        [
            Balance(kind, currency, int(debit), int(credit))
            for kind, currency, debit, credit in scope.session.execute(statement)
        ]
    )


def list_journal_lines(scope: TenantScope, *, most: int = 100) -> Sequence[JournalLine]:
    """Return the newest transfers with the kinds of their accounts."""
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    statement = (
        select(
            Transfer.journal,
            Transfer.leg,
            debit.kind,
            credit.kind,
            Transfer.amount_minor,
            Transfer.currency,
            Transfer.booked_at,
        )
        .join(debit, (debit.tenant_id == Transfer.tenant_id) & (debit.id == Transfer.debit_account))
        .join(
            credit,
            (credit.tenant_id == Transfer.tenant_id) & (credit.id == Transfer.credit_account),
        )
        .where(
            Transfer.tenant_id == scope.tenant_id,
            debit.tenant_id == scope.tenant_id,
            credit.tenant_id == scope.tenant_id,
        )
        .order_by(Transfer.booked_at.desc(), Transfer.journal, Transfer.leg)
        .limit(most)
    )
    return [JournalLine(*row) for row in scope.session.execute(statement)]


def list_booked_journals(scope: TenantScope, journals: Sequence[str]) -> set[str]:
    """Return which of these journals were booked."""
    statement = (
        select(Transfer.journal)
        .where(Transfer.tenant_id == scope.tenant_id, Transfer.journal.in_(journals))
        .distinct()
    )
    return set(scope.session.scalars(statement))
