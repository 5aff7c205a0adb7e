"""Questions about forms that nobody has signed yet, and about consents whose time is over."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.consent.after.follow_models import ConsentDecline, ConsentReminder, ConsentVoid
from app.consent.models import Consent, ConsentState
from app.consent.queries import UNSIGNED
from app.database import TenantScope


def list_unsigned(scope: TenantScope) -> Sequence[Consent]:
    """Return every form that waits for its patient, the oldest link first."""
    statement = (
        select(Consent)
        .where(
            Consent.tenant_id == scope.tenant_id,
            Consent.state.in_([state.value for state in UNSIGNED]),
        )
        .order_by(Consent.link_expires_at, Consent.id)
    )
    return scope.session.scalars(statement).all()


def list_run_out(scope: TenantScope, at: datetime) -> Sequence[uuid.UUID]:
    """Return the ids of consents in force by name whose time was over at an instant."""
    statement = (
        select(Consent.id)
        .where(
            Consent.tenant_id == scope.tenant_id,
            Consent.state == ConsentState.ACTIVE.value,
            Consent.valid_until <= at,
        )
        .order_by(Consent.id)
    )
    return scope.session.scalars(statement).all()


def count_reminders(scope: TenantScope, consent_id: uuid.UUID) -> int:
    """Return how often a patient was reminded of a form."""
    statement = select(func.count(ConsentReminder.id)).where(
        ConsentReminder.tenant_id == scope.tenant_id, ConsentReminder.consent_id == consent_id
    )
    return scope.session.execute(statement).scalar_one()


def map_reminders(scope: TenantScope) -> dict[uuid.UUID, int]:
    """Return how often each patient was reminded of a form, by form."""
    statement = (
        select(ConsentReminder.consent_id, func.count(ConsentReminder.id))
        .where(ConsentReminder.tenant_id == scope.tenant_id)
        .group_by(ConsentReminder.consent_id)
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}


def list_reminders(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[ConsentReminder]:
    """Return when a patient was reminded of a form, the first first."""
    statement = (
        select(ConsentReminder)
        .where(
            ConsentReminder.tenant_id == scope.tenant_id, ConsentReminder.consent_id == consent_id
        )
        .order_by(ConsentReminder.number)
    )
    return scope.session.scalars(statement).all()


def find_consent_of_message(scope: TenantScope, message_id: uuid.UUID) -> Consent | None:
    """Return the form of which a message reminds, or None."""
    statement = (
        select(Consent)
        .join(
            ConsentReminder,
            (ConsentReminder.tenant_id == Consent.tenant_id)
            & (ConsentReminder.consent_id == Consent.id),
        )
        .where(
            Consent.tenant_id == scope.tenant_id,
            ConsentReminder.tenant_id == scope.tenant_id,
            ConsentReminder.message_id == message_id,
        )
    )
    return scope.session.scalar(statement)


def find_void(scope: TenantScope, consent_id: uuid.UUID) -> ConsentVoid | None:
    """Return by whom and why a consent was called back, or None."""
    statement = select(ConsentVoid).where(
        ConsentVoid.tenant_id == scope.tenant_id, ConsentVoid.consent_id == consent_id
    )
    return scope.session.scalar(statement)


def find_decline(scope: TenantScope, consent_id: uuid.UUID) -> ConsentDecline | None:
    """Return through whom a patient said no to a form, or None."""
    statement = select(ConsentDecline).where(
        ConsentDecline.tenant_id == scope.tenant_id, ConsentDecline.consent_id == consent_id
    )
    return scope.session.scalar(statement)
