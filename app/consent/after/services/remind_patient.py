"""Patients are reminded of a form that waits for them: kindly, seldom, and never once it is over.

How often and after how many days is the clinic's policy. A reminder goes out at the time of day at
which the last link went out, by the clock of the location, and outside quiet hours.
"""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app import audit, jobs
from app.consent import queries
from app.consent.after import follow_queries
from app.consent.after.follow_models import ConsentReminder
from app.consent.models import Consent, ConsentState
from app.consent.services.request_consent import end_links, send_link
from app.consent.signing.question_queries import count_open_questions
from app.consent.still_current import too_old
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.messaging.queries import QuietHours, find_quiet_hours
from app.messaging.quiet_hours import leaves_at
from app.messaging.services import still_wanted
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.patients.services.limit_use import is_restricted
from app.patients.services.require_alive import is_deceased
from app.policies.queries import get_policies
from app.tenants.models import Location
from app.tenants.queries import get_location, list_locations

# On hold somebody here has to act, and not the patient.
WAITS_FOR_PATIENT = (ConsentState.SENT, ConsentState.OPENED, ConsentState.CLEARED)
A_NIGHT = timedelta(hours=26)
NIGHT = ("21:00", "08:00")


def plan_reminders(scope: TenantScope) -> int:
    """Enqueue the reminders that are due until the next night; return how many."""
    places = {one.id: one for one in list_locations(scope)}
    policies = {one: get_policies(scope, place) for one, place in places.items()}
    sent = follow_queries.map_reminders(scope)
    planned = 0
    for consent in follow_queries.list_unsigned(scope):
        own = policies[consent.location_id]
        if consent.state not in WAITS_FOR_PATIENT or consent.link_sent_at is None:
            continue
        if sent.get(consent.id, 0) >= own.number("reminders"):
            continue
        zone = places[consent.location_id].zone
        due = due_at(consent, zone, own.number("reminder_gap_days"))
        if due > now() + A_NIGHT:
            continue
        _enqueue(scope, consent, _after_quiet(scope, consent, zone, max(due, now())))
        planned += 1
    return planned


def remind_patient(scope: TenantScope, *, consent_id: uuid.UUID) -> bool:
    """Send one reminder if one is due and wanted at this very moment; return whether it was sent.

    Looked at again here, since since last night the patient may have signed, said no or died.
    """
    consent = queries.get_consent_for_update(scope, consent_id)
    place = get_location(scope, consent.location_id)
    if not is_wanted(scope, consent) or not _is_due(scope, consent, place):
        return False
    quiet_until = _after_quiet(scope, consent, place.zone, now())
    if quiet_until > now():
        _enqueue(scope, consent, quiet_until)
        return False
    number = follow_queries.count_reminders(scope, consent.id) + 1
    # The newest link alone opens; pages that are open stay open.
    end_links(scope, consent.id, keep_session=True)
    sent = send_link(scope, consent, template="sign_reminder")
    scope.session.flush()
    scope.session.add(
        ConsentReminder(
            tenant_id=scope.tenant_id,
            id=new_id(),
            consent_id=consent.id,
            number=number,
            message_id=sent.message_id,
            reminded_at=now(),
        )
    )
    audit.record(
        scope,
        "consent:request:remind",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        number=number,
    )
    return True


def is_wanted(scope: TenantScope, consent: Consent) -> bool:
    """Return whether a patient may be reminded now."""
    if consent.state not in WAITS_FOR_PATIENT or consent.locked_at is not None:
        return False
    if count_open_questions(scope, consent.id):
        return False  # The clinic owes an answer, and cannot be signed without it.
    if too_old(scope, consent) is not None:
        return False  # Nobody is called to a form that cannot be signed.
    if consent.link_sent_at is None:
        return False  # They sign in the clinic: nothing was sent of which to remind them.
    patient = get_patient(scope, consent.patient_id)
    if is_restricted(scope, patient.id) or is_deceased(scope, patient.id):
        return False
    return contact(scope, patient, "email") is not None


def due_at(consent: Consent, zone: str, gap_days: int) -> datetime:
    """Return when the next reminder is due: some days after the last link, at its time of day."""
    sent = consent.link_sent_at or consent.created_at
    return (sent.astimezone(ZoneInfo(zone)) + timedelta(days=gap_days)).astimezone(sent.tzinfo)


def _is_due(scope: TenantScope, consent: Consent, place: Location) -> bool:
    policies = get_policies(scope, place)
    if follow_queries.count_reminders(scope, consent.id) >= policies.number("reminders"):
        return False
    return due_at(consent, place.zone, policies.number("reminder_gap_days")) <= now()


def _after_quiet(scope: TenantScope, consent: Consent, zone: str, at: datetime) -> datetime:
    """Return the same instant, or the end of the quiet hours that it lies in.

    A clinic without quiet hours of its own still wakes nobody for a reminder.
    """
    own = find_quiet_hours(scope, patient_id=consent.patient_id, location_id=consent.location_id)
    quiet = own or QuietHours(*NIGHT, zone)
    ends = leaves_at(at, quiet_from=quiet.begins, quiet_until=quiet.ends, zone=quiet.zone)
    return ends or at


def _enqueue(scope: TenantScope, consent: Consent, at: datetime) -> None:
    jobs.enqueue(
        scope,
        "consent.remind",
        lock=f"consent:{consent.id}",
        not_before=at,
        consent_id=consent.id,
    )


@still_wanted("sign_reminder")
def _is_still_wanted(scope: TenantScope, message_id: uuid.UUID) -> bool:
    """Stop a reminder that waited in the outbox until it was too late."""
    consent = follow_queries.find_consent_of_message(scope, message_id)
    return consent is not None and is_wanted(scope, consent)
