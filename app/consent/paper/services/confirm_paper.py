"""A signed form on paper becomes a signature: the original was seen, and the scan is sealed.

The same rules as on a screen: nothing is signed that was not shown, that stands on hold, or that
the place does not allow on that day. What differs is recorded as what it was.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app import audit
from app.auth.permissions import CLINICAL
from app.consent import queries
from app.consent.ciphers import close_text
from app.consent.consent_facts import is_latest
from app.consent.documents.drafts import patient_draft
from app.consent.documents.frozen import (
    PaperFacts,
    PatientPaper,
    iso,
    paper_from_json,
    paper_to_json,
)
from app.consent.documents.patient_paper import SigningAct, acknowledged_in, gather_patient_paper
from app.consent.documents.sections import on_paper
from app.consent.errors import (
    ConsentMoved,
    NotReady,
    PaperRefused,
    PlanChanged,
    ShownChanged,
    SomebodyElseConfirms,
)
from app.consent.models import Consent, ConsentState, Signature
from app.consent.paper import queries as paper_queries
from app.consent.paper.models import PaperForm
from app.consent.paper.services.scan_paper import read_scan
from app.consent.purposes import rules_of
from app.consent.services.request_consent import end_links
from app.consent.services.sign_consent import note_signed, require_policies, signature_row
from app.consent.signing.services.join_signing import require_everybody
from app.consent.signing.steps import require_usable
from app.consent.still_current import require_no_news
from app.consent.ways.services.prove_identity import IdentityMethod
from app.consent.ways.short_code import new_receipt_code
from app.database import TenantScope
from app.documents.models import Document, DocumentKind
from app.documents.services import Frozen, seal_document
from app.kit.clock import day_in, now
from app.kit.names import BadName, clean_name
from app.kit.speech import mark
from app.plans.queries import find_discussion, get_plan_version
from app.tenants.queries import get_location, get_staff, list_staff

# Hands on a clock differ; a form is never signed noticeably before it was printed.
TOLERANCE = timedelta(minutes=2)
LONGEST_PLACE = 200


@dataclass(frozen=True)
class Compared:
    """What whoever has the original in hand says of it."""

    signed_at: datetime
    seen_by: uuid.UUID
    name: str
    original: str


def confirm_paper(
    scope: TenantScope, *, consent_id: uuid.UUID, paper_id: uuid.UUID, compared: Compared
) -> Signature:
    """Return the signature, made now or by an earlier submit.

    Raises PaperRefused, SomebodyElseConfirms, NotReady, ShownChanged, PlanChanged, ConsentMoved,
    AskedBeforeNews, NotDiscussed,
    or the Unavailable family: then nothing is signed and everything is kept.
    """
    signed = queries.find_signature(scope, consent_id)
    if signed is not None:
        return signed
    consent = queries.get_consent(scope, consent_id)
    checked = _checked(compared)
    seal_document(scope, _PaperSigning(consent_id, consent.patient_id, paper_id, checked))
    made = queries.find_signature(scope, consent_id)
    if made is None:
        raise ConsentMoved("This form is finished already.", state=consent.state)
    return made


def may_confirm(scope: TenantScope, paper: PaperForm) -> bool:
    """Return whether the acting person may: whoever scanned it only where nobody else is there."""
    if paper.scanned_by != scope.actor.id:
        return True
    others = (one for one in list_staff(scope) if one.id != scope.actor.id)
    return not any(one.role in CLINICAL and one.disabled_at is None for one in others)


def _checked(compared: Compared) -> Compared:
    wrong = {}
    name = ""
    try:
        name = clean_name(compared.name)
    except BadName as bad:
        wrong["name"] = bad.reason
    place = compared.original.strip()
    if not place:
        wrong["original"] = "Enter where the original lies, for example “Cabinet 2, folder N”."
    elif len(place) > LONGEST_PLACE:
        wrong["original"] = f"Use at most {LONGEST_PLACE} characters."
    if compared.signed_at > now():
        wrong["signed"] = "That moment has not come yet. Enter when the patient signed."
    if wrong:
        raise PaperRefused(next(iter(wrong.values())), fields=wrong)
    return replace(compared, name=name, original=place)


@dataclass
class _PaperSigning:
    """The patient's document being sealed around a scan."""

    subject_id: uuid.UUID
    patient_id: uuid.UUID
    paper_id: uuid.UUID
    compared: Compared
    kind: DocumentKind = DocumentKind.PATIENT_CONSENT
    title: str = mark("Consent signed by the patient on paper, scanned")
    retention: str = "clinical"
    predecessor_id: uuid.UUID | None = None
    paper: PatientPaper | None = None

    def lock(self, scope: TenantScope) -> None:
        """Lock the consent and its like, one of which may end by this one."""
        queries.lock_with_alike(scope, self.subject_id)

    def freeze(self, scope: TenantScope) -> Frozen:
        """Check every precondition and freeze what the document says, with the scan."""
        consent = queries.get_consent(scope, self.subject_id)
        form = paper_queries.get_paper(scope, consent.id, self.paper_id)
        _require_confirmable(scope, consent, form, self.compared)
        self.paper = _gather(scope, consent, form, self.compared)
        values = paper_to_json(self.paper)
        scan = read_scan(scope, consent_id=consent.id, paper_id=form.id)
        return Frozen(values, lambda: patient_draft(paper_from_json(PatientPaper, values), scan))

    def finish(self, scope: TenantScope, document: Document) -> None:
        """Check again, and record signature, state and where the original lies."""
        consent = queries.get_consent(scope, self.subject_id)
        form = paper_queries.get_paper(scope, consent.id, self.paper_id)
        _require_confirmable(scope, consent, form, self.compared)
        paper, answers = self.paper, queries.find_latest_answers(scope, consent.id)
        number = 0 if answers is None else answers.number
        if paper is None or number != paper.hashes.answers_number:
            raise ShownChanged("The answers were changed while this was sealed.")
        if paper.paper is None or paper.paper.pages != _hashes(scope, form):
            raise ShownChanged("The scan was changed while this was sealed.")
        act = _act(consent, self.compared)
        scope.session.add(signature_row(scope, consent, answers, act, paper, document))
        at = datetime.fromisoformat(paper.way.signed_at)
        _note_who(consent, self.compared, at)
        note_signed(scope, consent, paper, at=at)
        consent.is_entered_later = paper.paper.is_later
        _note_on_form(scope, consent, form, self.compared)
        end_links(scope, consent.id)  # A page that is open somewhere ends as well.
        audit.record(
            scope,
            "consent:paper:confirm",
            subject_id=consent.id,
            patient_id=consent.patient_id,
            paper_id=form.id,
            document_id=document.id,
        )


def _require_confirmable(
    scope: TenantScope, consent: Consent, form: PaperForm, compared: Compared
) -> None:
    """Raise the first reason why this paper is no signature yet."""
    require_usable(scope, consent)
    if consent.state not in queries.UNSIGNED or form.ended_at is not None:
        raise ConsentMoved("This form is finished already.", state=consent.state)
    version = get_plan_version(scope, consent.plan_version_id)
    if rules_of(consent.purpose).discussed and not is_latest(scope, version):
        raise PlanChanged("The plan was changed. Make a new form from it first.")
    require_no_news(scope, consent)
    if form.scanned_at is None:
        raise NotReady("Add the scan of the signed form first.", missing="scan")
    if consent.state == ConsentState.HELD:
        raise NotReady("A clinician has to decide on the answers first.", missing="hold")
    if rules_of(consent.purpose).screens and consent.state != ConsentState.CLEARED:
        raise NotReady("Enter the answers about health first.", missing="questions")
    if form.blank_id is None and form.shown_sha256 != consent.shown_sha256:
        told = (
            "What was answered changes what the form says. Print it again and let them sign that."
        )
        raise ShownChanged(told)
    require_everybody(scope, consent)
    if not may_confirm(scope, form):
        raise SomebodyElseConfirms
    _require_possible_moment(scope, consent, form, compared)


def _require_possible_moment(
    scope: TenantScope, consent: Consent, form: PaperForm, compared: Compared
) -> None:
    if compared.signed_at < form.printed_at - TOLERANCE:
        told = "The form was printed after that. Enter when the patient signed."
        raise PaperRefused(told, fields={"signed": told})
    talk = find_discussion(scope, consent.plan_version_id)
    if talk is not None and talk.held_at > compared.signed_at:
        told = "The talk before the treatment was recorded as later than the signature."
        raise PaperRefused(told, fields={"signed": told})
    zone = get_location(scope, consent.location_id).zone
    require_policies(scope, consent, talk, on=day_in(compared.signed_at, zone))


def _gather(
    scope: TenantScope, consent: Consent, form: PaperForm, compared: Compared
) -> PatientPaper:
    act = _act(consent, compared)
    at = now()
    paper = gather_patient_paper(scope, consent, act, at=at, receipt_code=new_receipt_code())
    seen_by = get_staff(scope, compared.seen_by).name
    way = replace(
        paper.way,
        identified_at="",
        privacy_shown_at="",
        privacy_sha256="",
        electronic_accepted_at="",
        read_at="",
        understood_at="",
        identity_method=IdentityMethod.ID_AT_PAPER.value,
        identity_by=seen_by,
        opened_by="paper",
        host=seen_by,
        device="",
    )
    facts = _facts(scope, consent, form, compared, at)
    agreed = acknowledged_in(on_paper(paper.shown))
    return replace(paper, way=way, taught_back=(), acknowledged=agreed, paper=facts)


def _facts(
    scope: TenantScope, consent: Consent, form: PaperForm, compared: Compared, at: datetime
) -> PaperFacts:
    def name_of(staff_id: uuid.UUID | None) -> str:
        return "" if staff_id is None else get_staff(scope, staff_id).name

    blank = None if form.blank_id is None else paper_queries.get_blank(scope, form.blank_id)
    zone = get_location(scope, consent.location_id).zone
    return PaperFacts(
        code=form.code,
        blank_number=0 if blank is None else blank.number,
        printed_at=iso(form.printed_at),
        signed_at=iso(compared.signed_at),
        entered_at=iso(at),
        seen_by=name_of(compared.seen_by),
        scanned_by=name_of(form.scanned_by),
        confirmed_by=name_of(scope.actor.id),
        original=compared.original,
        pages=_hashes(scope, form),
        is_later=blank is not None or day_in(compared.signed_at, zone) != day_in(at, zone),
    )


def _hashes(scope: TenantScope, form: PaperForm) -> tuple[str, ...]:
    return tuple(one.sha256.hex() for one in paper_queries.list_pages(scope, form.id))


def _act(consent: Consent, compared: Compared) -> SigningAct:
    return SigningAct(compared.name, "paper", "", consent.shown_sha256.hex(), ())


def _note_who(consent: Consent, compared: Compared, at: datetime) -> None:
    consent.identified_at, consent.identity_method = at, IdentityMethod.ID_AT_PAPER.value
    consent.identity_attested_by, consent.identity_attested_at = compared.seen_by, at


def _note_on_form(
    scope: TenantScope, consent: Consent, form: PaperForm, compared: Compared
) -> None:
    form.confirmed_at, form.confirmed_by = now(), scope.actor.id
    form.signed_at, form.seen_by = compared.signed_at, compared.seen_by
    form.original_cipher = close_text(
        scope, consent.patient_id, "paper_form.original", form.id, compared.original
    )
    for page in paper_queries.list_pages(scope, form.id):
        page.scan_cipher = None  # The sealed document carries it from here on.
