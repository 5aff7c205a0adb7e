"""A practitioner confirms: the executed consent is sealed and the grants open, in one commit.

Attesting is an act of a person who may do this very treatment, in their own account and with the
second factor just shown. A patient's session has no way to it.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app import audit
from app.auth.secrets import issue_secret, revoke_secrets
from app.consent import queries
from app.consent.after.reconsent import reasons_to_ask_again
from app.consent.browser import NOWHERE, Browser
from app.consent.consent_facts import Ground, is_latest, work_of
from app.consent.documents.drafts import executed_draft
from app.consent.documents.executed_paper import (
    Confirming,
    gather_practitioner_paper,
    ground_of_consent,
)
from app.consent.documents.frozen import PractitionerPaper, paper_from_json, paper_to_json
from app.consent.errors import AskedBeforeNews, ConsentMoved, NotEligible, NotReady, PlanChanged
from app.consent.holds import queries as hold_queries
from app.consent.holds.findings import found_by_clinic
from app.consent.models import Attestation, Consent, ConsentState, Signature
from app.consent.purposes import rules_of
from app.consent.services.open_grants import open_grants, supersede_others
from app.consent.ways.links import copy_link
from app.database import TenantScope
from app.documents.files import fetch, file_ref
from app.documents.models import Document, DocumentKind
from app.documents.queries import get_document
from app.documents.services import Frozen, seal_document
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.in_words import Moment
from app.kit.speech import mark
from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.patients.services.limit_use import require_unrestricted
from app.policies import may_perform as eligibility
from app.policies.may_perform import Answer
from app.tenants.queries import get_clinic

COPY_LASTS = timedelta(days=30)


def attest_consent(
    scope: TenantScope,
    *,
    consent_id: uuid.UUID,
    stepped_up_at: datetime,
    browser: Browser = NOWHERE,
) -> Attestation:
    """Return the attestation, made now or before. ``browser`` stands in the sealed evidence.

    Raises ConsentMoved before the patient signed, NotEligible, PlanChanged, NotReady while a hold
    stops the plan, AskedBeforeNews where it is out of date already, ProcessingRestricted,
    PatientDeceased, or the Unavailable family: then nothing is in force and the same request may
    be sent again.
    """
    made = _own_attestation(scope, consent_id)
    if made is not None:
        return made
    consent = queries.get_consent(scope, consent_id)
    signature = _require_signature(scope, consent)
    is_first = queries.find_attestation(scope, consent_id) is None
    sealing = _Attesting if is_first else _AttestingToo
    subject_id = consent_id if is_first else uuid.uuid5(consent_id, str(scope.actor.id))
    seal_document(
        scope,
        sealing(
            subject_id,
            consent.patient_id,
            signature.document_id,
            stepped_up_at,
            consent_id,
            browser=browser,
        ),
    )
    made = _own_attestation(scope, consent_id)
    if made is None:
        raise ConsentMoved("Somebody else has just confirmed it.", state=consent.state)
    return made


def may_still_confirm(scope: TenantScope, consent: Consent) -> bool:
    """Return whether a confirmation by whoever asks would change anything."""
    if consent.state == ConsentState.SIGNED:
        return True
    return consent.state == ConsentState.ACTIVE and _own_attestation(scope, consent.id) is None


def _own_attestation(scope: TenantScope, consent_id: uuid.UUID) -> Attestation | None:
    attestations = queries.list_attestations(scope, consent_id)
    return next((one for one in attestations if one.staff_id == scope.actor.id), None)


def may_attest(scope: TenantScope, *, staff_id: uuid.UUID, ground: Ground) -> Answer:
    """Return whether somebody may confirm this consent, now and at its location."""
    return eligibility.may_attest(
        scope,
        staff_id=staff_id,
        location_id=ground.location.id,
        work=work_of(ground.version, ground.facts),
    )


@dataclass
class _Attesting:
    """The executed consent being sealed."""

    subject_id: uuid.UUID
    patient_id: uuid.UUID
    predecessor_id: uuid.UUID | None
    stepped_up_at: datetime
    consent_id: uuid.UUID
    kind: DocumentKind = DocumentKind.EXECUTED_CONSENT
    title: str = mark("Executed consent")
    retention: str = "clinical"
    paper: PractitionerPaper | None = None
    confirmable: ConsentState = ConsentState.SIGNED
    browser: Browser = NOWHERE

    def lock(self, scope: TenantScope) -> None:
        """Lock the consent and its like, one of which may end by this one."""
        queries.lock_with_alike(scope, self.consent_id)

    def freeze(self, scope: TenantScope) -> Frozen:
        """Check that this person may attest this consent now, and freeze what is printed."""
        consent = queries.get_consent(scope, self.consent_id)
        signed = get_document(scope, _require_signature(scope, consent).document_id)
        ground = ground_of_consent(scope, consent)
        confirming = self._require(scope, consent, ground)
        self.paper = gather_practitioner_paper(scope, consent, ground, signed, confirming, at=now())
        values, ref = paper_to_json(self.paper), file_ref(scope, signed)
        return Frozen(
            values,
            lambda: executed_draft(paper_from_json(PractitionerPaper, values), fetch(ref)),
        )

    def finish(self, scope: TenantScope, document: Document) -> None:
        """Check again, record the attestation, open the grants and send the patient's copy."""
        consent, paper = queries.get_consent(scope, self.consent_id), self.paper
        ground = ground_of_consent(scope, consent)
        confirming = self._require(scope, consent, ground)
        if paper is None or ground.discussion is None:
            raise NotReady("Record the discussion first.", missing="discussion")
        attestation = Attestation(
            tenant_id=scope.tenant_id,
            id=new_id(),
            consent_id=consent.id,
            signature_id=_require_signature(scope, consent).id,
            staff_id=confirming.staff_id,
            qualification_id=confirming.qualification_id,
            discussion_id=ground.discussion.id,
            document_id=document.id,
            statement=paper.statement,
            stepped_up_at=self.stepped_up_at,
            attested_at=datetime.fromisoformat(paper.attested_at),
        )
        scope.session.add(attestation)
        self.put_in_force(scope, consent, ground, attestation, paper)
        send_copy(scope, consent, ground.location.zone)
        audit.record(
            scope,
            "consent:form:attest",
            subject_id=consent.id,
            patient_id=consent.patient_id,
            document_id=document.id,
        )

    def put_in_force(
        self,
        scope: TenantScope,
        consent: Consent,
        ground: Ground,
        attestation: Attestation,
        paper: PractitionerPaper,
    ) -> None:
        """Open the grants; whatever was in force for the same thing before ends."""
        supersede_others(scope, consent)
        open_grants(scope, consent, ground, attestation, _period(paper))

    def _require(self, scope: TenantScope, consent: Consent, ground: Ground) -> Confirming:
        when, needed = self.stepped_up_at, self.confirmable
        confirming = _require_attestable(scope, consent, ground, when, needed)
        return replace(confirming, browser=self.browser)


@dataclass
class _AttestingToo(_Attesting):
    """Another practitioner, who is to treat, confirms a consent that is in force already.

    The patient signs nothing anew and the grants stay as they are; the document names who joins.
    """

    title: str = mark("Executed consent, confirmed by another practitioner")
    confirmable: ConsentState = ConsentState.ACTIVE

    def put_in_force(
        self,
        scope: TenantScope,
        consent: Consent,
        ground: Ground,
        attestation: Attestation,
        paper: PractitionerPaper,
    ) -> None:
        """Change nothing: it is in force."""


def send_copy(scope: TenantScope, consent: Consent, zone: str) -> None:
    """Send the patient a link to their copy; older ones end. Without an address nothing is sent."""
    patient = get_patient(scope, consent.patient_id)
    email = contact(scope, patient, "email")
    if email is None:
        return
    revoke_secrets(scope, "document_link", subject_id=consent.id)
    token = issue_secret(scope, "document_link", subject_id=consent.id, lasts=COPY_LASTS)
    queue_message(
        scope,
        to=email,
        channel="email",
        template="consent_copy",
        values={
            "name": patient.name,
            "clinic": get_clinic(scope).legal_name,
            "link": copy_link(scope.tenant_id, consent.id, token),
            "expires": Moment(now() + COPY_LASTS, zone),
        },
        patient_id=patient.id,
        location_id=consent.location_id,
    )


def _period(paper: PractitionerPaper) -> tuple[datetime, datetime]:
    return (
        datetime.fromisoformat(paper.in_force_from),
        datetime.fromisoformat(paper.in_force_until),
    )


def _require_signature(scope: TenantScope, consent: Consent) -> Signature:
    signature = queries.find_signature(scope, consent.id)
    if signature is None:
        raise ConsentMoved("The patient has not signed yet.", state=consent.state)
    return signature


def _require_attestable(
    scope: TenantScope,
    consent: Consent,
    ground: Ground,
    stepped_up_at: datetime,
    confirmable: ConsentState,
) -> Confirming:
    """Return who confirms; raises the first reason why they cannot."""
    require_unrestricted(scope, consent.patient_id)
    if consent.state != confirmable:
        raise ConsentMoved("This consent cannot be confirmed now.", state=consent.state)
    if not is_latest(scope, ground.version):
        raise PlanChanged("The plan was changed after the patient signed. Ask for a new consent.")
    _require_decided(scope, consent)
    _require_current(scope, consent)
    staff_id = scope.actor.id
    if scope.actor.kind != "staff" or staff_id is None:
        raise NotEligible("Only a practitioner confirms a consent.")
    answer = may_attest(scope, staff_id=staff_id, ground=ground)
    if not answer.allowed or answer.qualification_id is None:
        raise NotEligible(answer.reason)
    return Confirming(staff_id, answer.qualification_id, stepped_up_at)


def _require_decided(scope: TenantScope, consent: Consent) -> None:
    """Raise NotReady while a hold stops the plan: a newer form is no way round its decision.

    What this form's own answers stopped was decided on the way to its signature.
    """
    if not rules_of(consent.purpose).grants:
        return
    for hold, paused in hold_queries.list_holds_that_pause(scope, consent.plan_id):
        if found_by_clinic(scope, paused, hold).get("newer") != str(consent.id):
            raise NotReady("A hold stops this plan. Decide about it first.", missing="hold")


def _require_current(scope: TenantScope, consent: Consent) -> None:
    """Raise AskedBeforeNews where nothing could start under it, confirmed or not."""
    met = [one for one in reasons_to_ask_again(scope, consent) if one.stops]
    if met:
        raise AskedBeforeNews(met[0].text, triggers=[one.trigger.id for one in met])
