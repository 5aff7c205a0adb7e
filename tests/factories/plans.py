"""Patients, plans, discussions and visits, for tests."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.catalogue.services import approve_shipped_catalogue
from app.kit.clock import now
from app.patients.services.add_patient import NewPatient, add_patient
from app.plans.queries import get_latest_version
from app.plans.services.make_plan import make_plan
from app.plans.services.plan_visit import plan_visit
from app.plans.services.record_discussion import NewDiscussion, record_discussion
from app.plans.terms import LeftOut, PlanTerms
from app.tenants.models import Role
from tests.factories.tenants import (
    PROCEDURE,
    MadeClinic,
    Staff,
    add_staff,
    make_clinic,
    make_device,
    qualify,
    unique_email,
)

BORN = date(1990, 5, 17)


@dataclass
class MadePlan:
    """A clinic with everything up to an agreed and discussed plan."""

    clinic: MadeClinic
    practitioner: Staff
    patient_id: uuid.UUID
    patient_email: str
    plan_id: uuid.UUID
    version_id: uuid.UUID
    device_id: uuid.UUID
    lot_id: uuid.UUID


def make_patient(
    clinic: MadeClinic, *, name: str = "Aoife Nguyễn", born: date = BORN, language: str = "en"
) -> tuple[uuid.UUID, str]:
    """Add a patient; return (id, email address)."""
    email = unique_email("patient")
    with clinic.scope() as scope:
        patient = add_patient(
            scope,
            NewPatient(
                name=name,
                date_of_birth=born,
                location_id=clinic.location_id,
                email=email,
                language=language,
                phone="+44 7700 900123",
                health_note="Sits up slowly.",
            ),
            is_new=True,
        )
    return patient.id, email


def terms(
    device_id: uuid.UUID,
    practitioner_id: uuid.UUID,
    areas: dict[str, int] | None = None,
    add_ons: tuple[str, ...] = (),
) -> PlanTerms:
    """Return ordinary terms: three sessions on the cheeks at 1.0 mm, around a mole."""
    planned = areas or {"face_cheeks": 1000}
    mole = LeftOut(next(iter(planned)), "Mole, left, a thumb below the eye")
    return PlanTerms(
        procedure_id=PROCEDURE,
        indication_id="acne_scars_atrophic",
        areas=planned,
        leave_out=(mole,),
        device_id=device_id,
        practitioner_id=practitioner_id,
        sessions=3,
        interval_days=28,
        anaesthetic="otc",
        skin_type=2,
        what_matters="Wants to look calm at her sister's wedding in spring.",
        price_minor=52650,
        add_ons=add_ons,
    )


def make_discussed_plan(
    clinic: MadeClinic | None = None,
    *,
    areas: dict[str, int] | None = None,
    born: date = BORN,
    max_depth_um: int = 2500,
    add_ons: tuple[str, ...] = (),
    interpreter: str | None = None,
    language: str = "en",
    discussed: bool = True,
) -> MadePlan:
    """Make a clinic, a qualified practitioner, a patient and a plan that was discussed."""
    clinic = clinic or make_clinic()
    with clinic.scope() as scope:
        approve_shipped_catalogue(scope)
    practitioner = add_staff(clinic, Role.PRACTITIONER)
    qualify(clinic, practitioner, max_depth_um=max_depth_um)
    device_id, lot_id = make_device(clinic)
    patient_id, email = make_patient(clinic, born=born, language=language)
    with clinic.scope(practitioner) as scope:
        plan = make_plan(
            scope,
            patient_id=patient_id,
            location_id=clinic.location_id,
            terms=terms(device_id, practitioner.id, areas, add_ons),
        )
        scope.session.flush()
        version = get_latest_version(scope, plan)
        talk = NewDiscussion(
            held_at=now() - timedelta(hours=2),
            held_by=practitioner.id,
            mode="in_person",
            language=language,
            interpreter=interpreter,
        )
        if discussed:
            record_discussion(scope, plan_version_id=version.id, wanted=talk)
    return MadePlan(clinic, practitioner, patient_id, email, plan.id, version.id, device_id, lot_id)


def make_visit(made: MadePlan, *, planned_at: datetime | None = None) -> uuid.UUID:
    """Plan a visit, an hour from now unless told otherwise; return its id."""
    with made.clinic.scope() as scope:
        visit = plan_visit(
            scope,
            plan_id=made.plan_id,
            practitioner_id=made.practitioner.id,
            planned_at=planned_at or now() + timedelta(hours=1),
        )
    return visit.id
