"""A clinic asks a patient for consent: the text is made, a link goes out, older ones end."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import audit
from app.auth.attempts import clear_attempts
from app.auth.secrets import SecretKind, issue_secret, put_token, revoke_secrets
from app.consent import queries
from app.consent.after.after_incident import require_talk_after_incident
from app.consent.ciphers import put_shown
from app.consent.consent_facts import Ground, assemble_for, ground_of
from app.consent.errors import CannotDecide, ConsentMoved, NoContact, NotDiscussed
from app.consent.forms.choose_form import ChosenForm, WantedForm, choose_form
from app.consent.models import Consent, ConsentDraft, ConsentState
from app.consent.purposes import rules_of
from app.consent.still_current import require_no_news
from app.consent.ways.identity_tries import tries_of
from app.consent.ways.link_reference import Reference, with_reference
from app.consent.ways.links import sign_url
from app.consent.ways.short_code import new_short_code, short_code_token
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.in_words import Moment
from app.messaging.services import queue_message
from app.messaging.templates import SHORT_TEXTS
from app.messaging.transport import transport
from app.patients.models import Patient
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.patients.services.limit_use import require_unrestricted
from app.plans.models import Capacity, Discussion, PlanVersion
from app.plans.queries import get_latest_version, get_plan_for_update
from app.policies.errors import TalkNotEnough
from app.policies.holding import PlacePolicies
from app.policies.patient_rules import require_age, require_talk
from app.policies.queries import get_policies
from app.tenants.queries import get_clinic, get_location, get_open_location

LINK_LASTS = timedelta(days=7)
LINKS: tuple[SecretKind, ...] = ("sign_link", "short_code", "qr_link")


@dataclass(frozen=True)
class AskedConsent:
    """A consent that was asked for; the link and the code exist here and in the message only."""

    consent: Consent
    link: str
    short_code: str
    message_id: uuid.UUID | None = None


def request_consent(
    scope: TenantScope,
    *,
    plan_id: uuid.UUID,
    wanted: WantedForm | None = None,
    is_sent: bool = True,
) -> AskedConsent:
    """Ask for one consent to the latest version of a plan, to the treatment unless told otherwise.

    An unsigned older request for the same thing is called back; requests for other things stay.
    With ``is_sent`` False nothing is sent: the patient is here and signs on a screen or on paper.

    Raises CannotDecide, NotDiscussed, FormNotPublished, FormLanguage, InterpreterNeeded,
    AddOnNotPlanned, CatalogueNotApproved, NoContact, PlanUnknown, LocationClosed, or what the rules
    there refuse: TalkNotEnough, PatientTooYoung.
    """
    wanted = wanted or WantedForm()
    plan = get_plan_for_update(scope, plan_id)
    require_unrestricted(scope, plan.patient_id)
    version = get_latest_version(scope, plan)
    ground = ground_of(scope, version)
    get_open_location(scope, plan.location_id)
    if version.capacity == Capacity.LACKING:
        raise CannotDecide("The plan says that the patient cannot decide this at present.")
    _require_ground(scope, ground, wanted)
    reads_best = get_patient(scope, plan.patient_id).language
    chosen = choose_form(scope, ground, wanted, reads_best=reads_best)
    consent = _new_consent(scope, version, chosen, plan.location_id)
    for older in queries.list_consents_like(scope, consent):
        if older.state in queries.UNSIGNED:
            _call_back(scope, older)
    put_shown(scope, consent, assemble_for(scope, chosen.version, ground))
    scope.session.add(consent)
    scope.session.add(_empty_draft(scope, consent))
    audit.record(
        scope,
        "consent:request:make",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        plan_id=plan.id,
        purpose=consent.purpose,
        locale=consent.locale,
        other_language=consent.is_other_language,
    )
    return send_link(scope, consent) if is_sent else AskedConsent(consent, "", "")


def _require_talk(policies: PlacePolicies, talk: Discussion | None) -> None:
    """Raise NotDiscussed without a talk where the place wants one first, else TalkNotEnough."""
    try:
        require_talk(policies, None if talk is None else talk.mode)
    except TalkNotEnough as refusal:
        if talk is None:
            raise NotDiscussed(refusal.message) from refusal
        raise


def resend_link(scope: TenantScope, *, consent_id: uuid.UUID) -> AskedConsent:
    """Send a fresh link; older links, codes and open pages end.

    Raises ConsentMoved once signed, AskedBeforeNews or NotDiscussed where another form is needed.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    require_unrestricted(scope, consent.patient_id)
    if consent.state not in queries.UNSIGNED:
        raise ConsentMoved("There is nothing left to sign.", state=consent.state)
    require_no_news(scope, consent)
    unlock_link(scope, consent)
    end_links(scope, consent.id)
    audit.record(
        scope, "consent:request:resend", subject_id=consent.id, patient_id=consent.patient_id
    )
    return send_link(scope, consent)


def tell_of_answer(scope: TenantScope, consent: Consent) -> None:
    """Tell the patient that they may go on, with a fresh link; an open page stays open."""
    if contact(scope, get_patient(scope, consent.patient_id), "email") is not None:
        end_links(scope, consent.id, keep_session=True)
        send_link(scope, consent, template="question_answered")


def end_links(scope: TenantScope, consent_id: uuid.UUID, *, keep_session: bool = False) -> None:
    """End every link and code of a consent, and the patient's open pages unless they are kept."""
    for kind in LINKS if keep_session else (*LINKS, "sign_session"):
        revoke_secrets(scope, kind, subject_id=consent_id)


def unlock_link(scope: TenantScope, consent: Consent) -> None:
    """Let a patient try anew who they are: by a fresh link, or in front of staff."""
    consent.locked_at = None
    clear_attempts(scope.session, tries_of(consent.id))


def _require_ground(scope: TenantScope, ground: Ground, wanted: WantedForm) -> None:
    """Raise what is missing before this may be asked, and what the policies of the place refuse."""
    policies = get_policies(scope, ground.location, on=ground.today)
    if rules_of(wanted.purpose).discussed:
        _require_talk(policies, ground.discussion)
        require_talk_after_incident(
            scope, ground.version.plan_id, ground.discussion, ground.location.zone
        )
    require_age(policies, ground.facts.date_of_birth, ground.visit_date)


def _call_back(scope: TenantScope, consent: Consent) -> None:
    consent.state, consent.ended_at = ConsentState.VOIDED, now()
    consent.version += 1
    end_links(scope, consent.id)
    audit.record(
        scope, "consent:request:void", subject_id=consent.id, patient_id=consent.patient_id
    )


def _new_consent(
    scope: TenantScope, version: PlanVersion, chosen: ChosenForm, location_id: uuid.UUID
) -> Consent:
    at, form = now(), chosen.version
    return Consent(
        tenant_id=scope.tenant_id,
        id=new_id(),
        plan_id=version.plan_id,
        plan_version_id=version.id,
        patient_id=version.patient_id,
        location_id=location_id,
        form_version_id=form.id,
        catalogue_version_id=version.catalogue_version_id,
        purpose=form.purpose,
        add_on_id=form.add_on_id,
        locale=form.locale,
        is_other_language=chosen.is_other_language,
        state=ConsentState.SENT,
        created_at=at,
        created_by=scope.actor.id,
        link_expires_at=at + LINK_LASTS,
    )


def _empty_draft(scope: TenantScope, consent: Consent) -> ConsentDraft:
    return ConsentDraft(
        tenant_id=scope.tenant_id,
        id=new_id(),
        consent_id=consent.id,
        sequence=0,
        updated_at=now(),
    )


def send_link(
    scope: TenantScope, consent: Consent, *, template: str = "sign_request"
) -> AskedConsent:
    """Send a fresh link and code; raises NoContact. The caller ends older ones."""
    patient = get_patient(scope, consent.patient_id)
    channel, address = _way_to(scope, patient, template)
    consent.link_sent_at = now()
    consent.link_expires_at = consent.link_sent_at + LINK_LASTS
    token = issue_secret(scope, "sign_link", subject_id=consent.id, lasts=LINK_LASTS)
    fragment = with_reference(token, Reference(scope.tenant_id, consent.id))
    code = _issue_short_code(scope, consent.id, consent.link_expires_at)
    zone = get_location(scope, consent.location_id).zone
    message = queue_message(
        scope,
        to=address,
        channel=channel,
        template=template,
        values={
            "name": patient.name,
            "clinic": get_clinic(scope).legal_name,
            "link": sign_url(fragment),
            "code": code,
            "page": sign_url("").rstrip("#"),
            "expires": Moment(consent.link_expires_at, zone),
        },
        patient_id=patient.id,
        location_id=consent.location_id,
    )
    return AskedConsent(consent, sign_url(fragment), code, message.id)


def _way_to(scope: TenantScope, patient: Patient, template: str) -> tuple[str, str]:
    """Return channel and address on file, email first; raises NoContact."""
    email = contact(scope, patient, "email")
    if email is not None:
        return "email", email
    phone = contact(scope, patient, "phone")
    if phone is None or template not in SHORT_TEXTS or not transport().carries("sms"):
        raise NoContact("Enter an email address for this patient first.")
    return "sms", phone


def _issue_short_code(scope: TenantScope, consent_id: uuid.UUID, ends: datetime) -> str:
    code = new_short_code()
    put_token(scope, "short_code", token=short_code_token(code), subject_id=consent_id, ends=ends)
    return code
