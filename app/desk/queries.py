"""Questions that look into several rooms at once; each page asks a constant number of them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from app.billing.models import AccountKind, LedgerAccount, Purchase
from app.catalogue.models import CatalogueVersion
from app.consent.forms.models import FormVersion
from app.consent.models import Consent, ConsentGrant, PatientQuestion
from app.consent.queries import UNSIGNED
from app.database import TenantOwned, TenantScope
from app.patients.models import Patient
from app.patients.person import person_ids
from app.plans.models import Discussion, Plan, PlanArea, PlanVersion, Visit
from app.tenants.models import (
    CartridgeLot,
    Device,
    Location,
    QualificationScope,
)


@dataclass(frozen=True)
class PlanLine:
    """The version in force of a plan with its areas (µm), and whether a talk about it counts."""

    plan: Plan
    version: PlanVersion
    areas: Mapping[str, int]
    is_discussed: bool


@dataclass(frozen=True)
class ConsentLine:
    """Where the newest consent of a plan stands."""

    id: uuid.UUID
    plan_id: uuid.UUID
    plan_version_id: uuid.UUID
    state: str
    created_at: datetime
    signed_at: datetime | None
    valid_until: datetime | None
    link_expires_at: datetime
    locked_at: datetime | None = None
    open_questions: int = 0
    paper_wished_at: datetime | None = None
    is_entered_later: bool = False


@dataclass(frozen=True)
class LockedLine:
    """An unsigned consent whose link is locked after wrong tries."""

    id: uuid.UUID
    patient_name: str
    locked_at: datetime | None


@dataclass(frozen=True)
class DepositDue:
    """A deposit that was agreed and has not arrived, in minor units."""

    purchase_id: uuid.UUID
    due_minor: int
    currency: str


@dataclass(frozen=True)
class SetUp:
    """Which of the things that a first consent needs a clinic has."""

    locations: bool
    qualifications: bool
    devices: bool
    lots: bool
    catalogues: bool
    forms: bool


CONSENT_LINE = (
    Consent.id,
    Consent.plan_id,
    Consent.plan_version_id,
    Consent.state,
    Consent.created_at,
    Consent.signed_at,
    Consent.valid_until,
    Consent.link_expires_at,
    Consent.locked_at,
    select(func.count())
    .where(
        PatientQuestion.tenant_id == Consent.tenant_id,
        PatientQuestion.consent_id == Consent.id,
        PatientQuestion.answered_at.is_(None),
        PatientQuestion.taken_back_at.is_(None),
    )
    .correlate(Consent)
    .scalar_subquery(),
    Consent.paper_wished_at,
    Consent.is_entered_later,
)
MOST_LOCKED = 20


def map_plan_lines(
    scope: TenantScope, *, plan_ids: Collection[uuid.UUID] = (), patient_id: uuid.UUID | None = None
) -> dict[uuid.UUID, PlanLine]:
    """Return the version in force of some plans, or of all of a patient's, by plan; newest first.

    Three statements, whatever their number.
    """
    wanted = _of_person(scope, patient_id) if patient_id else Plan.id.in_(plan_ids)
    statement = (
        select(Plan, PlanVersion)
        .join(
            PlanVersion,
            (PlanVersion.tenant_id == Plan.tenant_id)
            & (PlanVersion.plan_id == Plan.id)
            & (PlanVersion.number == Plan.latest_number),
        )
        .where(Plan.tenant_id == scope.tenant_id, PlanVersion.tenant_id == scope.tenant_id, wanted)
        .order_by(Plan.created_at.desc(), Plan.id.desc())
    )
    found = [(row[0], row[1]) for row in scope.session.execute(statement)]
    version_ids = [version.id for _, version in found]
    areas, talked = _areas(scope, version_ids), _discussed(scope, version_ids)
    return {
        plan.id: PlanLine(plan, version, areas[version.id], _counts(plan, talked.get(version.id)))
        for plan, version in found
    }


def _of_person(scope: TenantScope, patient_id: uuid.UUID) -> ColumnElement[bool]:
    return Plan.patient_id.in_(person_ids(scope, patient_id))


def _areas(
    scope: TenantScope, version_ids: Collection[uuid.UUID]
) -> defaultdict[uuid.UUID, dict[str, int]]:
    statement = (
        select(PlanArea)
        .where(PlanArea.tenant_id == scope.tenant_id, PlanArea.plan_version_id.in_(version_ids))
        .order_by(PlanArea.area)
    )
    areas: defaultdict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    for one in scope.session.scalars(statement):
        areas[one.plan_version_id][one.area] = one.max_depth_um
    return areas


def _discussed(scope: TenantScope, version_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return when each version was talked over last."""
    statement = (
        select(Discussion.plan_version_id, func.max(Discussion.held_at))
        .where(Discussion.tenant_id == scope.tenant_id, Discussion.plan_version_id.in_(version_ids))
        .group_by(Discussion.plan_version_id)
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}


def _counts(plan: Plan, talked_at: datetime | None) -> bool:
    """Return whether a talk is from after the newest incident of its plan."""
    since = plan.talk_again_since
    return talked_at is not None and (since is None or talked_at > since)


def map_newest_consents(
    scope: TenantScope, plan_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, ConsentLine]:
    """Return the newest consent to the treatment of each plan, by plan."""
    statement = (
        select(*CONSENT_LINE)
        .where(
            Consent.tenant_id == scope.tenant_id,
            Consent.plan_id.in_(plan_ids),
            Consent.purpose == "treatment",
        )
        .order_by(Consent.created_at, Consent.id)
    )
    lines = [ConsentLine(*row) for row in scope.session.execute(statement)]
    return {one.plan_id: one for one in lines}


def list_locked_links(scope: TenantScope, location_id: uuid.UUID) -> list[LockedLine]:
    """Return the links of a location that wait for somebody to send a new one, the latest first."""
    statement = (
        select(Consent.id, Patient.name, Consent.locked_at)
        .join(
            Patient, (Patient.tenant_id == Consent.tenant_id) & (Patient.id == Consent.patient_id)
        )
        .where(
            Consent.tenant_id == scope.tenant_id,
            Consent.location_id == location_id,
            Consent.locked_at.is_not(None),
            Consent.state.in_([state.value for state in UNSIGNED]),
        )
        .order_by(Consent.locked_at.desc(), Consent.id)
        .limit(MOST_LOCKED)
    )
    return [LockedLine(*row) for row in scope.session.execute(statement)]


def list_plans_in_force(scope: TenantScope, patient_id: uuid.UUID, at: datetime) -> set[uuid.UUID]:
    """Return the ids of a patient's plans whose consent allows something at a moment."""
    statement = (
        select(Consent.plan_id)
        .join(
            ConsentGrant,
            (ConsentGrant.tenant_id == Consent.tenant_id) & (ConsentGrant.consent_id == Consent.id),
        )
        .where(
            Consent.tenant_id == scope.tenant_id,
            ConsentGrant.tenant_id == scope.tenant_id,
            ConsentGrant.patient_id.in_(person_ids(scope, patient_id)),
            ConsentGrant.valid.contains(at),
        )
    )
    return set(scope.session.scalars(statement))


def map_deposits_due(
    scope: TenantScope, patient_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, DepositDue]:
    """Return each patient's newest unpaid deposit, by patient."""
    statement = (
        select(
            Purchase.patient_id,
            Purchase.id,
            Purchase.deposit_minor - LedgerAccount.credits_minor,
            Purchase.currency,
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
            Purchase.patient_id.in_(patient_ids),
            Purchase.deposit_minor > LedgerAccount.credits_minor,
        )
        .order_by(Purchase.sold_at)
    )
    return {row[0]: DepositDue(*row[1:]) for row in scope.session.execute(statement)}


def list_visits_of_patient(
    scope: TenantScope, patient_id: uuid.UUID, *, most: int = 50
) -> Sequence[Visit]:
    """Return a patient's visits, the latest first."""
    statement = (
        select(Visit)
        .where(
            Visit.tenant_id == scope.tenant_id, Visit.patient_id.in_(person_ids(scope, patient_id))
        )
        .order_by(Visit.planned_at.desc(), Visit.id.desc())
        .limit(most)
    )
    return scope.session.scalars(statement).all()


def get_set_up(scope: TenantScope) -> SetUp:
    """Ask, in one statement, for what a first consent needs."""
    statement = select(
        _has(scope, Location),
        _has(scope, QualificationScope),
        _has(scope, Device),
        _has(scope, CartridgeLot),
        _has(scope, CatalogueVersion),
        _has(scope, FormVersion, FormVersion.state == "published"),
    )
    return SetUp(*scope.session.execute(statement).one())


def _has(
    scope: TenantScope, model: type[TenantOwned], *conditions: ColumnElement[bool]
) -> ColumnElement[bool]:
    # In an order, so that an index is walked to its first row also where there is none.
    first = select(model.id).where(model.tenant_id == scope.tenant_id, *conditions)
    return first.order_by(model.tenant_id, model.id).limit(1).scalar_subquery().is_not(None)
