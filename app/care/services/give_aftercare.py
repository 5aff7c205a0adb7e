"""A patient gets the sheet about the days after: sealed, kept, and sent as a link."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app import audit
from app.auth.secrets import issue_secret
from app.care.aftercare_content import aftercare_sheet, in_an_emergency
from app.care.aftercare_paper import TITLE, Sheet, area_titles, draft_of, reference_of
from app.care.aftercare_subject import (
    Occasion,
    Subject,
    subject_after,
    subject_before,
    subject_of_incident,
)
from app.care.links import document_url
from app.care.models import AftercareGiven
from app.care.places import places_on_body
from app.catalogue.loader import find_jurisdiction
from app.catalogue.overlay import told_in
from app.database import TenantScope
from app.documents.models import Document, DocumentKind
from app.documents.services import Frozen, seal_document
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.speech import ENGLISH, isolated, nearest_language, say, speaking
from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.patients.services.limit_use import is_restricted
from app.tenants.paper_size import paper_size
from app.tenants.queries import get_clinic, get_location, get_staff

LINK_LASTS = timedelta(days=60)


@dataclass
class AftercareSealing:
    """The sheet of one subject on its way to being sealed. No row is its own: it locks nothing."""

    subject: Subject
    patient_id: uuid.UUID
    subject_id: uuid.UUID
    kind: DocumentKind = DocumentKind.AFTERCARE
    title: str = TITLE
    retention: str = "clinical"
    predecessor_id: uuid.UUID | None = None

    def lock(self, scope: TenantScope) -> None:
        """Lock nothing: the operation's unique index lets one of many callers seal."""

    def freeze(self, scope: TenantScope) -> Frozen:
        """Return every value of the sheet; raises AftercareNotPossible."""
        sheet = sheet_of(scope, self.subject)
        return Frozen(sheet.as_json(), lambda: draft_of(sheet))

    def finish(self, scope: TenantScope, document: Document) -> None:
        """Record nothing here: giving the sheet is an act of its own, which may be repeated."""


def give_before(scope: TenantScope, *, visit_id: uuid.UUID) -> AftercareGiven:
    """Give the sheet ahead of a visit, with the dates of the planned day."""
    return _give(scope, lambda scope: subject_before(scope, visit_id))


def give_after(scope: TenantScope, *, visit_id: uuid.UUID) -> AftercareGiven:
    """Give the sheet after a treatment; raises AftercareNotPossible before its start."""
    return _give(scope, lambda scope: subject_after(scope, visit_id))


def give_after_incident(scope: TenantScope, *, incident_id: uuid.UUID) -> AftercareGiven:
    """Give the sheet to somebody who was treated without a valid start."""
    return _give(scope, lambda scope: subject_of_incident(scope, incident_id))


def _give(scope: TenantScope, find: Callable[[TenantScope], Subject]) -> AftercareGiven:
    """Seal the sheet once, then send a link to it: pressed again, the same sheet goes out again."""
    subject = find(scope)
    sheet_id = _sheet_id(subject, language_for(scope, subject))
    document = seal_document(scope, AftercareSealing(subject, subject.patient_id, sheet_id))
    given = AftercareGiven(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=subject.patient_id,
        visit_id=subject.visit_id,
        treatment_id=subject.happening_id if subject.occasion is Occasion.AFTER else None,
        incident_id=subject.happening_id if subject.occasion is Occasion.INCIDENT else None,
        document_id=document.id,
        message_id=_send(scope, subject, document),
        occasion=subject.occasion.value,
        given_at=now(),
    )
    scope.session.add(given)
    audit.record(
        scope,
        "care:aftercare:give",
        subject_id=document.id,
        patient_id=subject.patient_id,
        occasion=subject.occasion.value,
    )
    return given


def _sheet_id(subject: Subject, language: str) -> uuid.UUID:
    """Return what the sheet is sealed under: told in another language, it is another sheet."""
    return subject.id if language == ENGLISH else uuid.uuid5(subject.id, language)


def _send(scope: TenantScope, subject: Subject, document: Document) -> uuid.UUID | None:
    """Queue a message with a link; None without an address, or where data may only be kept."""
    patient = get_patient(scope, subject.patient_id)
    if is_restricted(scope, patient.id):
        return None
    email = contact(scope, patient, "email")
    to = email or contact(scope, patient, "phone")
    if to is None:
        return None
    token = issue_secret(scope, "document_link", subject_id=document.id, lasts=LINK_LASTS)
    message = queue_message(
        scope,
        to=to,
        channel="email" if email else "sms",
        template="aftercare",
        values={
            "name": patient.name,
            "clinic": get_clinic(scope).legal_name,
            "link": document_url(token),
            "contact": get_location(scope, subject.location_id).emergency_contact,
        },
        patient_id=patient.id,
        location_id=subject.location_id,
    )
    return message.id


def sheet_of(scope: TenantScope, subject: Subject) -> Sheet:
    """Return every value that a sheet shows, in the language that the patient reads best."""
    language = language_for(scope, subject)
    with speaking(language, whole=True):
        return _gathered(scope, subject, language)


def language_for(scope: TenantScope, subject: Subject) -> str:
    """Return the patient's own language, or English where the approved catalogue lacks it."""
    wished = nearest_language(get_patient(scope, subject.patient_id).language)
    catalogue = subject.catalogue
    return wished if wished in (catalogue.locale, *catalogue.locales) else ENGLISH


def _gathered(scope: TenantScope, subject: Subject, language: str) -> Sheet:
    location, clinic = get_location(scope, subject.location_id), get_clinic(scope)
    catalogue = told_in(subject.catalogue, language)
    procedure = catalogue.procedure[subject.procedure_id]
    known = {area: um for area, um in subject.areas.items() if area in catalogue.area}
    sections = aftercare_sheet(
        catalogue,
        areas=tuple(known),
        energy=procedure.energy,
        jurisdiction=location.jurisdiction,
        treated_at=subject.at,
        zone=location.zone,
        clinic_contact=location.emergency_contact,
    )
    place = find_jurisdiction(catalogue, location.jurisdiction)
    numbers = catalogue.aftercare.numbers[place.market if place else location.market]
    return Sheet(
        reference=reference_of(subject.id),
        clinic_name=clinic.legal_name,
        clinic_address=location.address,
        contact=str(isolated(location.emergency_contact)),
        patient_name=get_patient(scope, subject.patient_id).name,
        procedure=procedure.title,
        device=subject.device or say("device unknown"),
        areas=area_titles(places_on_body(catalogue), subject.areas),
        practitioner=get_staff(scope, subject.practitioner_id).name,
        location_name=location.name,
        location_address=location.address,
        at=subject.at,
        zone=location.zone,
        is_planned=subject.occasion is Occasion.BEFORE,
        emergency=in_an_emergency(numbers),
        made_at=now(),
        page=paper_size(location),
        language=language,
        sections=sections,
    )
