"""Denials: who asked for what is not theirs is written once the request has failed.

A foreign thing and a missing one give the same answer; only afterwards, with the connection given
back, a short transaction of its own notes who asked. The third such request of a person within ten
minutes is told to the owners of the clinics in which they work, and to whoever runs the
installation.
"""

import uuid
from functools import partial
from typing import Any

import structlog
from flask import request
from prometheus_client import Counter
from sqlalchemy import text

from app import audit, jobs
from app.auth import queries
from app.auth.permissions import Permission
from app.database import (
    SYSTEM,
    Actor,
    TenantScope,
    UnitOfWork,
    noted_in,
    tenant_scope,
    unit_of_work,
)
from app.errors import Forbidden, NotFound, NotThereYet
from app.kit.clock import now
from app.vault import sign_row

log = structlog.get_logger(__name__)
DENIALS = Counter("needlepoint_denials_total", "Requests for what is not theirs", ["kind"])
ALERTS = Counter("needlepoint_crossing_alerts_total", "People who asked again and again")
COUNT = text("SELECT door.count_attempt(:key, :seconds, :at)")
WINDOW_SECONDS = 600
ALERT_AT = 3
# Beyond this, more of the same tells nothing new and would only fill the record.
MOST_NOTED = 50
MOST_CLINICS = 5


def note_permission(work: UnitOfWork, permission: Permission) -> None:
    """Note that a role does not include what was asked for."""
    DENIALS.labels("permission").inc()
    if work.scope is not None:
        note = partial(audit.record, action="auth:permission:deny", needs=permission.value)
        work.after_failure(noted_in(work.scope, note))


def note_foreign_clinic(work: UnitOfWork, person_id: uuid.UUID, clinic_id: uuid.UUID) -> None:
    """Note that somebody asked for a clinic in which they do not work, or which does not exist."""
    DENIALS.labels("clinic").inc()
    work.after_failure(partial(_foreign_clinic, person_id, clinic_id))


def note_refusal(work: UnitOfWork, refusal: NotFound | Forbidden, ids: dict[str, Any]) -> None:
    """Note that a view found nothing under the ids that were asked for, or refused the act."""
    scope = work.scope
    if scope is None or isinstance(refusal, NotThereYet):
        return
    if isinstance(refusal, Forbidden):
        DENIALS.labels("act").inc()
        refused = partial(audit.record, action="auth:act:deny", code=refusal.code, place=_place())
        work.after_failure(noted_in(scope, refused))
        return
    DENIALS.labels("thing").inc()
    asked = [one for one in ids.values() if isinstance(one, uuid.UUID)]
    note = partial(_unknown_thing, scope.tenant_id, scope.actor)
    work.after_failure(
        partial(note, asked[-1] if asked else None, _place(), _fingerprint(scope.tenant_id))
    )


def _foreign_clinic(person_id: uuid.UUID, clinic_id: uuid.UUID) -> None:
    count = _count(f"crossing:{person_id}")
    if count > MOST_NOTED:
        return
    with unit_of_work() as work:
        own = queries.list_memberships(work.session, person_id)[:MOST_CLINICS]
    for membership in own:
        actor = Actor("staff", membership.staff_id, person_id)
        with tenant_scope(membership.tenant_id, actor) as scope:
            audit.record(scope, "auth:clinic:deny", subject_id=clinic_id)
            if count == ALERT_AT:
                _alert_clinic(scope)
    if count == ALERT_AT:
        _alert_operator(person_id, "clinic")


def _unknown_thing(
    tenant_id: uuid.UUID,
    actor: Actor,
    subject_id: uuid.UUID | None,
    place: str,
    fingerprint: str,
) -> None:
    asked = f"{actor.person_id}"
    if _count(f"missing:{asked}") > MOST_NOTED:
        return
    # Asking again for the very same is a dead bookmark; asking for one after another is a search.
    is_new = _count(f"missing:{asked}:{fingerprint}") == 1
    count = _count(f"crossing:{asked}") if is_new else 0
    with tenant_scope(tenant_id, actor) as scope:
        audit.record(scope, "auth:thing:deny", subject_id=subject_id, place=place)
        if count == ALERT_AT:
            _alert_clinic(scope)
    if count == ALERT_AT:
        _alert_operator(actor.person_id, "thing")


def _alert_clinic(scope: TenantScope) -> None:
    """Leave the telling to a job, which can find the owners."""
    staff_id = scope.actor.id
    if staff_id is None:
        return
    audit.record(scope, "auth:crossing:alert", subject_id=staff_id, count=ALERT_AT)
    own = TenantScope(scope.tenant_id, SYSTEM, scope.session)
    jobs.enqueue(own, "tenants.tell_crossing", staff_id=staff_id)


def _alert_operator(person_id: uuid.UUID | None, kind: str) -> None:
    ALERTS.inc()
    log.warning("auth.crossing", person_id=str(person_id), kind=kind, times=ALERT_AT)


def _count(key: str) -> int:
    values = {"key": key, "seconds": WINDOW_SECONDS, "at": now()}
    with unit_of_work() as work:
        return int(work.session.execute(COUNT, values).scalar_one())


def _place() -> str:
    """Return the route by its name: an address may hold what people typed."""
    return request.endpoint or ""


def _fingerprint(tenant_id: uuid.UUID) -> str:
    """Return what tells two requests apart and tells nothing of what is in them."""
    body = request.get_data() or repr(sorted(request.form.items(multi=True))).encode()
    return sign_row(tenant_id, request.path.encode() + b"\n" + body).hex()[:32]
