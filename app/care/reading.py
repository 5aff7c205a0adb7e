"""A treatment and its records as pages and programs show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.billing.services.redeem_credit import (
    OWED_WITHOUT_PACKAGE,
    RedemptionResult,
    find_redemption,
)
from app.care import queries
from app.care.models import Treatment, TreatmentArea, TreatmentCompletion
from app.care.places import places_on_body
from app.care.record import Flag, flags_of
from app.catalogue.content import Catalogue
from app.database import TenantScope
from app.kit.clock import day_in
from app.plans.facts import catalogue_of
from app.plans.queries import get_plan_version
from app.tenants.queries import find_lot, get_location


@dataclass(frozen=True)
class TreatmentView:
    """A treatment with its areas, its newest record and how it is paid for."""

    treatment: Treatment
    areas: tuple[TreatmentArea, ...]
    latest: TreatmentCompletion | None
    payment: RedemptionResult

    def as_dict(self) -> dict[str, Any]:
        """Return the treatment in the shape of its response."""
        one = self.treatment
        return {
            "id": one.id,
            "visit_id": one.visit_id,
            "patient_id": one.patient_id,
            "practitioner_id": one.practitioner_id,
            "consent_id": one.consent_id,
            "started_at": one.started_at,
            "areas": self.areas,
            "is_paid": self.payment.paid,
            "owed_minor": self.payment.owed_minor,
            "currency": self.payment.currency,
            "sessions_left": self.payment.sessions_left,
            "record_number": self.latest.number if self.latest else 0,
        }


def view_treatment(scope: TenantScope, treatment: Treatment) -> TreatmentView:
    """Return a treatment with everything around it."""
    payment = find_redemption(scope, treatment_id=treatment.id)
    return TreatmentView(
        treatment,
        tuple(queries.list_treatment_areas(scope, treatment.id)),
        queries.find_latest_completion(scope, treatment.id),
        payment or OWED_WITHOUT_PACKAGE,
    )


def catalogue_of_treatment(scope: TenantScope, treatment: Treatment) -> Catalogue:
    """Return the catalogue under which a treatment was agreed."""
    return catalogue_of(scope, get_plan_version(scope, treatment.plan_version_id))


def flags_for(
    scope: TenantScope, treatment: Treatment, completion: TreatmentCompletion
) -> tuple[Flag, ...]:
    """Return what stands out in a record of a treatment."""
    zone = get_location(scope, treatment.location_id).zone
    return flags_of(
        completion,
        treated_on=day_in(treatment.started_at, zone),
        lot=find_lot(scope, treatment.device_id, completion.lot),
        titles=places_on_body(catalogue_of_treatment(scope, treatment)),
    )


def record_as_dict(completion: TreatmentCompletion, flags: tuple[Flag, ...]) -> Mapping[str, Any]:
    """Return a record in the shape of its response."""
    names = (
        "id",
        "treatment_id",
        "number",
        "completed_at",
        "completed_by",
        "device_model",
        "device_serial",
        "lot",
        "lot_expires_on",
        "areas",
        "topicals",
        "beyond_consent",
    )
    return {**{name: getattr(completion, name) for name in names}, "flags": flags}
