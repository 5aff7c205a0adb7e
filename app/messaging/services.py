"""Queue a message in the caller's transaction, and send it from a job."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from app import audit, jobs
from app.auth.queries import find_staff_facts
from app.database import TenantScope, outside_call
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.speech import ENGLISH, nearest_language, speaking
from app.messaging import queries
from app.messaging.errors import ProcessingRestricted, TooManyMessages
from app.messaging.models import Message, MessageState
from app.messaging.quiet_hours import leaves_at
from app.messaging.templates import URGENT, subject_of, text_of
from app.messaging.transport import Letter, MessageNotSent, transport
from app.vault import (
    NotReadable,
    decrypt_field,
    encrypt_field,
    open_for_clinic,
    seal_for_clinic,
)

# How long after each try the next one comes. A mail server that is down for a night, or that greets
# strangers with "come back later", still gets every message: the last try is a day after the first.
RETRY_AFTER = tuple(timedelta(minutes=m) for m in (1, 2, 5, 20, 60, 240, 480, 660))
MOST_ATTEMPTS = len(RETRY_AFTER) + 1
# How long a code to sign with works; one that came later would only puzzle whoever asked for it.
CODE_LASTS = timedelta(minutes=10)
# What a patient gets also while their data may only be kept: their own copies, a code that lets
# them take a consent back, what tax law asks for, and the answer to what they asked.
NEEDED_BY_LAW = frozenset(
    {
        "consent_copy",
        "withdrawal_receipt",
        "sign_code",
        "receipt",
        "rights_answer",
        "data_export",
    }
)

# What asks somebody for something on a colleague's word. Copies, receipts and aftercare are owed to
# the patient, whoever sent them.
ON_SOMEBODYS_WORD = frozenset({"sign_request", "pay_link", "invitation"})
# How many of those the people of one clinic may send within an hour: a mistake or a stolen sign-in
# does not write to everybody whom the clinic knows, and spoils no other clinic's good name.
MOST_ASKED, ASKED_WINDOW = 500, timedelta(hours=1)


# What a room above says of a message of its own when it leaves: whether anybody still wants it.
STILL_WANTED: dict[str, Callable[[TenantScope, uuid.UUID], bool]] = {}
Wanted = TypeVar("Wanted", bound=Callable[[TenantScope, uuid.UUID], bool])


def still_wanted(template: str) -> Callable[[Wanted], Wanted]:
    """Register ``function(scope, message_id)`` as what decides whether a message still leaves."""

    def keep(function: Wanted) -> Wanted:
        STILL_WANTED[template] = function
        return function

    return keep


def queue_message(
    scope: TenantScope,
    *,
    to: str,
    channel: str,
    template: str,
    values: Mapping[str, object],
    patient_id: uuid.UUID | None = None,
    location_id: uuid.UUID | None = None,
) -> Message:
    """Put a message into the outbox; it leaves after the caller's commit.

    What is not urgent waits for the end of the clinic's quiet hours, on the clock of the location
    that it is about: ``location_id``, else the patient's own.

    ``template`` names a text in ``templates/messages``; values such as ``in_words.Moment`` are put
    into words in the language of the message. Subjects are fixed texts: they never hold
    what a patient answered or is treated for. Raises ProcessingRestricted for a patient whose data
    may only be kept, unless the law asks for the message, and TooManyMessages.
    """
    _refuse_too_many(scope, template)
    _refuse_restricted(scope, template, patient_id)
    message_id, at = new_id(), now()
    subject, body = _written(scope, template, values, patient_id, channel)
    not_before = _waits_until(scope, template, at, patient_id, location_id)
    message = Message(
        id=message_id,
        tenant_id=scope.tenant_id,
        patient_id=patient_id,
        location_id=location_id or queries.find_home(scope, patient_id),
        channel=channel,
        template=template,
        subject=subject,
        to_cipher=_close(scope, patient_id, "message.to", message_id, to),
        body_cipher=_close(scope, patient_id, "message.body", message_id, body),
        state=MessageState.QUEUED,
        attempts=0,
        created_at=at,
        not_before=not_before,
    )
    scope.session.add(message)
    audit.record(
        scope,
        "messaging:message:queue",
        subject_id=message_id,
        patient_id=patient_id,
        template=template,
    )
    _enqueue(scope, message_id, not_before)
    return message


def _written(
    scope: TenantScope,
    template: str,
    values: Mapping[str, object],
    patient_id: uuid.UUID | None,
    channel: str,
) -> tuple[str, str]:
    """Return subject and body in the language that the patient reads best; else in English."""
    wished = None if patient_id is None else queries.find_language(scope, patient_id)
    with speaking(nearest_language(wished or ENGLISH)):
        return subject_of(template, values), text_of(template, values, channel)


def _waits_until(
    scope: TenantScope,
    template: str,
    at: datetime,
    patient_id: uuid.UUID | None,
    location_id: uuid.UUID | None,
) -> datetime | None:
    if template in URGENT:
        return None
    quiet = queries.find_quiet_hours(scope, patient_id=patient_id, location_id=location_id)
    if quiet is None:
        return None
    return leaves_at(at, quiet_from=quiet.begins, quiet_until=quiet.ends, zone=quiet.zone)


def read_message(scope: TenantScope, message: Message) -> Letter:
    """Return a message opened: address, subject and body; both empty once they were erased."""
    try:
        to = _open(scope, message, "message.to", message.to_cipher)
        body = _open(scope, message, "message.body", message.body_cipher)
    except NotReadable:  # Also after a patient came back, who then has a fresh key.
        return Letter(message.id, message.channel, "", message.subject, "", is_erased=True)
    return Letter(message.id, message.channel, to, message.subject, body)


def send_message(scope: TenantScope, *, message_id: uuid.UUID) -> None:
    """Hand a queued message to the transport; a failure is kept and tried again later."""
    outside_call(
        scope,
        prepare=lambda scope: _opened(scope, message_id),
        call=_deliver,
        record=lambda scope, _letter, problem: _recorded(scope, message_id, problem),
    )


def _close(
    scope: TenantScope, patient_id: uuid.UUID | None, place: str, row_id: uuid.UUID, text: str
) -> bytes:
    """Close what goes to a patient under their own key, so that erasing reaches it."""
    if patient_id is None:
        return seal_for_clinic(scope, place=place, row_id=row_id, text=text)
    return encrypt_field(
        scope, patient_id=patient_id, place=place, row_id=row_id, text=text, retention="contact"
    )


def _open(scope: TenantScope, message: Message, place: str, cipher: bytes) -> str:
    if message.patient_id is None:
        return open_for_clinic(scope, place=place, row_id=message.id, cipher=cipher)
    return decrypt_field(
        scope,
        patient_id=message.patient_id,
        place=place,
        row_id=message.id,
        cipher=cipher,
        retention="contact",
    )


def _refuse_restricted(scope: TenantScope, template: str, patient_id: uuid.UUID | None) -> None:
    if _rests(scope, template, patient_id):
        raise ProcessingRestricted(
            "This patient's data may only be kept at present, so no message was sent."
        )


def _rests(scope: TenantScope, template: str, patient_id: uuid.UUID | None) -> bool:
    """Return whether a message may not go because its patient's data may only be kept."""
    if patient_id is None or template in NEEDED_BY_LAW:
        return False
    return queries.exists_restriction(scope, patient_id)


def _refuse_too_many(scope: TenantScope, template: str) -> None:
    if template not in ON_SOMEBODYS_WORD or scope.actor.kind != "staff":
        return
    since = now() - ASKED_WINDOW
    sent = queries.count_messages_since(scope, ON_SOMEBODYS_WORD, since=since, most=MOST_ASKED)
    if sent >= MOST_ASKED:
        raise TooManyMessages(
            f"This clinic has sent {MOST_ASKED} links within an hour. Please wait an hour."
        )


def _opened(scope: TenantScope, message_id: uuid.UUID) -> Letter | None:
    message = queries.get_message_for_update(scope, message_id)
    if message.state != MessageState.QUEUED:
        return None
    letter = read_message(scope, message)
    if letter.is_erased:
        message.state, message.last_error = MessageState.FAILED, "erased before it was sent"
        return None
    if message.patient_id is not None and queries.exists_death(scope, message.patient_id):
        message.state, message.last_error = MessageState.FAILED, "stopped: a death is noted"
        return None
    if _rests(scope, message.template, message.patient_id):
        message.state, message.last_error = MessageState.FAILED, "stopped: data may only be kept"
        return None
    if message.template in ON_SOMEBODYS_WORD and _was_shut_out(scope):
        message.state, message.last_error = MessageState.FAILED, "whoever sent it was shut out"
        audit.record(
            scope, "messaging:message:stop", subject_id=message.id, patient_id=message.patient_id
        )
        return None
    if message.template == "sign_code" and now() - message.created_at > CODE_LASTS:
        message.state, message.last_error = MessageState.FAILED, "stopped: the code has run out"
        return None
    wanted = STILL_WANTED.get(message.template)
    if wanted is not None and not wanted(scope, message.id):
        message.state, message.last_error = (
            MessageState.FAILED,
            "stopped: it is not wanted any more",
        )
        return None
    message.attempts += 1
    return letter


def _was_shut_out(scope: TenantScope) -> bool:
    """Return whether the member of staff who queued the message has been disabled since."""
    if scope.actor.kind != "staff" or scope.actor.id is None:
        return False
    facts = find_staff_facts(scope, scope.actor.id)
    return facts is None or facts.is_disabled


def _deliver(letter: Letter | None) -> str:
    if letter is None:
        return ""
    try:
        transport().deliver(letter)
    except MessageNotSent as problem:
        return str(problem)
    return ""


def _recorded(scope: TenantScope, message_id: uuid.UUID, problem: str) -> None:
    message = queries.get_message_for_update(scope, message_id)
    if message.state != MessageState.QUEUED:
        return
    message.last_error = problem or None
    if not problem:
        message.state, message.sent_at = MessageState.SENT, now()
    elif message.attempts >= MOST_ATTEMPTS:
        message.state = MessageState.FAILED
    else:
        at = now() + RETRY_AFTER[message.attempts - 1]
        # The next try must not wake anybody either.
        quiet_until = _waits_until(
            scope, message.template, at, message.patient_id, message.location_id
        )
        message.not_before = quiet_until or at
        _enqueue(scope, message_id, message.not_before)


def _enqueue(scope: TenantScope, message_id: uuid.UUID, not_before: datetime | None) -> None:
    # Two jobs of one message run one after the other, so that the second finds it sent.
    jobs.enqueue(
        scope,
        "messaging.send",
        lock=f"message:{message_id}",
        not_before=not_before,
        message_id=message_id,
    )
