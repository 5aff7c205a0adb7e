"""What happened to a person's account, told to the audit trail of each clinic they work in.

An account belongs to no clinic, so a job writes these events afterwards, one short transaction for
each clinic. They hold ids and codes only.
"""

import uuid

from app import audit
from app.auth import account_queries, queries
from app.database import Actor, tenant_scope, unit_of_work


def note_sign_in(session_id: uuid.UUID) -> None:
    """Record in each of the person's clinics that they signed in."""
    with unit_of_work() as work:
        owner = account_queries.find_session_owner(work.session, session_id)
    if owner is None:
        return
    for place in _places(owner.person_id):
        actor = Actor("staff", place.staff_id, owner.person_id)
        with tenant_scope(place.tenant_id, actor) as scope:
            audit.record(
                scope,
                "auth:session:start",
                subject_id=place.staff_id,
                session_id=session_id,
                method=owner.method,
            )


def note_change(person_id: uuid.UUID, what: str) -> None:
    """Record in each of the person's clinics what changed; ``what`` is a code."""
    for place in _places(person_id):
        actor = Actor("staff", place.staff_id, person_id)
        with tenant_scope(place.tenant_id, actor) as scope:
            audit.record(scope, "auth:account:change", subject_id=place.staff_id, what=what)


def _places(person_id: uuid.UUID) -> list[queries.Membership]:
    with unit_of_work() as work:
        return queries.list_memberships(work.session, person_id)
