"""What a member of staff sees on a patient's page about rights and data."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.care.queries import list_incidents_of_patient, list_treatments_of_patient
from app.consent.queries import list_consents_of_patient
from app.database import TenantScope
from app.documents.queries import list_documents_of_patient
from app.kit.clock import now, today_in
from app.patients.export_models import DataExport
from app.patients.limit_models import LimitKind, PatientLimit
from app.patients.limit_queries import list_limits
from app.patients.models import Patient
from app.patients.services.add_addendum import Addendum, read_addenda
from app.rights import queries
from app.rights.export_queries import list_exports
from app.rights.models import RightsDecision, RightsRequest
from app.rights.services.export_data import has_anything_left
from app.rights.wording import decision_sentence
from app.tenants.models import Location
from app.tenants.queries import get_location
from app.vault.backups import backup_days


@dataclass(frozen=True)
class Overview:
    """Everything of the page; ``told`` maps a request to its decisions as sentences."""

    patient: Patient
    location: Location
    limits: list[PatientLimit]
    lifted: list[PatientLimit]
    requests: list[RightsRequest]
    decisions: list[RightsDecision]
    told: dict[uuid.UUID, list[str]]
    exports: list[DataExport]
    has_anything_left: bool
    addenda: list[Addendum]


def overview_of(scope: TenantScope, patient: Patient) -> Overview:
    """Gather the page of one patient."""
    location = get_location(scope, patient.location_id)
    today = today_in(location.zone)
    limits = list_limits(scope, patient.id)
    in_force = [
        one
        for one in limits
        if one.lifted_at is None and (one.until_on is None or one.until_on >= today)
    ]
    decisions = list(queries.list_decisions(scope, patient.id))
    told: dict[uuid.UUID, list[str]] = {}
    for one in decisions:
        told.setdefault(one.request_id, []).append(decision_sentence(one, backup_days()))
    return Overview(
        patient,
        location,
        in_force,
        [one for one in limits if one not in in_force],
        list(queries.list_requests(scope, patient.id)),
        decisions,
        told,
        [one for one in list_exports(scope, patient.id) if one.expires_at > now()],
        has_anything_left(scope, patient.id),
        read_addenda(scope, patient.id),
    )


def is_held(overview: Overview) -> bool:
    """Return whether a legal hold forbids erasing."""
    return any(one.kind == LimitKind.LEGAL_HOLD for one in overview.limits)


def subjects_of(scope: TenantScope, patient: Patient) -> list[dict[str, str]]:
    """Return what a correction may stand beside, as options of a form."""
    found = [{"value": f"patient:{patient.id}", "label": "The person: name, birth, contact"}]
    for treatment in list_treatments_of_patient(scope, patient.id):
        found.append(_option("treatment", treatment.id, "Treatment of", treatment.started_at))
    for consent in list_consents_of_patient(scope, patient.id):
        found.append(_option("consent", consent.id, "Consent of", consent.created_at))
    for incident in list_incidents_of_patient(scope, patient.id):
        found.append(_option("incident", incident.id, "Incident of", incident.happened_at))
    for paper in list_documents_of_patient(scope, patient.id):
        found.append(_option("document", paper.id, f"{paper.title}, sealed on", paper.sealed_at))
    return found


def _option(about: str, subject_id: uuid.UUID, what: str, at: datetime) -> dict[str, str]:
    return {"value": f"{about}:{subject_id}", "label": f"{what} {at:%-d %B %Y, %H:%M} UTC"}
