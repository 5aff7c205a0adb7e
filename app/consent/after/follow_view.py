"""What the staff's page says of how a form is followed: link, reminders, and how it ended."""

from typing import Any

from app.auth.guards import has_permission
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.after import follow_queries
from app.consent.ciphers import open_text
from app.consent.models import Consent
from app.consent.signing.declining import why_of
from app.database import TenantScope
from app.kit.clock import now
from app.pages_setup import moment
from app.tenants.queries import get_location, get_staff
from app.vault import NotReadable


def follow_view(scope: TenantScope, consent: Consent) -> dict[str, Any]:
    """Return until when the link works, the reminders, and why it was called back or declined."""
    zone = get_location(scope, consent.location_id).zone
    waits = consent.state in queries.UNSIGNED
    void = follow_queries.find_void(scope, consent.id)
    return {
        "link_until": moment(consent.link_expires_at, zone) if waits else None,
        "link_is_over": consent.link_expires_at <= now(),
        "reminders": [
            moment(one.reminded_at, zone)
            for one in follow_queries.list_reminders(scope, consent.id)
        ],
        "ended_at": moment(consent.ended_at, zone) if consent.ended_at else None,
        "voided_by": None if void is None else get_staff(scope, void.voided_by).name,
        "void_reason": _reason(scope, consent),
        "declined": _declined(scope, consent, zone),
    }


def _declined(scope: TenantScope, consent: Consent, zone: str) -> dict[str, Any] | None:
    """Return when and through whom the patient said no, and why for those who may read it."""
    row = follow_queries.find_decline(scope, consent.id)
    if row is None:
        return None
    by = "" if row.recorded_by is None else get_staff(scope, row.recorded_by).name
    told = {"at": moment(row.declined_at, zone), "by": by, "reasons": (), "words": ""}
    if not has_permission(Permission.CONSENT_READ):
        return told
    try:
        why = why_of(scope, consent, row)
    except NotReadable:
        return told
    return {**told, "reasons": why.in_words(), "words": why.words}


def _reason(scope: TenantScope, consent: Consent) -> str | None:
    """Return why it was called back, for those who may read what is said of patients."""
    void = follow_queries.find_void(scope, consent.id)
    if void is None or not has_permission(Permission.CONSENT_READ):
        return None
    try:
        return open_text(
            scope, consent.patient_id, "consent_void.reason", void.id, void.reason_cipher
        )
    except NotReadable:
        return None
