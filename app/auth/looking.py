"""Who looked at which chart: the guard itself writes it down, so that no route can forget it.

A staff route that reads (GET) and names something in its path is watched: the first row with that
id which the view loads says whose chart it belongs to. A view that records a more exact event of
its own (":read" with the patient's id) is not recorded a second time.
"""

import uuid
from typing import Any

from flask import request
from sqlalchemy import event

from app import audit
from app.database import Base, ScopedSession, TenantScope

WATCHED, FOUND = "watched_ids", "patients_by_id"


def watch(scope: TenantScope, ids: dict[str, Any]) -> None:
    """Remember which ids the request names, before its view runs."""
    if request.method == "GET":
        named = {one for one in ids.values() if isinstance(one, uuid.UUID)}
        scope.session.info[WATCHED], scope.session.info[FOUND] = named, {}


def note_look(scope: TenantScope, ids: dict[str, Any]) -> None:
    """Record, once the view has answered, whose chart was read through which kind of thing."""
    info = scope.session.info
    if WATCHED not in info:
        return
    seen = audit.charts_read(scope)
    for name, value in ids.items():
        patient_id = value if name == "patient_id" else info[FOUND].get(value)
        if patient_id is not None and patient_id not in seen:
            audit.record_look(
                scope,
                name.removesuffix("_id"),
                subject_id=value,
                patient_id=patient_id,
                place=request.endpoint or "",
            )


@event.listens_for(ScopedSession, "loaded_as_persistent")
def _remember_whose(session: ScopedSession, row: Base) -> None:
    watched = session.info.get(WATCHED)
    row_id = getattr(row, "id", None) if watched else None
    if row_id in (watched or ()):
        whose = getattr(row, "patient_id", None)
        if whose is not None:
            session.info[FOUND].setdefault(row_id, whose)
