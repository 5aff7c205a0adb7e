"""Questions about consents, what patients typed, signatures and grants."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from app.consent.errors import ConsentUnknown
from app.consent.holds.models import Hold
from app.consent.models import (
    Attestation,
    Consent,
    ConsentDraft,
    ConsentGrant,
    ConsentState,
    Signature,
)
from app.consent.screening.models import ConsentAnswers
from app.database import TenantScope
from app.patients.person import person_ids

UNSIGNED = (
    ConsentState.SENT,
    ConsentState.OPENED,
    ConsentState.HELD,
    ConsentState.CLEARED,
)


def get_consent(scope: TenantScope, consent_id: uuid.UUID) -> Consent:
    """Return a consent; raises ConsentUnknown."""
    found = scope.session.get(Consent, (scope.tenant_id, consent_id))
    if found is None:
        raise ConsentUnknown("There is no such consent.")
    return found


def exists_consent(scope: TenantScope, consent_id: uuid.UUID) -> bool:
    """Return whether an id is that of a consent."""
    return scope.session.get(Consent, (scope.tenant_id, consent_id)) is not None


def get_consent_for_update(scope: TenantScope, consent_id: uuid.UUID) -> Consent:
    """Return a consent, locked until the transaction ends; raises ConsentUnknown."""
    statement = (
        select(Consent)
        .where(Consent.tenant_id == scope.tenant_id, Consent.id == consent_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise ConsentUnknown("There is no such consent.")
    return found


def get_patient_id(scope: TenantScope, consent_id: uuid.UUID) -> uuid.UUID:
    """Return whose consent it is; raises ConsentUnknown."""
    return get_consent(scope, consent_id).patient_id


def list_consents_of_patient(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[Consent]:
    """Return a patient's consents, the newest first."""
    statement = (
        select(Consent)
        .where(
            Consent.tenant_id == scope.tenant_id,
            Consent.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(Consent.created_at.desc(), Consent.id.desc())
    )
    return scope.session.scalars(statement).all()


def list_consents_of_plan(
    scope: TenantScope, *, patient_id: uuid.UUID, plan_id: uuid.UUID
) -> Sequence[Consent]:
    """Return the consents to the treatment of one plan, the newest first."""
    statement = (
        select(Consent)
        .where(
            Consent.tenant_id == scope.tenant_id,
            Consent.patient_id == patient_id,
            Consent.plan_id == plan_id,
            Consent.purpose == "treatment",
        )
        .order_by(Consent.created_at.desc(), Consent.id.desc())
    )
    return scope.session.scalars(statement).all()


def list_every_consent_of_plan(scope: TenantScope, plan_id: uuid.UUID) -> Sequence[Consent]:
    """Return the consents of one plan to whatever was asked about, the newest first."""
    statement = (
        select(Consent)
        .where(Consent.tenant_id == scope.tenant_id, Consent.plan_id == plan_id)
        .order_by(Consent.created_at.desc(), Consent.id.desc())
    )
    return scope.session.scalars(statement).all()


def lock_with_alike(scope: TenantScope, consent_id: uuid.UUID) -> Consent:
    """Return a consent, locked with all of its plan, in the order of their ids.

    Whoever ends one consent because of another takes this lock, so that two never wait in a ring.
    """
    plan_id = get_consent(scope, consent_id).plan_id
    found = list_consents_for_update(scope, plan_id, tuple(ConsentState))
    return next(one for one in found if one.id == consent_id)


def list_consents_like(scope: TenantScope, consent: Consent) -> Sequence[Consent]:
    """Return the other consents of the same plan to the very same thing, locked."""
    found = list_consents_for_update(scope, consent.plan_id, tuple(ConsentState))
    return [
        one
        for one in found
        if one.id != consent.id
        and (one.purpose, one.add_on_id) == (consent.purpose, consent.add_on_id)
    ]


def list_add_ons_agreed(scope: TenantScope, plan_id: uuid.UUID, at: datetime) -> set[str]:
    """Return the add-ons of a plan whose own consent is in force at a moment."""
    statement = select(Consent.add_on_id).where(
        Consent.tenant_id == scope.tenant_id,
        Consent.plan_id == plan_id,
        Consent.purpose == "add_on",
        Consent.state == ConsentState.ACTIVE.value,
        or_(Consent.valid_until.is_(None), Consent.valid_until > at),
    )
    return {one for one in scope.session.scalars(statement) if one is not None}


def list_consents_for_update(
    scope: TenantScope, plan_id: uuid.UUID, states: Sequence[ConsentState]
) -> Sequence[Consent]:
    """Return a plan's consents in some states, locked in the order of their ids."""
    statement = (
        select(Consent)
        .where(
            Consent.tenant_id == scope.tenant_id,
            Consent.plan_id == plan_id,
            Consent.state.in_([state.value for state in states]),
        )
        .order_by(Consent.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).all()


def get_draft_for_update(scope: TenantScope, consent_id: uuid.UUID) -> ConsentDraft:
    """Return what the patient has typed so far, locked until the transaction ends."""
    statement = (
        select(ConsentDraft)
        .where(ConsentDraft.tenant_id == scope.tenant_id, ConsentDraft.consent_id == consent_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return scope.session.scalars(statement).one()


def get_draft(scope: TenantScope, consent_id: uuid.UUID) -> ConsentDraft:
    """Return what the patient has typed so far."""
    statement = select(ConsentDraft).where(
        ConsentDraft.tenant_id == scope.tenant_id, ConsentDraft.consent_id == consent_id
    )
    return scope.session.scalars(statement).one()


def find_latest_answers(scope: TenantScope, consent_id: uuid.UUID) -> ConsentAnswers | None:
    """Return the newest complete set of answers."""
    statement = (
        select(ConsentAnswers)
        .where(ConsentAnswers.tenant_id == scope.tenant_id, ConsentAnswers.consent_id == consent_id)
        .order_by(ConsentAnswers.number.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def find_open_hold(scope: TenantScope, consent_id: uuid.UUID) -> Hold | None:
    """Return the hold that stands in the way, or None."""
    statement = (
        select(Hold)
        .where(
            Hold.tenant_id == scope.tenant_id,
            Hold.consent_id == consent_id,
            Hold.closed_at.is_(None),
        )
        .order_by(Hold.opened_at)
        .limit(1)
    )
    return scope.session.scalar(statement)


def find_answers_of_hold(scope: TenantScope, hold: Hold) -> ConsentAnswers | None:
    """Return the answers that opened a hold, or None where the clinic opened it."""
    if hold.answers_id is None:
        return None
    return scope.session.get(ConsentAnswers, (scope.tenant_id, hold.answers_id))


def find_signature(scope: TenantScope, consent_id: uuid.UUID) -> Signature | None:
    """Return the patient's signature, or None."""
    statement = select(Signature).where(
        Signature.tenant_id == scope.tenant_id, Signature.consent_id == consent_id
    )
    return scope.session.scalar(statement)


def find_attestation(scope: TenantScope, consent_id: uuid.UUID) -> Attestation | None:
    """Return the attestation that put a consent in force, or None."""
    attestations = list_attestations(scope, consent_id)
    return attestations[0] if attestations else None


def list_attestations(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[Attestation]:
    """Return who confirmed a consent, the first one first: it opened the grants."""
    statement = (
        select(Attestation)
        .where(Attestation.tenant_id == scope.tenant_id, Attestation.consent_id == consent_id)
        .order_by(Attestation.attested_at, Attestation.id)
    )
    return scope.session.scalars(statement).all()


def list_grants_at(
    scope: TenantScope, *, patient_id: uuid.UUID, consent_ids: Sequence[uuid.UUID], at: datetime
) -> Sequence[ConsentGrant]:
    """Return the grants of some consents whose period holds a moment."""
    statement = select(ConsentGrant).where(
        ConsentGrant.tenant_id == scope.tenant_id,
        ConsentGrant.patient_id == patient_id,
        ConsentGrant.consent_id.in_(consent_ids),
        ConsentGrant.valid.contains(at),
    )
    return scope.session.scalars(statement).all()


def list_grants(scope: TenantScope, consent_id: uuid.UUID) -> Sequence[ConsentGrant]:
    """Return the grants of a consent by area."""
    statement = (
        select(ConsentGrant)
        .where(ConsentGrant.tenant_id == scope.tenant_id, ConsentGrant.consent_id == consent_id)
        .order_by(ConsentGrant.area)
    )
    return scope.session.scalars(statement).all()
