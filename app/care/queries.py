"""Questions about acute checks, treatments, what was recorded of them, incidents and sheets."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text

from app.care.errors import IncidentUnknown, TreatmentUnknown
from app.care.models import (
    AcuteCheck,
    AftercareGiven,
    Incident,
    Treatment,
    TreatmentArea,
    TreatmentCompletion,
)
from app.database import TenantScope
from app.patients.person import person_ids
from app.tenants.models import CartridgeLot

CLOCK = text("SELECT clock_timestamp()")


def get_database_clock(scope: TenantScope) -> datetime:
    """Return the server's clock at this very moment, also within a long transaction."""
    at: datetime = scope.session.execute(CLOCK).scalar_one()
    return at


def list_acute_checks(scope: TenantScope, visit_id: uuid.UUID) -> Sequence[AcuteCheck]:
    """Return the acute checks of a visit, the newest first."""
    statement = (
        select(AcuteCheck)
        .where(AcuteCheck.tenant_id == scope.tenant_id, AcuteCheck.visit_id == visit_id)
        .order_by(AcuteCheck.made_at.desc(), AcuteCheck.id.desc())
    )
    return scope.session.scalars(statement).all()


def find_latest_check(scope: TenantScope, patient_id: uuid.UUID) -> AcuteCheck | None:
    """Return a patient's newest acute check, at whichever visit."""
    statement = (
        select(AcuteCheck)
        .where(
            AcuteCheck.tenant_id == scope.tenant_id,
            AcuteCheck.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(AcuteCheck.made_at.desc(), AcuteCheck.id.desc())
        .limit(1)
        .execution_options(everywhere=True)
    )
    return scope.session.scalar(statement)


def get_treatment(scope: TenantScope, treatment_id: uuid.UUID) -> Treatment:
    """Return a treatment; raises TreatmentUnknown."""
    found = scope.session.get(Treatment, (scope.tenant_id, treatment_id))
    if found is None:
        raise TreatmentUnknown("There is no such treatment.")
    return found


def find_treatment_of_visit(scope: TenantScope, visit_id: uuid.UUID) -> Treatment | None:
    """Return what was started at a visit, or None."""
    statement = select(Treatment).where(
        Treatment.tenant_id == scope.tenant_id, Treatment.visit_id == visit_id
    )
    return scope.session.scalar(statement)


def list_treatments_of_patient(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[Treatment]:
    """Return a patient's treatments, the newest first."""
    statement = (
        select(Treatment)
        .where(
            Treatment.tenant_id == scope.tenant_id,
            Treatment.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(Treatment.started_at.desc(), Treatment.id.desc())
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).all()


def list_treatment_areas(scope: TenantScope, treatment_id: uuid.UUID) -> Sequence[TreatmentArea]:
    """Return the areas with which a treatment was started."""
    statement = (
        select(TreatmentArea)
        .where(
            TreatmentArea.tenant_id == scope.tenant_id, TreatmentArea.treatment_id == treatment_id
        )
        .order_by(TreatmentArea.line)
    )
    return scope.session.scalars(statement).all()


def list_areas_of_patient(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[TreatmentArea]:
    """Return every area of every treatment of a patient."""
    statement = select(TreatmentArea).where(
        TreatmentArea.tenant_id == scope.tenant_id,
        TreatmentArea.patient_id.in_(person_ids(scope, patient_id)),
    )
    return scope.session.scalars(statement).all()


def list_completions(
    scope: TenantScope, treatment_ids: Sequence[uuid.UUID]
) -> Sequence[TreatmentCompletion]:
    """Return what was recorded of some treatments, corrections after what they correct."""
    statement = (
        select(TreatmentCompletion)
        .where(
            TreatmentCompletion.tenant_id == scope.tenant_id,
            TreatmentCompletion.treatment_id.in_(treatment_ids),
        )
        .order_by(TreatmentCompletion.treatment_id, TreatmentCompletion.number)
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).all()


def find_latest_completion(
    scope: TenantScope, treatment_id: uuid.UUID
) -> TreatmentCompletion | None:
    """Return what holds now of a treatment: its last correction, or its only record."""
    statement = (
        select(TreatmentCompletion)
        .where(
            TreatmentCompletion.tenant_id == scope.tenant_id,
            TreatmentCompletion.treatment_id == treatment_id,
        )
        .order_by(TreatmentCompletion.number.desc())
        .limit(1)
    )
    return scope.session.scalar(statement)


def get_lot_of(scope: TenantScope, treatment: Treatment) -> CartridgeLot:
    """Return the lot with which a treatment was started."""
    statement = select(CartridgeLot).where(
        CartridgeLot.tenant_id == scope.tenant_id, CartridgeLot.id == treatment.lot_id
    )
    return scope.session.scalars(statement).one()


def get_incident(scope: TenantScope, incident_id: uuid.UUID) -> Incident:
    """Return an incident; raises IncidentUnknown."""
    found = scope.session.get(Incident, (scope.tenant_id, incident_id))
    if found is None:
        raise IncidentUnknown("There is no such incident.")
    return found


def list_incidents_of_patient(scope: TenantScope, patient_id: uuid.UUID) -> Sequence[Incident]:
    """Return a patient's incidents, the newest first."""
    statement = (
        select(Incident)
        .where(
            Incident.tenant_id == scope.tenant_id,
            Incident.patient_id.in_(person_ids(scope, patient_id)),
        )
        .order_by(Incident.happened_at.desc(), Incident.id.desc())
        .execution_options(everywhere=True)
    )
    return scope.session.scalars(statement).all()


def list_sheets_of_visit(scope: TenantScope, visit_id: uuid.UUID) -> Sequence[AftercareGiven]:
    """Return the aftercare sheets that were given around a visit, the newest first."""
    statement = (
        select(AftercareGiven)
        .where(AftercareGiven.tenant_id == scope.tenant_id, AftercareGiven.visit_id == visit_id)
        .order_by(AftercareGiven.given_at.desc(), AftercareGiven.id.desc())
    )
    return scope.session.scalars(statement).all()
