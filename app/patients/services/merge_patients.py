"""Two records turn out to be one person; or that turns out to be wrong.

No row moves: consents, grants, plans and money stay under the record they were made for, and the
gate asks for that very record. A merge only says which record the person is kept under, so that
undoing it leaves no trace but the two events.
"""

import uuid
from collections.abc import Mapping

from app import audit
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.patients import queries, record_queries
from app.patients.errors import MergeUnknown, RecordErased, SamePatient
from app.patients.models import PatientMerge
from app.patients.person import person_ids
from app.patients.services.index_patient import follow_places


def merge_patients(scope: TenantScope, *, kept_id: uuid.UUID, alias_id: uuid.UUID) -> PatientMerge:
    """Make a record an alias of another; raises PatientUnknown, SamePatient or RecordErased.

    Where either is merged already, the records that they are kept under are merged.
    """
    record_queries.lock_books(scope)
    kept, alias = _root_for_merge(scope, kept_id), _root_for_merge(scope, alias_id)
    if kept == alias:
        raise SamePatient("These two records belong together already.")
    people = person_ids(scope, kept) | person_ids(scope, alias)
    merge = PatientMerge(
        tenant_id=scope.tenant_id,
        id=new_id(),
        alias_id=alias,
        kept_id=kept,
        merged_at=now(),
        merged_by=scope.actor.id,
    )
    scope.session.add(merge)
    _point_to_roots(scope, people)
    audit.record(
        scope,
        "patients:record:merge",
        subject_id=kept,
        patient_id=kept,
        alias_id=alias,
        merge_id=merge.id,
    )
    return merge


def undo_merge(scope: TenantScope, *, patient_id: uuid.UUID, merge_id: uuid.UUID) -> PatientMerge:
    """Take two records apart; what was merged into either before stays with it.

    One that is undone already stays as it is. Raises MergeUnknown for somebody else's.
    """
    record_queries.lock_books(scope)
    queries.get_patient_for_update(scope, patient_id)
    people = person_ids(scope, patient_id)
    merge = record_queries.get_merge(scope, merge_id)
    if merge.kept_id not in people:
        raise MergeUnknown("There is no such merge.")
    if merge.undone_at is not None:
        return merge
    merge.undone_at, merge.undone_by = now(), scope.actor.id
    _point_to_roots(scope, people)
    audit.record(
        scope,
        "patients:record:part",
        subject_id=merge.kept_id,
        patient_id=merge.kept_id,
        alias_id=merge.alias_id,
        merge_id=merge.id,
    )
    return merge


def _root_for_merge(scope: TenantScope, patient_id: uuid.UUID) -> uuid.UUID:
    patient = queries.get_patient_for_update(scope, patient_id)
    if patient.erased_at is not None:
        # Nobody can say any more whose record it was, and its keys are gone.
        raise RecordErased("An erased record cannot be merged.")
    return patient.root_id


def _point_to_roots(scope: TenantScope, people: frozenset[uuid.UUID]) -> None:
    """Let every record name the last of its chain of merges, and count those that change."""
    scope.session.flush()
    open_merges = record_queries.list_open_merges(scope, people)
    into = {one.alias_id: one.kept_id for one in open_merges}
    for one in sorted(people):
        patient = queries.get_patient_for_update(scope, one)
        root = _last_of_chain(one, into)
        if patient.root_id != root:
            patient.merged_into = None if root == one else root
            patient.version += 1
    for root in sorted({_last_of_chain(one, into) for one in people}):
        follow_places(scope, root)


def _last_of_chain(one: uuid.UUID, into: Mapping[uuid.UUID, uuid.UUID]) -> uuid.UUID:
    while one in into:
        one = into[one]
    return one
