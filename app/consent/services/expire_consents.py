"""What nobody signed in time runs out, and so does a consent whose last day has passed.

The gate needs none of this: grants end by their own period, links by theirs. It makes the end a
state that everybody can see, and deletes what a patient had typed and drawn and never signed.
"""

import uuid
from datetime import timedelta

from app import audit
from app.consent import queries
from app.consent.after import follow_queries
from app.consent.models import Consent, ConsentState
from app.consent.services.request_consent import LINK_LASTS, end_links
from app.database import TenantScope
from app.kit.clock import now
from app.policies.queries import get_policies
from app.tenants.queries import get_location, list_locations


def expire_consents(scope: TenantScope) -> int:
    """Let everything run out whose time is over; return how many there were."""
    ended = 0
    days = {
        one.id: get_policies(scope, one).number("request_days") for one in list_locations(scope)
    }
    waiting = [
        one.id
        for one in follow_queries.list_unsigned(scope)
        if _is_over(one, days[one.location_id])
    ]
    for consent_id in (*waiting, *follow_queries.list_run_out(scope, now())):
        ended += expire_consent(scope, consent_id=consent_id)
    return ended


def expire_consent(scope: TenantScope, *, consent_id: uuid.UUID) -> bool:
    """Let one run out if its time is over now; return whether it did."""
    consent = queries.get_consent_for_update(scope, consent_id)
    if consent.state == ConsentState.ACTIVE:
        is_over = consent.valid_until is not None and consent.valid_until <= now()
    elif consent.state in queries.UNSIGNED:
        policies = get_policies(scope, get_location(scope, consent.location_id))
        is_over = _is_over(consent, policies.number("request_days"))
    else:
        is_over = False
    if not is_over:
        return False
    if consent.state in queries.UNSIGNED:
        end_links(scope, consent.id)
        draft = queries.get_draft_for_update(scope, consent.id)
        draft.answers_cipher = draft.ink_cipher = None
    consent.state, consent.ended_at = ConsentState.EXPIRED, now()
    consent.version += 1
    audit.record(
        scope,
        "consent:form:expire",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        was_signed=consent.signed_at is not None,
    )
    return True


def _is_over(consent: Consent, days: int) -> bool:
    """Return whether the last link went out so long ago, and does not open any more."""
    sent = consent.link_expires_at - LINK_LASTS
    return consent.link_expires_at <= now() and sent + timedelta(days=days) <= now()
