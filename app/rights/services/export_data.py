"""A copy of a person's data: asked for, made by a job, fetched by staff or by the patient, gone."""

import uuid
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from app import audit, jobs
from app.auth.secrets import issue_secret, revoke_secrets
from app.consent.ways.links import public_url
from app.database import SYSTEM, Actor, TenantScope
from app.documents.files import store
from app.errors import Conflict
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.in_words import Moment
from app.messaging.services import queue_message
from app.patients.export_models import DataExport, DataExportPart
from app.patients.export_queries import list_parts
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.rights import export_queries as queries
from app.rights.bundle import make_bundle
from app.rights.errors import ExportNotReady, NothingLeft
from app.storage.errors import ObjectDamaged
from app.storage.object_store import name_of, put_over
from app.tenants.queries import get_clinic, get_location
from app.vault import decrypt_file, encrypt_file, is_shredded, patient_key

LASTS = timedelta(days=14)
TRIED_FOR = timedelta(days=1)
# Under the key of the first that is left; once the record was erased, bills may still be there.
CLASSES = ("clinical", "financial")


def request_export(scope: TenantScope, *, patient_id: uuid.UUID) -> DataExport:
    """Begin a copy of a person's data; one that is being made already is returned instead.

    Raises NothingLeft where everything was erased.
    """
    patient = get_patient(scope, patient_id)
    running = queries.find_queued(scope, patient.id)
    if running is not None:
        return running
    _class_left(scope, patient.id)
    export = DataExport(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=patient.id,
        kind="patient_data",
        state="queued",
        total=1,
        created_by=scope.actor.id,
        created_at=now(),
        expires_at=now() + LASTS,
    )
    scope.session.add(export)
    audit.record(scope, "rights:export:request", subject_id=export.id, patient_id=patient.id)
    _enqueue(scope, export)
    return export


def _enqueue(scope: TenantScope, export: DataExport) -> None:
    lock = f"export:{export.id}"
    if export.patient_id is None:
        jobs.enqueue(scope, "patients.step_export", lock=lock, data_export_id=export.id)
    else:
        jobs.enqueue(scope, "rights.make_export", lock=lock, data_export_id=export.id)


def _class_left(scope: TenantScope, patient_id: uuid.UUID) -> str:
    for retention in CLASSES:
        if not is_shredded(scope.tenant_id, patient_id, retention):
            return retention
    raise NothingLeft("Everything that was held about this patient was erased.")


def has_anything_left(scope: TenantScope, patient_id: uuid.UUID) -> bool:
    """Return whether there is anything of a patient to copy."""
    return not all(is_shredded(scope.tenant_id, patient_id, one) for one in CLASSES)


def make_export(scope: TenantScope, *, export_id: uuid.UUID) -> None:
    """Make the file of a copy that was asked for; made before, nothing happens."""
    export = queries.get_export_for_update(scope, export_id)
    if export.state != "queued" or export.patient_id is None:
        return
    patient = get_patient(scope, export.patient_id)
    export.retention = _class_left(scope, patient.id)
    key = patient_key(scope.tenant_id, patient.id, export.retention)
    data, name = make_bundle(scope, patient), name_of("exports", export.id)
    stored = put_over(store(), name, encrypt_file(key, object_name=name, data=data))
    part = DataExportPart(
        tenant_id=scope.tenant_id,
        id=new_id(),
        export_id=export.id,
        number=1,
        object_name=name,
        sha256=sha256(data).digest(),
        cipher_sha256=bytes.fromhex(stored),
        length=len(data),
    )
    scope.session.add(part)
    export.state, export.done, export.ready_at = "ready", 1, now()
    export.expires_at = now() + LASTS
    audit.record(scope, "rights:export:make", subject_id=export.id, patient_id=patient.id)


def read_export(scope: TenantScope, *, export_id: uuid.UUID) -> bytes:
    """Return the file of a copy, for who may have it; raises ExportNotReady."""
    export = queries.get_export(scope, export_id)
    part = queries.find_part(scope, export.id)
    if export.state != "ready" or export.expires_at <= now() or part is None:
        raise ExportNotReady("The copy is not ready, or its time is over.")
    if export.patient_id is None or export.retention is None:
        raise ExportNotReady("This is not a copy of one person's data.")
    key = patient_key(scope.tenant_id, export.patient_id, export.retention)
    stored = store().get(part.object_name)
    data = decrypt_file(key, object_name=part.object_name, data=stored)
    if sha256(data).digest() != part.sha256:
        raise ObjectDamaged("The stored copy is not the one that was made.")
    audit.record(scope, "rights:export:read", subject_id=export.id, patient_id=export.patient_id)
    return data


def send_export(scope: TenantScope, *, export_id: uuid.UUID) -> DataExport:
    """Send the patient a link to their copy; an older link ends.

    Raises ExportNotReady, or Conflict for a patient without an email address.
    """
    export = queries.get_export_for_update(scope, export_id)
    if export.state != "ready" or export.expires_at <= now() or export.patient_id is None:
        raise ExportNotReady("The copy is not ready, or its time is over.")
    patient = get_patient(scope, export.patient_id)
    to = contact(scope, patient, "email")
    if to is None:
        raise Conflict("There is no email address. Hand the copy over in person instead.")
    revoke_secrets(scope, "data_link", subject_id=export.id)
    token = issue_secret(scope, "data_link", subject_id=export.id, lasts=export.expires_at - now())
    zone = get_location(scope, patient.location_id).zone
    queue_message(
        scope,
        to=to,
        channel="email",
        template="data_export",
        values={
            "name": patient.name,
            "clinic": get_clinic(scope).legal_name,
            "link": f"{public_url()}/your-data#{token}",
            "expires": Moment(export.expires_at, zone),
        },
        patient_id=patient.id,
        location_id=patient.location_id,
    )
    export.sent_at = now()
    audit.record(scope, "rights:export:send", subject_id=export.id, patient_id=patient.id)
    return export


def retry_exports(scope: TenantScope) -> None:
    """Make copies and lists whose job died; what was asked for a day ago or more has failed.

    They are made for whoever asked, who may not be allowed to any more.
    """
    for export in queries.list_queued(scope):
        if export.created_at < now() - TRIED_FOR:
            _remove_parts(scope, export)
            # Said for as long as a copy would have been kept.
            export.state, export.expires_at = "failed", now() + LASTS
            audit.record(
                scope, "rights:export:fail", subject_id=export.id, patient_id=export.patient_id
            )
        else:
            asker = Actor("staff", export.created_by) if export.created_by else SYSTEM
            _enqueue(replace(scope, actor=asker), export)


def expire_exports(scope: TenantScope) -> int:
    """Delete every copy whose time is over; return how many."""
    over = queries.list_expired(scope, now())
    for export in over:
        _remove_parts(scope, export)
        export.state = "expired"
        revoke_secrets(scope, "data_link", subject_id=export.id)
        audit.record(
            scope, "rights:export:expire", subject_id=export.id, patient_id=export.patient_id
        )
    return len(over)


def _remove_parts(scope: TenantScope, export: DataExport) -> None:
    for part in list_parts(scope, export.id):
        store().delete(part.object_name)
        scope.session.delete(part)
