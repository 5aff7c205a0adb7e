"""Packages and purchases, payment attempts and outgoing operations, the inbox and the ledger."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, TenantRow, one_of, tenant_fk, tenant_table


class AttemptState(StrEnum):
    """Where a payment attempt stands. ``unknown`` means that we asked and heard nothing yet."""

    NEW = "new"
    OPEN = "open"
    UNKNOWN = "unknown"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    QUARANTINED = "quarantined"


class OperationState(StrEnum):
    """Where an outgoing call stands. A time-out is unknown, never failed."""

    NEW = "new"
    SENT = "sent"
    DONE = "done"
    UNKNOWN = "unknown"
    FAILED = "failed"


class AccountKind(StrEnum):
    """The clinic's ledger accounts. Only patient credit has a floor and running totals."""

    PATIENT_CREDIT = "patient_credit"
    PATIENT_RECEIVABLE = "patient_receivable"
    PENDING = "pending"
    STRIPE_CLEARING = "stripe_clearing"
    STRIPE_FEES = "stripe_fees"
    SESSION_REVENUE = "session_revenue"


def _same_currency(column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", column, "currency"],
        ["ledger_account.tenant_id", "ledger_account.id", "ledger_account.currency"],
        name=f"transfer_{column}_fk",
    )


class Package(TenantOwned, Base):
    """What is sold: a number of sessions of a procedure at one price, with a rule for the
    deposit.

    ``deposit_value`` is minor units for "fixed" and hundredths of a percent for "percent".
    """

    __tablename__ = "package"
    __table_args__ = tenant_table(
        tenant_fk("location_id", "location"),
        UniqueConstraint("tenant_id", "location_id", "code"),
        one_of("deposit_kind", ["none", "fixed", "percent", "full"]),
        CheckConstraint("sessions BETWEEN 1 AND 24", name="sessions"),
        CheckConstraint("price_minor > 0", name="price"),
    )

    location_id: Mapped[uuid.UUID]
    code: Mapped[str]
    name: Mapped[str]
    procedure_id: Mapped[str]
    sessions: Mapped[int]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    deposit_kind: Mapped[str]
    deposit_value: Mapped[int] = mapped_column(BigInteger)
    deposit_round_down_to: Mapped[int] = mapped_column(default=1)
    terms: Mapped[str]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Purchase(TenantOwned, Base):
    """A sale with its terms frozen: later changes of the package do not reach it."""

    __tablename__ = "purchase"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        tenant_fk("package_id", "package"),
        tenant_fk("location_id", "location"),
        Index("purchase_patient_ix", "tenant_id", "patient_id", "sold_at"),
        CheckConstraint("deposit_minor BETWEEN 0 AND price_minor", name="deposit"),
        append_only=True,
    )

    patient_id: Mapped[uuid.UUID]
    package_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID]
    procedure_id: Mapped[str]
    name: Mapped[str]
    sessions: Mapped[int]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    deposit_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    terms: Mapped[str]
    terms_sha256: Mapped[bytes]
    sold_by: Mapped[uuid.UUID]
    sold_at: Mapped[datetime]


class SessionCredit(TenantOwned, Base):
    """One session of a purchase, with its share of the price in minor units."""

    __tablename__ = "session_credit"
    __table_args__ = tenant_table(
        tenant_fk("purchase_id", "purchase"),
        tenant_fk("patient_id", "patient"),
        UniqueConstraint("tenant_id", "purchase_id", "number"),
        Index("session_credit_patient_ix", "tenant_id", "patient_id"),
        append_only=True,
    )

    purchase_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    procedure_id: Mapped[str]
    number: Mapped[int]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]


class Redemption(TenantOwned, Base):
    """A credit spent on a treatment, or a treatment that is owed (``credit_id`` is NULL).

    Written in the same transaction as the start. A credit is spent once, a treatment paid once.
    ``treatment_id`` is an id only: this room lies below the one that treats.
    """

    __tablename__ = "redemption"
    __table_args__ = tenant_table(
        tenant_fk("credit_id", "session_credit"),
        tenant_fk("patient_id", "patient"),
        UniqueConstraint("tenant_id", "credit_id"),
        UniqueConstraint("tenant_id", "treatment_id"),
        append_only=True,
    )

    credit_id: Mapped[uuid.UUID | None]
    patient_id: Mapped[uuid.UUID]
    treatment_id: Mapped[uuid.UUID]
    procedure_id: Mapped[str]
    redeemed_at: Mapped[datetime]


class StripeAccount(TenantOwned, Base):
    """The clinic's connected account: the merchant of record.

    ``settles_in`` lists the currencies that arrive unconverted; no other is taken online.
    """

    __tablename__ = "stripe_account"
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "account_id"),
        # Money must not wait for the day on which Stripe is asked about an account that cannot be.
        CheckConstraint("account_id ~ '^acct_[A-Za-z0-9]+$'", name="account"),
    )

    account_id: Mapped[str]
    settles_in: Mapped[list[str]] = mapped_column(ARRAY(Text))
    can_take_cards: Mapped[bool]
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime]


class StripeCustomer(TenantOwned, Base):
    """A patient as a customer on the clinic's own account."""

    __tablename__ = "stripe_customer"
    __table_args__ = tenant_table(
        tenant_fk("patient_id", "patient"),
        UniqueConstraint("tenant_id", "patient_id"),
        append_only=True,
    )

    patient_id: Mapped[uuid.UUID]
    customer_id: Mapped[str]
    created_at: Mapped[datetime]


class PaymentAttempt(TenantOwned, Base):
    """One click on "pay". At most one is open per purchase and purpose.

    ``account_id`` is the connected account that it was made on: the money can be nowhere else.
    """

    __tablename__ = "payment_attempt"
    __table_args__ = tenant_table(
        tenant_fk("purchase_id", "purchase"),
        tenant_fk("patient_id", "patient"),
        one_of("state", [state.value for state in AttemptState]),
        one_of("purpose", ["deposit", "balance"]),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("payment_attempt_purchase_ix", "tenant_id", "purchase_id", "created_at"),
        Index(
            "payment_attempt_one_open_uq",
            "tenant_id",
            "purchase_id",
            "purpose",
            unique=True,
            postgresql_where=text("state IN ('new', 'open', 'unknown')"),
        ),
        UniqueConstraint("tenant_id", "checkout_session_id"),
    )

    purchase_id: Mapped[uuid.UUID]
    patient_id: Mapped[uuid.UUID]
    purpose: Mapped[str]
    account_id: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    state: Mapped[str]
    checkout_session_id: Mapped[str | None]
    checkout_url: Mapped[str | None]
    payment_intent_id: Mapped[str | None]
    charge_id: Mapped[str | None]
    problem: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class StripeOperation(TenantOwned, Base):
    """An outgoing call, committed before it is made; its id is the idempotency key."""

    __tablename__ = "stripe_operation"
    __table_args__ = tenant_table(
        one_of("state", [state.value for state in OperationState]),
        Index("stripe_operation_subject_ix", "tenant_id", "subject_id", "kind"),
        updatable=("state", "stripe_id", "attempts", "first_sent_at", "problem"),
    )

    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str]
    stripe_id: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    first_sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    created_at: Mapped[datetime]


class StripeEvent(TenantRow, Base):
    """The inbox: one row per event and clinic, kept for ever."""

    __tablename__ = "stripe_event"
    __table_args__ = tenant_table(updatable=("handled_at", "problem", "attempts"))

    event_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    type: Mapped[str]
    object_id: Mapped[str]
    api_version: Mapped[str | None]
    livemode: Mapped[bool]
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]


class LedgerAccount(TenantOwned, Base):
    """An account. Where ``has_floor``, running totals are kept and debits never exceed credits."""

    __tablename__ = "ledger_account"
    __table_args__ = tenant_table(
        one_of("kind", [kind.value for kind in AccountKind]),
        UniqueConstraint("tenant_id", "id", "currency"),
        UniqueConstraint("tenant_id", "kind", "currency", "subject_id"),
        CheckConstraint("NOT has_floor OR debits_minor <= credits_minor", name="floor"),
        CheckConstraint("debits_minor >= 0 AND credits_minor >= 0", name="totals"),
        updatable=("debits_minor", "credits_minor"),
    )

    kind: Mapped[str]
    currency: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    has_floor: Mapped[bool]
    debits_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    credits_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime]


class Transfer(TenantOwned, Base):
    """One amount from one account to another: the ledger sums to zero by construction."""

    __tablename__ = "transfer"
    __table_args__ = tenant_table(
        _same_currency("debit_account"),
        _same_currency("credit_account"),
        UniqueConstraint("tenant_id", "journal", "leg"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("debit_account <> credit_account", name="two_accounts"),
        Index("transfer_booked_ix", "tenant_id", "booked_at"),
        Index("transfer_debit_ix", "tenant_id", "debit_account"),
        Index("transfer_credit_ix", "tenant_id", "credit_account"),
        append_only=True,
    )

    journal: Mapped[str]
    leg: Mapped[int]
    debit_account: Mapped[uuid.UUID]
    credit_account: Mapped[uuid.UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    booked_at: Mapped[datetime]


class LedgerClosing(TenantOwned, Base):
    """What all accounts of a kind held in a currency at one moment: a sum, and no evidence.

    It holds every transfer that was booked before ``through``. Each night's sums are added up anew
    from the transfers themselves, so that a wrong one lasts a day and is found.
    """

    __tablename__ = "ledger_closing"
    __table_args__ = tenant_table(
        one_of("kind", [kind.value for kind in AccountKind]),
        UniqueConstraint("tenant_id", "through", "kind", "currency"),
        append_only=True,
    )

    through: Mapped[datetime]
    kind: Mapped[str]
    currency: Mapped[str]
    debits_minor: Mapped[int] = mapped_column(BigInteger)
    credits_minor: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime]


class Receipt(TenantOwned, Base):
    """A sealed receipt for a settled payment; numbers count up per clinic without gaps.

    The number is taken before the document is sealed, because it is printed on it.
    """

    __tablename__ = "receipt"
    __table_args__ = tenant_table(
        tenant_fk("attempt_id", "payment_attempt"),
        tenant_fk("document_id", "document"),
        UniqueConstraint("tenant_id", "attempt_id"),
        UniqueConstraint("tenant_id", "number"),
        updatable=("document_id",),
    )

    attempt_id: Mapped[uuid.UUID]
    document_id: Mapped[uuid.UUID | None]
    number: Mapped[int]
    issued_at: Mapped[datetime]
