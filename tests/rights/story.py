"""A patient's whole story with a marker in every field that a person can type into."""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.care.record import ClinicalNote, Done, DoneArea
from app.care.services.complete_treatment import complete_treatment
from app.care.services.give_aftercare import give_after
from app.care.services.record_incident import NewIncident, record_incident
from app.catalogue.services import approve_shipped_catalogue
from app.consent import queries
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.ciphers import get_shown
from app.consent.services.attest_consent import attest_consent
from app.consent.signing.patient_questions import questions_asked
from app.consent.signing.services.answer_patient import answer_patient
from app.consent.signing.services.read_form import check_understanding, confirm_read, teach_back_of
from app.kit.clock import now
from app.patients.addendum_models import AddendumAbout
from app.patients.services.add_addendum import add_addendum
from app.patients.services.add_patient import NewPatient, add_patient
from app.plans.queries import get_latest_version
from app.plans.services.make_plan import make_plan
from app.plans.services.record_discussion import NewDiscussion, record_discussion
from app.tenants.models import Role
from tests.factories.billing import make_purchase
from tests.factories.care import ReadyVisit
from tests.factories.consent import (
    ActiveConsent,
    answer,
    make_identified_consent,
    sign,
)
from tests.factories.plans import BORN, MadePlan, make_visit, terms
from tests.factories.tenants import (
    MadeClinic,
    add_staff,
    make_clinic,
    make_device,
    qualify,
)


@dataclass
class Story:
    """A patient with something in every room, and the words by which they would be known."""

    made: MadePlan
    markers: tuple[str, ...]
    visit_id: uuid.UUID
    consent: ActiveConsent
    treatment_id: uuid.UUID
    incident_id: uuid.UUID
    purchase_id: uuid.UUID

    @property
    def clinic(self) -> MadeClinic:
        """Return the clinic."""
        return self.made.clinic


def marked_patient(clinic: MadeClinic, mark: str) -> tuple[uuid.UUID, tuple[str, ...], str]:
    """Add a patient whose every field holds the mark; return id, markers and email."""
    number = f"+4477{uuid.uuid4().int % 10**8:08}"
    email = f"{mark}@patients.example"
    with clinic.scope() as scope:
        patient = add_patient(
            scope,
            NewPatient(
                name=f"Aoife {mark.title()}",
                date_of_birth=BORN,
                location_id=clinic.location_id,
                email=email,
                phone=number,
                health_note=f"Note {mark}",
            ),
            is_new=True,
        )
    return patient.id, (mark, number.removeprefix("+44")), email


def make_story(clinic: MadeClinic | None = None) -> Story:
    """Make a treated, signed, corrected and invoiced patient."""
    clinic = clinic or make_clinic()
    mark = f"zorba{uuid.uuid4().hex[:10]}"
    with clinic.scope() as scope:
        approve_shipped_catalogue(scope)
    practitioner = add_staff(clinic, Role.PRACTITIONER)
    qualify(clinic, practitioner)
    device_id, lot_id = make_device(clinic)
    patient_id, markers, email = marked_patient(clinic, mark)
    with clinic.scope(practitioner) as scope:
        wanted = replace(terms(device_id, practitioner.id), what_matters=f"Matters {mark}")
        plan = make_plan(scope, patient_id=patient_id, location_id=clinic.location_id, terms=wanted)
        scope.session.flush()
        version = get_latest_version(scope, plan)
        record_discussion(
            scope,
            plan_version_id=version.id,
            wanted=NewDiscussion(
                held_at=now() - timedelta(hours=2),
                held_by=practitioner.id,
                mode="in_person",
                language="en",
                interpreter=f"Interpreter {mark}",
                note=f"Talked {mark}",
            ),
        )
    made = MadePlan(clinic, practitioner, patient_id, email, plan.id, version.id, device_id, lot_id)
    consent = _consent(made, mark)
    ready = ReadyVisit(made, make_visit(made), consent)
    ready.ask()
    treatment = ready.start().treatment
    _care(made, treatment.id, ready.visit_id, mark)
    incident_id = _incident(made, mark)
    purchase = make_purchase(clinic, patient_id=patient_id)
    return Story(made, markers, ready.visit_id, consent, treatment.id, incident_id, purchase.id)


def _consent(made: MadePlan, mark: str) -> ActiveConsent:
    asked = make_identified_consent(made)
    assert answer(asked).is_stored
    with made.clinic.scope() as scope:
        shown = asked.read(scope).shown_sha256.hex()
        confirm_read(
            scope, consent_id=asked.id, shown_sha256=shown, fields={"question_risks": f"Q {mark}"}
        )
    with made.clinic.scope(made.practitioner) as scope:
        question = questions_asked(scope, asked.read(scope))[0]
        answer_patient(scope, consent_id=asked.id, question_id=question.id, answer=f"Answer {mark}")
    with made.clinic.scope() as scope:
        right = {
            one.clause: one.correct for one in teach_back_of(get_shown(scope, asked.read(scope)))
        }
        check_understanding(scope, consent_id=asked.id, fields=right)
    sign(asked, typed_name=f"Aoife {mark.title()}", user_agent=f"Browser {mark}")
    with made.clinic.scope(made.practitioner) as scope:
        attestation = attest_consent(scope, consent_id=asked.id, stepped_up_at=now())
    with made.clinic.scope() as scope:
        signature = queries.find_signature(scope, asked.id)
    assert signature is not None
    return ActiveConsent(
        asked.id, made, signature.id, attestation.id, signature.document_id, attestation.document_id
    )


def _care(made: MadePlan, treatment_id: uuid.UUID, visit_id: uuid.UUID, mark: str) -> None:
    with made.clinic.scope(made.practitioner) as scope:
        complete_treatment(
            scope,
            treatment_id=treatment_id,
            done=Done(
                device_model="Test Pen",
                device_serial="1",
                lot="LOT-1",
                lot_expires_on=date(2099, 1, 31),
                areas=(DoneArea("face_cheeks", 900, 2),),
                note=ClinicalNote(note=f"Note {mark}", adverse_events=f"Event {mark}"),
            ),
            after_number=0,
        )
    with made.clinic.scope(made.practitioner) as scope:
        give_after(scope, visit_id=visit_id)
    with made.clinic.scope(made.practitioner) as scope:
        add_addendum(
            scope,
            patient_id=made.patient_id,
            about=AddendumAbout.TREATMENT,
            subject_id=treatment_id,
            text=f"Wrong {mark}",
            is_agreed=False,
        )


def _incident(made: MadePlan, mark: str) -> uuid.UUID:
    with made.clinic.scope(made.practitioner) as scope:
        incident = record_incident(
            scope,
            NewIncident(
                patient_id=made.patient_id,
                named_staff_id=made.practitioner.id,
                procedure_id="rf_microneedling",  # Of no plan, so that it stops none.
                areas={"face_cheeks": 500},
                reason=f"Tablet off {mark}",
                happened_at=now(),
            ),
        )
    return incident.id


def withdraw(story: Story) -> None:
    """Let the patient take the consent back, with a reason."""
    with story.clinic.scope() as scope:
        take_back(
            scope,
            consent_id=story.consent.consent_id,
            way=WithdrawalWay.STAFF,
            reason=f"Because {story.markers[0]}",
        )


def as_json(value: object) -> str:
    """Return a value as text for searching."""
    return json.dumps(value, default=str)
