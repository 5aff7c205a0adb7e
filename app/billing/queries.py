"""Questions about packages, purchases and credits."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.billing.errors import PackageUnknown, PurchaseUnknown
from app.billing.models import (
    AccountKind,
    LedgerAccount,
    Package,
    Purchase,
    Redemption,
    SessionCredit,
)
from app.database import TenantScope
from app.patients.person import person_ids


@dataclass(frozen=True)
class PurchaseLine:
    """A purchase in a list. ``paid_minor`` is what was captured for it."""

    id: uuid.UUID
    name: str
    procedure_id: str
    sessions: int
    used: int
    price_minor: int
    deposit_minor: int
    paid_minor: int
    currency: str
    sold_at: datetime

    @property
    def deposit_is_due(self) -> bool:
        """Whether a deposit was agreed and has not arrived."""
        return self.deposit_minor > self.paid_minor

    @property
    def sessions_left(self) -> int:
        """How many sessions are still to come."""
        return self.sessions - self.used


def list_packages(scope: TenantScope) -> Sequence[Package]:
    """Return the packages on offer, by name."""
    statement = (
        select(Package)
        .where(Package.tenant_id == scope.tenant_id, Package.retired_at.is_(None))
        .order_by(Package.name, Package.id)
    )
    return scope.session.scalars(statement).all()


def get_package(scope: TenantScope, package_id: uuid.UUID) -> Package:
    """Return a package on offer; raises PackageUnknown."""
    found = get_package_even_retired(scope, package_id)
    if found.retired_at is not None:
        raise PackageUnknown("There is no such package on offer.")
    return found


def get_package_even_retired(scope: TenantScope, package_id: uuid.UUID) -> Package:
    """Return a package, on offer or not; raises PackageUnknown."""
    found = scope.session.get(Package, (scope.tenant_id, package_id))
    if found is None:
        raise PackageUnknown("There is no such package.")
    return found


def get_purchase(scope: TenantScope, purchase_id: uuid.UUID) -> Purchase:
    """Return a purchase; raises PurchaseUnknown."""
    found = scope.session.get(Purchase, (scope.tenant_id, purchase_id))
    if found is None:
        raise PurchaseUnknown("There is no such purchase.")
    return found


def list_purchase_lines(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[PurchaseLine]:
    """Return a patient's purchases, the newest first."""
    used = (
        select(func.count(Redemption.id))
        .join(
            SessionCredit,
            (SessionCredit.tenant_id == Redemption.tenant_id)
            & (SessionCredit.id == Redemption.credit_id),
        )
        .where(
            Redemption.tenant_id == scope.tenant_id,
            SessionCredit.tenant_id == scope.tenant_id,
            SessionCredit.purchase_id == Purchase.id,
        )
        .scalar_subquery()
    )
    statement = (
        select(
            Purchase.id,
            Purchase.name,
            Purchase.procedure_id,
            Purchase.sessions,
            used,
            Purchase.price_minor,
            Purchase.deposit_minor,
            LedgerAccount.credits_minor,
            Purchase.currency,
            Purchase.sold_at,
        )
        .join(
            LedgerAccount,
            (LedgerAccount.tenant_id == Purchase.tenant_id)
            & (LedgerAccount.subject_id == Purchase.id),
        )
        .where(
            Purchase.tenant_id == scope.tenant_id,
            LedgerAccount.tenant_id == scope.tenant_id,
            LedgerAccount.kind == AccountKind.PATIENT_CREDIT.value,
            Purchase.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(Purchase.sold_at.desc(), Purchase.id.desc())
    )
    return [PurchaseLine(*row) for row in scope.session.execute(statement)]


def list_purchases_with_credit(
    scope: TenantScope, patient_id: uuid.UUID, procedure_id: str
) -> Sequence[Purchase]:
    """Return the purchases with an unused session of a procedure, the oldest first."""
    unused = (
        select(SessionCredit.id)
        .outerjoin(
            Redemption,
            (Redemption.tenant_id == SessionCredit.tenant_id)
            & (Redemption.credit_id == SessionCredit.id),
        )
        .where(
            SessionCredit.tenant_id == scope.tenant_id,
            SessionCredit.purchase_id == Purchase.id,
            Redemption.id.is_(None),
        )
        .exists()
    )
    statement = (
        select(Purchase)
        .where(
            Purchase.tenant_id == scope.tenant_id,
            Purchase.patient_id.in_(person_ids(scope, patient_id)),
            Purchase.procedure_id == procedure_id,
            unused,
        )
        .order_by(Purchase.sold_at, Purchase.id)
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).all()


def list_unused_credits(scope: TenantScope, purchase_id: uuid.UUID) -> Sequence[SessionCredit]:
    """Return the sessions of a purchase that were not used, the first first."""
    statement = (
        select(SessionCredit)
        .outerjoin(
            Redemption,
            (Redemption.tenant_id == SessionCredit.tenant_id)
            & (Redemption.credit_id == SessionCredit.id),
        )
        .where(
            SessionCredit.tenant_id == scope.tenant_id,
            SessionCredit.purchase_id == purchase_id,
            Redemption.id.is_(None),
        )
        .order_by(SessionCredit.number)
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).all()


def list_credits(
    scope: TenantScope, purchase_id: uuid.UUID
) -> Sequence[tuple[SessionCredit, Redemption | None]]:
    """Return every session of a purchase with its redemption, if it has one."""
    statement = (
        select(SessionCredit, Redemption)
        .outerjoin(
            Redemption,
            (Redemption.tenant_id == SessionCredit.tenant_id)
            & (Redemption.credit_id == SessionCredit.id),
        )
        .where(SessionCredit.tenant_id == scope.tenant_id, SessionCredit.purchase_id == purchase_id)
        .order_by(SessionCredit.number)
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]


def find_redemption(
    scope: TenantScope, treatment_id: uuid.UUID
) -> tuple[Redemption, SessionCredit | None] | None:
    """Return how a treatment was paid for, or None when nothing was recorded."""
    statement = (
        select(Redemption, SessionCredit)
        .outerjoin(
            SessionCredit,
            (SessionCredit.tenant_id == Redemption.tenant_id)
            & (SessionCredit.id == Redemption.credit_id),
        )
        .where(Redemption.tenant_id == scope.tenant_id, Redemption.treatment_id == treatment_id)
    )
    row = scope.session.execute(statement).first()
    return None if row is None else (row[0], row[1])
