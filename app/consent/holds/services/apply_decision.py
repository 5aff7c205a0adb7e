"""Lets a decision take effect: the patient goes on, waits for a day, or is told no."""

from app import audit, jobs
from app.auth.secrets import issue_secret
from app.consent.consent_facts import ground_of
from app.consent.errors import HoldMoved
from app.consent.holds.decided import read_decision
from app.consent.holds.models import DecisionKind, Hold, HoldDecision
from app.consent.holds.services.open_hold import clear
from app.consent.models import Consent, ConsentState
from app.consent.services.reopen_grants import give_back
from app.consent.services.request_consent import LINK_LASTS
from app.consent.ways.link_reference import Reference, with_reference
from app.consent.ways.links import sign_url
from app.consent.ways.services.prove_identity import id_was_shown
from app.database import TenantScope
from app.kit.clock import now, today_in
from app.kit.in_words import Moment
from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.plans.queries import get_plan_version
from app.tenants.queries import get_clinic, get_location


def apply_decision(scope: TenantScope, consent: Consent, hold: Hold, row: HoldDecision) -> None:
    """Carry out a decision that stands. The caller holds the consent's lock."""
    if row.kind == DecisionKind.NOT_SAFE:
        _close(hold, row)
        consent.state, consent.ended_at = ConsentState.NOT_SAFE, now()
    elif row.kind == DecisionKind.DELAY and _has_to_wait(scope, consent, hold, row):
        hold.waits_until = row.delay_until
    else:
        let_go_on(scope, consent, hold, row)
    consent.version += 1
    audit.record(
        scope,
        "consent:hold:apply",
        subject_id=hold.id,
        patient_id=consent.patient_id,
        consent_id=consent.id,
        number=row.number,
        state=consent.state,
    )
    if hold.is_after_signing:
        # What is signed is older than this decision, which therefore gets a record of its own.
        jobs.enqueue(scope, "consent.seal_decision", lock=f"decision:{row.id}", decision_id=row.id)
    tell_patient(scope, consent)


def let_go_on(scope: TenantScope, consent: Consent, hold: Hold, row: HoldDecision) -> None:
    """Close a hold by its decision and let the patient go on, or open what it had closed."""
    _close(hold, row)
    scope.session.flush()
    if hold.is_after_signing:
        give_back(scope, consent)
    elif row.kind == DecisionKind.DELAY and read_decision(scope, consent, row).terms.asks_again:
        # The day has come: only new answers can say that it is over.
        consent.state = ConsentState.OPENED
    else:
        clear(scope, consent)


def _has_to_wait(scope: TenantScope, consent: Consent, hold: Hold, row: HoldDecision) -> bool:
    """Return whether the patient cannot sign yet: the day is after the visit, or asks anew."""
    if row.delay_until is None:
        raise HoldMoved("This decision names no day.")
    zone = get_location(scope, consent.location_id).zone
    if row.delay_until <= today_in(zone):
        return False
    if read_decision(scope, consent, row).terms.asks_again:
        return True
    if hold.is_after_signing:
        return False  # The new grants begin on that day by themselves.
    ground = ground_of(scope, get_plan_version(scope, consent.plan_version_id))
    return row.delay_until > ground.visit_date


def _close(hold: Hold, row: HoldDecision) -> None:
    hold.closed_at, hold.closed_by = now(), row.decided_by
    hold.waits_until, hold.decided_number = None, row.number


def tell_patient(scope: TenantScope, consent: Consent) -> None:
    """Send the patient a link to how it goes on; whoever is in the clinic sees it there."""
    consent.link_expires_at = max(consent.link_expires_at, now() + LINK_LASTS)
    if id_was_shown(consent):
        return
    patient = get_patient(scope, consent.patient_id)
    email = contact(scope, patient, "email")
    if email is None:
        return
    token = issue_secret(scope, "sign_link", subject_id=consent.id, lasts=LINK_LASTS)
    fragment = with_reference(token, Reference(scope.tenant_id, consent.id))
    zone = get_location(scope, consent.location_id).zone
    queue_message(
        scope,
        to=email,
        channel="email",
        template="hold_decided",
        values={
            "name": patient.name,
            "clinic": get_clinic(scope).legal_name,
            "link": sign_url(fragment),
            "expires": Moment(consent.link_expires_at, zone),
        },
        patient_id=patient.id,
        location_id=consent.location_id,
    )
