"""Record what happened, in the transaction of what happened."""

import json
import re
import uuid
from datetime import UTC, datetime

import structlog

from app.audit.models import AuditEvent
from app.database import TenantScope
from app.kit import clock
from app.kit.ids import new_id
from app.vault import sign_row

log = structlog.get_logger(__name__)
# Codes and lists of them as we write them, and what the world writes large: GBP, GB-SCT, zh-Hans.
CODE = re.compile(r"[a-z0-9_:.,/+-]{0,400}|[A-Za-z]{2}(-[A-Za-z0-9]{1,8})*|[A-Z]{3}")
NOT_A_CODE = "not_a_code"


def record(
    scope: TenantScope,
    action: str,
    *,
    subject_id: uuid.UUID | None = None,
    patient_id: uuid.UUID | None = None,
    **details: uuid.UUID | str | int | bool | None,
) -> None:
    """Add an event. ``action`` is "room:thing:verb"; details are ids, codes and field names only.

    A read of something in a patient's chart is "room:thing:read" with ``patient_id``: the reports
    of who looked are made from these. Never pass what a person typed: an event outlives the
    erasure of the patient it speaks of.
    """
    if patient_id is None and scope.actor.kind == "patient":
        patient_id = scope.actor.id
    if scope.actor.device_id is not None:
        details = {**details, "device_id": scope.actor.device_id}
    event = AuditEvent(
        tenant_id=scope.tenant_id,
        id=new_id(),
        at=clock.now(),
        actor_kind=scope.actor.kind,
        actor_id=scope.actor.id,
        person_id=scope.actor.person_id,
        action=action,
        subject_id=subject_id,
        patient_id=patient_id,
        details=canonical(details),
    )
    event.mac = sign_row(scope.tenant_id, event_bytes(event))
    scope.session.add(event)
    if patient_id is not None and action.endswith(":read"):
        charts_read(scope).add(patient_id)


def record_look(
    scope: TenantScope, thing: str, *, subject_id: uuid.UUID, patient_id: uuid.UUID, place: str
) -> None:
    """Add the event of a chart that was read through one kind of thing, such as "plan"."""
    action = f"chart:{thing}:read"
    record(scope, action, subject_id=subject_id, patient_id=patient_id, place=place)


def charts_read(scope: TenantScope) -> set[uuid.UUID]:
    """Return the patients whose charts this unit of work has recorded as read."""
    found: set[uuid.UUID] = scope.session.info.setdefault("charts_read", set())
    return found


def canonical(details: dict[str, uuid.UUID | str | int | bool | None]) -> str:
    """Return details as JSON with sorted keys and no blanks, the same bytes on every machine."""
    plain = {key: _code(key, value) for key, value in details.items() if value is not None}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _code(key: str, value: uuid.UUID | str | int | bool) -> str | int | bool:
    """Return an id, a number or a code as it is kept; anything else was typed and is not kept.

    The act must not fail for it, and the text must not outlive an erasure: the log names the key.
    """
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, str) and not CODE.fullmatch(value):
        log.error("audit.not_a_code", detail=key)
        return NOT_A_CODE
    return value


def event_bytes(event: AuditEvent) -> bytes:
    """Return the canonical bytes of an event, which its tag covers."""
    return "\n".join(
        (
            str(event.id),
            _instant(event.at),
            event.actor_kind,
            str(event.actor_id or ""),
            str(event.person_id or ""),
            event.action,
            str(event.subject_id or ""),
            str(event.patient_id or ""),
            event.details,
        )
    ).encode()


def _instant(at: datetime) -> str:
    # The server returns instants in its session's zone, so the text is always made from UTC.
    return at.astimezone(UTC).isoformat(timespec="microseconds")
