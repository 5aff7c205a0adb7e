"""Asks a clinician outside for the second word: one link to one address, once, for 72 hours."""

import uuid
from datetime import timedelta

from app import audit
from app.auth.secrets import issue_secret, revoke_secrets
from app.auth.services import normal_email
from app.consent import queries
from app.consent.ciphers import close_text
from app.consent.errors import DecisionRefused, HoldMoved
from app.consent.holds import queries as hold_queries
from app.consent.holds.decided import newest_of
from app.consent.holds.models import OutsideReview, ReviewState
from app.consent.holds.other_person import mailbox
from app.consent.holds.outside import EMAIL
from app.consent.holds.services.second_person import lock_pending
from app.consent.models import Consent
from app.consent.ways.links import review_url
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.messaging.services import queue_message
from app.pages_setup import moment
from app.patients.models import ContactKind
from app.patients.queries import get_patient
from app.patients.reading import read_contacts
from app.tenants.queries import get_clinic, get_location, get_staff
from app.tenants.staff_queries import find_staff_by_email

LASTS = timedelta(hours=72)


def ask_outside(
    scope: TenantScope, *, hold_id: uuid.UUID, number: int, email: str
) -> OutsideReview:
    """Ask an address about the decision with a number; whoever was asked before is not any more.

    Raises HoldUnknown, HoldMoved, or DecisionRefused for an address of the clinic's own people or
    of the patient.
    """
    consent, _, decision = lock_pending(scope, hold_id, number)
    address = normal_email(email)
    if find_staff_by_email(scope, address) is not None:
        told = "Somebody with this address works here. Ask them to sign in and agree."
        raise DecisionRefused(told, fields={"email": told})
    if mailbox(address) in _of_patient(scope, consent):
        told = "This is an address of the patient. Somebody else has to agree."
        raise DecisionRefused(told, fields={"email": told})
    for open_one in hold_queries.list_open_reviews(scope, consent.id):
        end_review(scope, open_one, ReviewState.CANCELLED)
    review_id = new_id()
    review = OutsideReview(
        tenant_id=scope.tenant_id,
        id=review_id,
        decision_id=decision.id,
        consent_id=consent.id,
        email_cipher=close_text(scope, consent.patient_id, EMAIL, review_id, address),
        state=ReviewState.ASKED.value,
        asked_by=scope.actor.id,
        asked_at=now(),
        expires_at=now() + LASTS,
    )
    scope.session.add(review)
    audit.record(
        scope,
        "consent:review:ask",
        subject_id=review.id,
        patient_id=consent.patient_id,
        consent_id=consent.id,
    )
    _send(scope, review, address, get_location(scope, consent.location_id).zone)
    return review


def _of_patient(scope: TenantScope, consent: Consent) -> set[str]:
    lines = read_contacts(scope, get_patient(scope, consent.patient_id))
    return {mailbox(one.value) for one in lines if one.kind == ContactKind.EMAIL}


def cancel_review(scope: TenantScope, *, hold_id: uuid.UUID) -> None:
    """Take back what was asked outside; the link dies at once. Raises HoldMoved without any."""
    hold = hold_queries.get_hold(scope, hold_id)
    decision = newest_of(hold, hold_queries.list_decisions(scope, hold.consent_id))
    found = [
        one
        for one in hold_queries.list_open_reviews(scope, hold.consent_id)
        if decision is not None and one.decision_id == decision.id
    ]
    if not found:
        raise HoldMoved("Nobody outside is asked about this now.")
    for one in found:
        end_review(scope, one, ReviewState.CANCELLED)


def end_review(scope: TenantScope, review: OutsideReview, state: ReviewState) -> None:
    """Let a question outside end; its link and its open page die."""
    revoke_secrets(scope, "review_link", subject_id=review.id)
    revoke_secrets(scope, "review_session", subject_id=review.id)
    review.state, review.ended_at, review.code_hash = state.value, now(), None
    review.version += 1
    audit.record(
        scope,
        "consent:review:end",
        subject_id=review.id,
        patient_id=queries.get_patient_id(scope, review.consent_id),
        state=state.value,
    )


def _send(scope: TenantScope, review: OutsideReview, address: str, zone: str) -> None:
    token = issue_secret(scope, "review_link", subject_id=review.id, lasts=LASTS)
    values = {
        "clinic": get_clinic(scope).legal_name,
        "asker": get_staff(scope, review.asked_by).name,
        "link": review_url(token),
        "expires": moment(review.expires_at, zone),
    }
    queue_message(scope, to=address, channel="email", template="review_request", values=values)
