"""Gathers from what is stored everything that the patient's document shows."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.auth.desk_queries import get_shared_device
from app.catalogue.queries import get_catalogue_version
from app.consent import queries
from app.consent.after.lasting import end_of_unattested
from app.consent.ciphers import get_shown, open_text
from app.consent.consent_facts import (
    Ground,
    ground_of,
    qualification_for,
    qualification_in_words,
    registration_in_words,
)
from app.consent.documents.frozen import (
    AskedPaper,
    Hashes,
    PatientPaper,
    Place,
    Talk,
    TaughtBack,
    Way,
    iso,
)
from app.consent.documents.paper_facts import procedure_of, reflection_of
from app.consent.documents.party_blocks import parties_of
from app.consent.errors import NotReady
from app.consent.forms import queries as form_queries
from app.consent.forms.shown import AssembledForm
from app.consent.holds.decision_paper import decision_paper
from app.consent.models import Consent
from app.consent.purposes import rules_of
from app.consent.screening.fields import answers_in_words, text_of
from app.consent.screening.models import ConsentAnswers
from app.consent.screening.stored_answers import asked_of_patient, read_answers, read_outcome
from app.consent.screening.told_rules import patient_sentences
from app.consent.signing.drafts import read_page
from app.consent.signing.patient_questions import questions_asked
from app.consent.signing.reading_time import reading_time
from app.consent.signing.services.read_form import teach_back_of
from app.consent.ways import queries as way_queries
from app.consent.ways.models import OpenedBy
from app.consent.ways.services.prove_identity import masked_contact
from app.database import TenantScope
from app.documents.files import sealers
from app.kit.speech import ENGLISH, isolated, say, speaking
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth
from app.plans.models import Discussion
from app.plans.queries import get_plan_version
from app.tenants.models import Location
from app.tenants.paper_size import paper_size
from app.tenants.queries import get_clinic, get_staff


@dataclass(frozen=True)
class SigningAct:
    """What the patient did: ``ink`` is the page's JSON or "", ``address`` where they came from."""

    typed_name: str
    method: Literal["ink", "typed", "paper"]
    ink: str
    shown_sha256: str
    acknowledged: tuple[str, ...]
    address: str = ""
    user_agent: str = ""


def gather_patient_paper(
    scope: TenantScope, consent: Consent, act: SigningAct, *, at: datetime, receipt_code: str
) -> PatientPaper:
    """Return the values of the patient's document; raises NotReady without answers it needs.

    All of it is told in the language of the form.
    """
    with speaking(get_shown(scope, consent).locale, whole=True):
        return _gathered(scope, consent, act, at, receipt_code)


def _gathered(
    scope: TenantScope, consent: Consent, act: SigningAct, at: datetime, receipt_code: str
) -> PatientPaper:
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    answers = queries.find_latest_answers(scope, consent.id)
    talk, rules = ground.discussion, rules_of(consent.purpose)
    if answers is None and rules.screens:
        raise NotReady("There is a step before this one.", missing="questions")
    patient = get_patient(scope, consent.patient_id)
    shown = get_shown(scope, consent)
    outcome = {"fired": []} if answers is None else read_outcome(scope, consent, answers)
    read = reading_time(consent, shown, read_page(scope, consent, "read"))
    return PatientPaper(
        consent_id=str(consent.id),
        plan_version_id=str(consent.plan_version_id),
        receipt_code=receipt_code,
        place=place_of(scope, ground.location, shown.locale),
        patient_name=patient.name,
        born=date_of_birth(scope, patient).isoformat(),
        practitioner=_practitioner(scope, ground),
        shown=shown,
        answers=_answers_in_words(scope, consent, ground, answers),
        noticed=patient_sentences(ground.told, outcome.get("fired", ())),
        outcome="" if answers is None else answers.outcome,
        asked=_asked(scope, consent, shown),
        reading_seconds=read.total if read else None,
        reading=read.parts if read else (),
        taught_back=_taught_back(scope, consent, shown),
        acknowledged=acknowledged_in(shown),
        statement=statement_of(shown),
        typed_name=act.typed_name,
        method=act.method,
        ink=act.ink,
        talk=talk_of(scope, consent.patient_id, talk) if talk and rules.discussed else None,
        hashes=_hashes(scope, consent, answers),
        way=_way(scope, consent, answers, act, at),
        parties=parties_of(scope, consent),
        purpose=consent.purpose,
        is_other_language=consent.is_other_language,
        in_force_until=iso(end_of_unattested(consent, ground.location.zone)),
        decision=None if answers is None else decision_paper(scope, consent, ground, answers),
        procedure=procedure_of(ground) if rules.discussed else None,
        reflection=reflection_of(scope, ground) if rules.discussed else None,
    )


def _answers_in_words(
    scope: TenantScope, consent: Consent, ground: Ground, answers: ConsentAnswers | None
) -> tuple[tuple[str, str], ...]:
    if answers is None:
        return ()
    given = read_answers(scope, consent, answers)
    return answers_in_words(ground.told, asked_of_patient(ground), given)


def statement_of(shown: AssembledForm) -> str:
    """Return the sentence that is signed."""
    return _texts(shown, "signature")[0]


def talk_of(scope: TenantScope, patient_id: uuid.UUID, discussion: Discussion) -> Talk:
    """Return a discussion as paper tells it."""
    return Talk(
        discussion_id=str(discussion.id),
        held_at=iso(discussion.held_at),
        held_by=get_staff(scope, discussion.held_by).name,
        mode=discussion.mode,
        language=discussion.language,
        interpreter=_interpreter(scope, patient_id, discussion),
    )


def _interpreter(scope: TenantScope, patient_id: uuid.UUID, discussion: Discussion) -> str:
    cipher = discussion.interpreter_cipher
    if cipher is None:
        return ""
    return open_text(scope, patient_id, "discussion.interpreter", discussion.id, cipher)


def place_of(scope: TenantScope, location: Location, language: str = ENGLISH) -> Place:
    """Return the clinic and the location as a paper made now names them."""
    clinic = get_clinic(scope)
    sealer = sealers().sealer_for(scope.tenant_id, clinic.legal_name)
    return Place(
        clinic_id=str(scope.tenant_id),
        settings_id=str(clinic.settings_id),
        clinic_name=clinic.legal_name,
        clinic_address=clinic.address,
        location_name=location.name,
        location_address=location.address,
        jurisdiction=location.jurisdiction,
        zone=location.zone,
        paper=paper_size(location),
        accent=clinic.brand_colour,
        mark="TEST" if sealer.is_test else "",
        language=language,
        registration=location.premises_registration or "",
        seal_sha256=sealer.certificate_sha256.hex(),
    )


def _practitioner(scope: TenantScope, ground: Ground) -> str:
    staff = get_staff(scope, ground.version.practitioner_id)
    held = qualification_for(scope, staff.id, ground)
    words = (staff.name, qualification_in_words(held), registration_in_words(held))
    return say(", ").join(str(isolated(one)) for one in words)


def _asked(scope: TenantScope, consent: Consent, shown: AssembledForm) -> tuple[AskedPaper, ...]:
    titles = {part.id: part.title for part in shown.sections}
    return tuple(
        AskedPaper(
            titles.get(one.section, ""), one.text, one.answer, one.answered_by, iso(one.answered_at)
        )
        for one in questions_asked(scope, consent)
    )


def _taught_back(
    scope: TenantScope, consent: Consent, shown: AssembledForm
) -> tuple[TaughtBack, ...]:
    typed = read_page(scope, consent, "understood")
    found = []
    for block in teach_back_of(shown):
        chosen = text_of(typed, block.clause)
        words = {option.id: option.text for option in block.options}
        found.append(
            TaughtBack(
                block.text, words.get(chosen, ""), chosen == block.correct, block.explanation
            )
        )
    return tuple(found)


def acknowledged_in(shown: AssembledForm) -> tuple[str, ...]:
    """Return every sentence that is ticked."""
    return _texts(shown, "acknowledgement")


def _texts(shown: AssembledForm, kind: str) -> tuple[str, ...]:
    blocks = (block for part in shown.sections for block in part.blocks)
    return tuple(block.text for block in blocks if block.kind == kind)


def _hashes(scope: TenantScope, consent: Consent, answers: ConsentAnswers | None) -> Hashes:
    form = form_queries.get_form_version(scope, consent.form_version_id)
    catalogue = get_catalogue_version(scope, consent.catalogue_version_id)
    return Hashes(
        form_key=form.form_key,
        form_number=form.number,
        form_sha256=form.sha256.hex(),
        form_change=form.change,
        catalogue_number=catalogue.number,
        catalogue_sha256=catalogue.sha256.hex(),
        shown_sha256=consent.shown_sha256.hex(),
        answers_number=0 if answers is None else answers.number,
        answers_salted_sha256="" if answers is None else answers.answers_salted_sha256.hex(),
    )


def _way(
    scope: TenantScope,
    consent: Consent,
    answers: ConsentAnswers | None,
    act: SigningAct,
    at: datetime,
) -> Way:
    opened = way_queries.find_open_way(scope, consent.id)
    device_id = opened.device_id if opened else None
    return Way(
        asked_at=iso(consent.created_at),
        opened_at=iso(consent.opened_at),
        identified_at=iso(consent.identified_at),
        identity_method=consent.identity_method or "",
        identity_by=_name_of(scope, consent.identity_attested_by),
        privacy_shown_at=iso(consent.privacy_shown_at),
        privacy_sha256=(consent.privacy_sha256 or b"").hex(),
        electronic_accepted_at=iso(consent.electronic_accepted_at),
        answered_at="" if answers is None else iso(answers.made_at),
        read_at=iso(consent.read_at),
        understood_at=iso(consent.understood_at),
        signed_at=iso(at),
        contact_masked=masked_contact(scope, consent),
        address=act.address,
        user_agent=act.user_agent,
        opened_by=opened.opened_by if opened else OpenedBy.LINK,
        host=_name_of(scope, opened.host_id if opened else None),
        electronic_demonstrated_at=iso(consent.electronic_demonstrated_at),
        electronic_withdrawn_at=iso(consent.electronic_withdrawn_at),
        device="" if device_id is None else get_shared_device(scope, device_id).name,
    )


def _name_of(scope: TenantScope, staff_id: uuid.UUID | None) -> str:
    return "" if staff_id is None else get_staff(scope, staff_id).name
