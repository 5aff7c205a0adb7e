"""Queue a message in the caller's transaction, and send it from a job."""

import uuid
from datetime import datetime, timedelta

from app import audit, jobs
from app.database import TenantScope, outside_call
from app.kit.clock import now
from app.kit.ids import new_id
from app.messaging import queries
from app.messaging.models import Message, MessageState
from app.messaging.templates import subject_of, text_of
from app.messaging.transport import Letter, MessageNotSent, transport
from app.vault import open_for_clinic, seal_for_clinic

MOST_ATTEMPTS = 8


def queue_message(
    scope: TenantScope,
    *,
    to: str,
    channel: str,
    template: str,
    values: dict[str, str],
    patient_id: uuid.UUID | None = None,
) -> Message:
    """Put a message into the outbox; it leaves after the caller's commit.

    ``template`` names a text in ``templates/messages``. Subjects are fixed texts: they never hold
    what a patient answered or is treated for.
    """
    message_id = new_id()
    message = Message(
        id=message_id,
        tenant_id=scope.tenant_id,
        patient_id=patient_id,
        channel=channel,
        template=template,
        subject=subject_of(template, values),
        to_cipher=seal_for_clinic(scope, place="message.to", row_id=message_id, text=to),
        body_cipher=seal_for_clinic(
            scope, place="message.body", row_id=message_id, text=text_of(template, values)
        ),
        state=MessageState.QUEUED,
        attempts=0,
        created_at=now(),
    )
    scope.session.add(message)
    audit.record(scope, "messaging:message:queue", subject_id=message_id, template=template)
    _enqueue(scope, message_id, None)
    return message


def read_message(scope: TenantScope, message: Message) -> Letter:
    """Return a message opened: address, subject and body."""
    return Letter(
        id=message.id,
        channel=message.channel,
        to=open_for_clinic(scope, place="message.to", row_id=message.id, cipher=message.to_cipher),
        subject=message.subject,
        body=open_for_clinic(
            scope, place="message.body", row_id=message.id, cipher=message.body_cipher
        ),
    )


def send_message(scope: TenantScope, *, message_id: uuid.UUID) -> None:
    """Hand a queued message to the transport; a failure is kept and tried again later."""
    outside_call(
        scope,
        prepare=lambda scope: _opened(scope, message_id),
        call=_deliver,
        record=lambda scope, _letter, problem: _recorded(scope, message_id, problem),
    )


def _opened(scope: TenantScope, message_id: uuid.UUID) -> Letter | None:
    message = queries.get_message_for_update(scope, message_id)
    if message.state != MessageState.QUEUED:
        return None
    message.attempts += 1
    return read_message(scope, message)


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
        later = now() + timedelta(seconds=2**message.attempts)
        _enqueue(scope, message_id, later)


def _enqueue(scope: TenantScope, message_id: uuid.UUID, not_before: datetime | None) -> None:
    # Two jobs of one message run one after the other, so that the second finds it sent.
    jobs.enqueue(
        scope,
        "messaging.send",
        lock=f"message:{message_id}",
        not_before=not_before,
        message_id=message_id,
    )
