"""What the rules and the forms need to know of a plan version, gathered in one value."""

import json
import uuid
from collections.abc import Mapping
from datetime import date
from typing import cast

from app.catalogue.content import Catalogue, DeviceLabel, Market
from app.catalogue.facts import PlanFacts, PlannedDevice
from app.catalogue.loader import read_device_label
from app.catalogue.queries import content_of, get_catalogue_version
from app.database import TenantScope
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth
from app.plans import queries
from app.plans.models import PlanSpot, PlanVersion
from app.plans.terms import LeftOut
from app.tenants.models import Device
from app.tenants.queries import get_device, get_location
from app.vault import decrypt_field


def catalogue_of(scope: TenantScope, version: PlanVersion) -> Catalogue:
    """Return the catalogue that was in force when the plan version was agreed."""
    return content_of(get_catalogue_version(scope, version.catalogue_version_id))


def facts_of(
    scope: TenantScope,
    version: PlanVersion,
    *,
    last_treatment: Mapping[str, date] | None = None,
) -> PlanFacts:
    """Return a plan version as the rules see it.

    ``last_treatment`` maps area ids to the day of the last treatment there; the rooms above know
    it.
    """
    plan = queries.get_plan(scope, version.plan_id)
    location = get_location(scope, plan.location_id)
    device = get_device(scope, version.device_id)
    catalogue = catalogue_of(scope, version)
    procedure = next(one for one in catalogue.procedures if one.id == version.procedure_id)
    areas = queries.list_areas(scope, version.id)
    return PlanFacts(
        procedure=version.procedure_id,
        energy=procedure.energy,
        areas={one.area: one.max_depth_um for one in areas},
        device=PlannedDevice(device.kind, device.model, labels_of(device)),
        indication=version.indication_id,
        market=cast(Market, location.market),
        jurisdiction=location.jurisdiction,
        skin_type=version.skin_type,
        date_of_birth=date_of_birth(scope, get_patient(scope, version.patient_id)),
        anaesthetic=version.anaesthetic,
        add_ons=frozenset(version.add_ons),
        last_treatment=last_treatment or {},
    )


def labels_of(device: Device) -> tuple[DeviceLabel, ...]:
    """Return a clinic's device labels in the catalogue's shape."""
    return tuple(
        read_device_label(
            {
                "id": f"{device.id}-{number}",
                "device": device.model,
                "kind": device.kind,
                "market": entry["market"],
                "uses": [
                    {
                        "indications": entry["indications"],
                        "areas": entry["areas"],
                        "skin_types": entry.get("skin_types", [1, 2, 3, 4, 5, 6]),
                    }
                ],
                "confidence": "clinic",
                "cap_um": entry["cap_um"],
                "age_min": entry.get("age_min"),
            }
        )
        for number, entry in enumerate(device.label, start=1)
    )


def what_matters(scope: TenantScope, version: PlanVersion) -> str:
    """Return what matters to this patient, in the practitioner's words."""
    return decrypt_field(
        scope,
        patient_id=version.patient_id,
        place="plan_version.what_matters",
        row_id=version.id,
        cipher=version.what_matters_cipher,
    )


def capacity_note(scope: TenantScope, version: PlanVersion) -> str:
    """Return how the practitioner came to their view of the patient's capacity, or ""."""
    if version.capacity_cipher is None:
        return ""
    return decrypt_field(
        scope,
        patient_id=version.patient_id,
        place="plan_version.capacity",
        row_id=version.id,
        cipher=version.capacity_cipher,
    )


def spots_of(scope: TenantScope, version: PlanVersion) -> tuple[LeftOut, ...]:
    """Return the spots that a plan version leaves out, in their order."""
    return tuple(_spot(scope, version, row) for row in queries.list_spots(scope, version.id))


def _spot(scope: TenantScope, version: PlanVersion, row: PlanSpot) -> LeftOut:
    text = decrypt_field(
        scope,
        patient_id=version.patient_id,
        place="plan_spot.spot",
        row_id=row.id,
        cipher=row.spot_cipher,
    )
    return LeftOut(area=row.area, **json.loads(text))


def areas_of(scope: TenantScope, version_id: uuid.UUID) -> dict[str, int]:
    """Return the areas of a plan version with their deepest needle in micrometres."""
    return {one.area: one.max_depth_um for one in queries.list_areas(scope, version_id)}
