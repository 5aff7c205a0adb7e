"""The patient signs: checked under lock, sealed in the same request, recorded with the seal.

Only the last commit makes it signed. A failure in between leaves it unsigned with everything kept,
and the same submit, sent again, resumes; of any number of submits exactly one signs.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from app import audit
from app.consent import queries
from app.consent.after.after_incident import require_talk_after_incident
from app.consent.browser import LONGEST_AGENT
from app.consent.ciphers import close_text, get_shown
from app.consent.documents.drafts import patient_draft
from app.consent.documents.frozen import PatientPaper, paper_from_json, paper_to_json
from app.consent.documents.patient_paper import SigningAct, gather_patient_paper
from app.consent.errors import (
    ConsentMoved,
    NotReady,
    QuestionsOpen,
    ShownChanged,
    SignatureRefused,
)
from app.consent.holds.services.settle_hold import has_expired
from app.consent.models import Consent, ConsentState, Signature
from app.consent.purposes import rules_of
from app.consent.screening.models import ConsentAnswers
from app.consent.services.attest_consent import send_copy
from app.consent.services.open_grants import begin_unattested
from app.consent.services.request_consent import end_links
from app.consent.signing.drawn import read_drawn
from app.consent.signing.question_queries import count_open_questions
from app.consent.signing.services.join_signing import require_everybody
from app.consent.signing.steps import Step, step_of
from app.consent.still_current import require_current
from app.consent.ways.short_code import new_receipt_code
from app.database import TenantScope
from app.documents.fonts import refuse_missing_letters
from app.documents.models import Document, DocumentKind
from app.documents.services import Frozen, seal_document
from app.kit.clock import day_in, now, today_in
from app.kit.ids import new_id
from app.kit.names import BadName, clean_name
from app.kit.speech import mark, say
from app.patients.queries import get_patient
from app.patients.reading import date_of_birth
from app.patients.services.limit_use import require_unrestricted
from app.plans.models import Discussion
from app.plans.queries import find_discussion
from app.policies.patient_rules import require_age, require_talk, require_wait
from app.policies.queries import get_policies
from app.tenants.queries import get_location


def sign_consent(scope: TenantScope, *, consent_id: uuid.UUID, act: SigningAct) -> Signature:
    """Return the signature, made now or by an earlier submit of the same form.

    Raises SignatureRefused, MissingGlyph, InkRefused, InkTooLarge, ShownChanged, PlanChanged,
    FormReplaced, AskedBeforeNews, NotDiscussed, NotReady, ConsentMoved, or the Unavailable family:
    then it is not signed, and all is kept.
    """
    signed = queries.find_signature(scope, consent_id)
    if signed is not None:
        return signed
    consent = queries.get_consent(scope, consent_id)
    shown = get_shown(scope, consent)
    checked = check_act(shown.acknowledgements, act)
    refuse_missing_letters((checked.typed_name,), shown.locale)
    seal_document(scope, _PatientSigning(consent_id, consent.patient_id, checked))
    made = queries.find_signature(scope, consent_id)
    if made is None:
        raise ConsentMoved("This form is finished already.", state=consent.state)
    return made


def check_act(needed: tuple[str, ...], act: SigningAct) -> SigningAct:
    """Return the act with its name in NFC; raises SignatureRefused, InkRefused, InkTooLarge."""
    wrong: dict[str, str] = {}
    name = ""
    try:
        name = clean_name(act.typed_name)
    except BadName as bad:
        wrong["full_name"] = bad.reason
    if act.method == "ink" and not act.ink:
        wrong["ink"] = say("Draw your signature, or use your typed name.")
    for clause in needed:
        if clause not in act.acknowledged and not _is_given_before(clause):
            wrong[clause] = say("Please tick this to go on.")
    if wrong:
        raise SignatureRefused(next(iter(wrong.values())), fields=wrong)
    if act.method == "ink":
        read_drawn(act.ink)
    ink = act.ink if act.method == "ink" else ""
    return SigningAct(
        name,
        act.method,
        ink,
        act.shown_sha256,
        act.acknowledged,
        act.address,
        act.user_agent[:LONGEST_AGENT],
    )


def acknowledged_on_signing(clauses: tuple[str, ...]) -> tuple[str, ...]:
    """Return the clauses that are ticked on the page with the signature."""
    return tuple(clause for clause in clauses if not _is_given_before(clause))


def _is_given_before(clause: str) -> bool:
    """The agreement to sign on a screen has a page and a moment of its own."""
    return clause.startswith("es-")


@dataclass
class _PatientSigning:
    """The patient's document being sealed."""

    subject_id: uuid.UUID
    patient_id: uuid.UUID
    act: SigningAct
    kind: DocumentKind = DocumentKind.PATIENT_CONSENT
    title: str = mark("Consent signed by the patient")
    retention: str = "clinical"
    predecessor_id: uuid.UUID | None = None
    paper: PatientPaper | None = None

    def lock(self, scope: TenantScope) -> None:
        """Lock the consent and its like, one of which may end by this one."""
        queries.lock_with_alike(scope, self.subject_id)

    def freeze(self, scope: TenantScope) -> Frozen:
        """Check every precondition and freeze what the document says."""
        consent = queries.get_consent(scope, self.subject_id)
        require_signable(scope, consent, self.act)
        self.paper = gather_patient_paper(
            scope, consent, self.act, at=now(), receipt_code=new_receipt_code()
        )
        values = paper_to_json(self.paper)
        return Frozen(values, lambda: patient_draft(paper_from_json(PatientPaper, values)))

    def finish(self, scope: TenantScope, document: Document) -> None:
        """Check again, and record signature, state and what follows."""
        consent = queries.get_consent(scope, self.subject_id)
        require_signable(scope, consent, self.act)
        paper, answers = self.paper, queries.find_latest_answers(scope, consent.id)
        number = 0 if answers is None else answers.number
        if paper is None or number != paper.hashes.answers_number:
            raise ShownChanged("Your answers were changed while you signed.")
        signature = signature_row(scope, consent, answers, self.act, paper, document)
        scope.session.add(signature)
        note_signed(scope, consent, paper, at=signature.signed_at)
        audit.record(
            scope,
            "consent:form:sign",
            subject_id=consent.id,
            patient_id=consent.patient_id,
            document_id=document.id,
        )


def note_signed(scope: TenantScope, consent: Consent, paper: PatientPaper, *, at: datetime) -> None:
    """Note that a consent is signed; what no practitioner confirms is in force from here on."""
    consent.state, consent.signed_at = ConsentState.SIGNED, at
    consent.version += 1
    end_links(scope, consent.id, keep_session=True)
    if not rules_of(consent.purpose).attested:
        until = paper.in_force_until
        begin_unattested(scope, consent, datetime.fromisoformat(until) if until else None)
        send_copy(scope, consent, paper.place.zone)


def require_signable(scope: TenantScope, consent: Consent, act: SigningAct) -> None:
    """Raise the first reason why this consent cannot be signed now.

    The order is that in which a person can do something about it.
    """
    require_unrestricted(scope, consent.patient_id)
    step = step_of(consent)
    if step is Step.RECEIPT:
        raise ConsentMoved("This form is finished already.", state=consent.state)
    require_current(scope, consent)
    if act.shown_sha256 != consent.shown_sha256.hex():
        raise ShownChanged("Please read the form again.")
    if step is not Step.SIGN:
        raise NotReady("There is a step before this one.", missing=step.value)
    require_everybody(scope, consent)
    if count_open_questions(scope, consent.id):
        raise QuestionsOpen("Wait for the answer to your question, or go on without it.")
    if has_expired(scope, consent):
        raise NotReady("A clinician has to look at your answers again.", missing="hold")
    if consent.link_expires_at <= now():
        raise ConsentMoved("The time for this form has run out.", state=consent.state)
    require_policies(scope, consent, find_discussion(scope, consent.plan_version_id))


def require_policies(
    scope: TenantScope, consent: Consent, talk: Discussion | None, *, on: date | None = None
) -> None:
    """Raise what the place refuses on a day: no talk, one of the wrong kind, an age, a wait.

    ``on`` is when it was signed, today where it is signed now.
    """
    location = get_location(scope, consent.location_id)
    today = on or today_in(location.zone)
    policies = get_policies(scope, location, on=today)
    patient = get_patient(scope, consent.patient_id)
    require_age(policies, date_of_birth(scope, patient), today)
    if not rules_of(consent.purpose).discussed:
        return
    require_talk(policies, None if talk is None else talk.mode)
    require_talk_after_incident(scope, consent.plan_id, talk, location.zone)
    if talk is not None:
        require_wait(policies, day_in(talk.held_at, location.zone), today)


def signature_row(
    scope: TenantScope,
    consent: Consent,
    answers: ConsentAnswers | None,
    act: SigningAct,
    paper: PatientPaper,
    document: Document,
) -> Signature:
    """Return the row of a signature, with all that is personal closed under the patient's key."""
    row_id = new_id()

    def close(column: str, text: str) -> bytes:
        return close_text(scope, document.patient_id, f"signature.{column}", row_id, text)

    return Signature(
        tenant_id=scope.tenant_id,
        id=row_id,
        consent_id=consent.id,
        patient_id=document.patient_id,
        answers_id=None if answers is None else answers.id,
        document_id=document.id,
        method=act.method,
        name_cipher=close("name", act.typed_name),
        ink_cipher=close("ink", act.ink) if act.ink else None,
        meaning_cipher=close("meaning", paper.statement),
        shown_sha256=bytes.fromhex(paper.hashes.shown_sha256),
        receipt_code=paper.receipt_code,
        user_agent_cipher=close("user_agent", act.user_agent),
        signed_at=datetime.fromisoformat(paper.way.signed_at),
        zone=paper.place.zone,
    )
