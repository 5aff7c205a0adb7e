"""What an aftercare sheet is about: a visit to come, a treatment that was, or an incident."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.care import queries
from app.care.errors import AftercareNotPossible
from app.catalogue.content import Catalogue
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.plans.facts import areas_of, catalogue_of
from app.plans.queries import get_latest_version, get_plan, get_plan_version, get_visit
from app.tenants.queries import get_device


class Occasion(StrEnum):
    """When a sheet is given: with the plan, after the treatment, or after an incident."""

    BEFORE = "before"
    AFTER = "after"
    INCIDENT = "incident"


@dataclass(frozen=True)
class Subject:
    """Everything about one treatment that a sheet needs; ``areas`` maps area ids to µm.

    ``device`` is "" where nobody knows it. ``id`` names the facts themselves: a
    changed plan, or a correction, makes another sheet.
    """

    occasion: Occasion
    id: uuid.UUID
    happening_id: uuid.UUID
    patient_id: uuid.UUID
    visit_id: uuid.UUID | None
    location_id: uuid.UUID
    practitioner_id: uuid.UUID
    procedure_id: str
    device: str
    areas: Mapping[str, int]
    at: datetime
    catalogue: Catalogue


def subject_before(scope: TenantScope, visit_id: uuid.UUID) -> Subject:
    """Return what a sheet given before a visit is about: its plan and its planned time."""
    visit = get_visit(scope, visit_id)
    version = get_latest_version(scope, get_plan(scope, visit.plan_id))
    return Subject(
        Occasion.BEFORE,
        uuid.uuid5(version.id, f"{visit.id} {visit.planned_at.isoformat()}"),
        visit.id,
        visit.patient_id,
        visit.id,
        visit.location_id,
        visit.practitioner_id,
        version.procedure_id,
        get_device(scope, version.device_id).model,
        areas_of(scope, version.id),
        visit.planned_at,
        catalogue_of(scope, version),
    )


def subject_after(scope: TenantScope, visit_id: uuid.UUID) -> Subject:
    """Return what a sheet given afterwards is about: what was done, else what was started.

    Raises AftercareNotPossible before the start.
    """
    treatment = queries.find_treatment_of_visit(scope, visit_id)
    if treatment is None:
        raise AftercareNotPossible("Nothing was started at this visit. Give the sheet before it.")
    completion = queries.find_latest_completion(scope, treatment.id)
    started = {one.area: one.depth_um for one in queries.list_treatment_areas(scope, treatment.id)}
    done = {one["area"]: one["depth_um"] for one in completion.areas} if completion else started
    device = completion.device_model if completion else None
    return Subject(
        Occasion.AFTER,
        completion.id if completion else treatment.id,
        treatment.id,
        treatment.patient_id,
        visit_id,
        treatment.location_id,
        treatment.practitioner_id,
        treatment.procedure_id,
        device or get_device(scope, treatment.device_id).model,
        done,
        treatment.started_at,
        catalogue_of(scope, get_plan_version(scope, treatment.plan_version_id)),
    )


def subject_of_incident(scope: TenantScope, incident_id: uuid.UUID) -> Subject:
    """Return what a sheet given after an incident is about."""
    incident = queries.get_incident(scope, incident_id)
    device = get_device(scope, incident.device_id).model if incident.device_id else ""
    return Subject(
        Occasion.INCIDENT,
        incident.id,
        incident.id,
        incident.patient_id,
        incident.visit_id,
        incident.location_id,
        incident.named_staff_id,
        incident.procedure_id,
        device,
        {one["area"]: one["depth_um"] for one in incident.areas},
        incident.happened_at,
        content_of(get_catalogue_in_force(scope)),
    )
