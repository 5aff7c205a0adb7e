"""A treatment starts: the rows that the consent gate guards, before a needle moves.

The consent is locked first and the clock read after the lock. A withdrawal does the same, so that
whichever of the two commits first wins, and the other one gets a clear answer.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app import audit, jobs
from app.billing.services.redeem_credit import OWED_WITHOUT_PACKAGE, RedemptionResult, redeem_credit
from app.care import queries
from app.care.answer import MayStart
from app.care.errors import StartRefused
from app.care.intended import Case, Intended
from app.care.models import Treatment, TreatmentArea
from app.care.services.may_start import judge_start
from app.consent.models import ConsentState
from app.consent.queries import list_consents_for_update
from app.database import TenantScope
from app.errors import AppError
from app.kit.ids import new_id
from app.patients.services.require_alive import require_alive
from app.plans.models import VisitState
from app.plans.queries import get_visit, get_visit_for_update

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Started:
    """A treatment that has begun, and how it is paid for."""

    treatment: Treatment
    areas: tuple[TreatmentArea, ...]
    payment: RedemptionResult


def start_treatment(
    scope: TenantScope,
    *,
    visit_id: uuid.UUID,
    practitioner_id: uuid.UUID,
    device_id: uuid.UUID,
    lot: str,
    areas: Mapping[str, int] | None = None,
) -> Started:
    """Start a treatment and use a session credit, or note that it is owed.

    Raises StartRefused with every reason; NotFound for what the clinic does not have. The database
    refuses what slips past (``consent_gate``).
    """
    intended = Intended(visit_id, practitioner_id, device_id, lot, areas)
    _lock(scope, visit_id)
    at = queries.get_database_clock(scope)
    answer, case = judge_start(scope, intended, at=at)
    if not answer.allowed:
        raise refusal(scope, answer, visit_id)
    require_alive(scope, case.ground.visit.patient_id)
    treatment, rows = _write(scope, case, answer, at)
    payment = _pay(scope, treatment)
    visit = case.ground.visit
    visit.state, visit.version = VisitState.STARTED.value, visit.version + 1
    audit.record(
        scope,
        "care:treatment:start",
        subject_id=treatment.id,
        patient_id=treatment.patient_id,
        visit_id=visit.id,
        consent_id=treatment.consent_id,
        owed=not payment.paid,
    )
    return Started(treatment, rows, payment)


def refusal(scope: TenantScope, answer: MayStart, visit_id: uuid.UUID) -> StartRefused:
    """Return the refusal that carries an answer's reasons and the way to record an incident."""
    return StartRefused(
        answer.reasons[0].text,
        reasons=[one.as_dict() for one in answer.reasons],
        incident_route=f"/api/v1/clinics/{scope.tenant_id}/incidents",
        visit_id=str(visit_id),
    )


def _lock(scope: TenantScope, visit_id: uuid.UUID) -> None:
    """Lock the plan's consents in force, then the visit: the order in which anybody locks both."""
    visit = get_visit(scope, visit_id)
    list_consents_for_update(scope, visit.plan_id, (ConsentState.ACTIVE,))
    get_visit_for_update(scope, visit_id)


def _write(
    scope: TenantScope, case: Case, answer: MayStart, at: datetime
) -> tuple[Treatment, tuple[TreatmentArea, ...]]:
    consent_id = case.ground.standing.consent_id
    if consent_id is None or case.lot is None or case.acute is None:
        raise AssertionError("an allowed start has a consent, a lot and an acute check")
    treatment = Treatment(
        tenant_id=scope.tenant_id,
        id=new_id(),
        visit_id=case.ground.visit.id,
        patient_id=case.ground.visit.patient_id,
        plan_version_id=case.ground.version.id,
        consent_id=consent_id,
        procedure_id=case.ground.version.procedure_id,
        practitioner_id=case.practitioner.id,
        device_id=case.device.id,
        lot_id=case.lot.id,
        location_id=case.ground.location.id,
        acute_check_id=case.acute.check.id,
        started_at=at,
    )
    scope.session.add(treatment)
    # The areas refer to the header by hand-written keys, which the unit of work cannot see.
    scope.session.flush()
    # The gate compares `at` with the grant's period; both clocks are the database's own.
    recorded_at = queries.get_database_clock(scope)
    rows = tuple(
        TreatmentArea(
            tenant_id=scope.tenant_id,
            treatment_id=treatment.id,
            line=line,
            patient_id=treatment.patient_id,
            procedure_id=treatment.procedure_id,
            area=area,
            granted_um=answer.areas[area],
            consent_id=consent_id,
            depth_um=depth_um,
            at=at,
            recorded_at=recorded_at,
        )
        for line, (area, depth_um) in enumerate(sorted(case.areas.items()), start=1)
    )
    scope.session.add_all(rows)
    # The gate speaks now and not at the commit, so that no credit is used behind a closed gate.
    scope.session.flush()
    return treatment, rows


def _pay(scope: TenantScope, treatment: Treatment) -> RedemptionResult:
    """Use a session credit. Whatever goes wrong with money, the clinical record stands."""
    try:
        with scope.session.begin_nested():
            return redeem_credit(
                scope,
                patient_id=treatment.patient_id,
                procedure_id=treatment.procedure_id,
                treatment_id=treatment.id,
            )
    except (AppError, SQLAlchemyError) as problem:
        log.error("care.not_redeemed", kind=type(problem).__name__, treatment_id=str(treatment.id))
        audit.record(
            scope, "care:treatment:unpaid", subject_id=treatment.id, patient_id=treatment.patient_id
        )
        jobs.enqueue(scope, "care.redeem", treatment_id=treatment.id)
        return OWED_WITHOUT_PACKAGE
