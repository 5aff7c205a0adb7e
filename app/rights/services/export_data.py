"""A copy of a person's data: asked for, made by a job, fetched by staff or by the patient, gone."""

import uuid
from datetime import timedelta
from hashlib import sha256

from app import audit, jobs
from app.auth.secrets import issue_secret, revoke_secrets
from app.consent.links import public_url
from app.database import TenantScope
from app.documents.files import store
from app.errors import Conflict
from app.kit.clock import now
from app.kit.ids import new_id
from app.messaging.services import queue_message
from app.pages_setup import moment
from app.patients.export_models import DataExport, DataExportPart
from app.patients.export_queries import list_parts
from app.patients.queries import get_patient
from app.patients.reading import contact
from app.rights import export_queries as queries
from app.rights.bundle import make_bundle
from app.rights.errors import ExportNotReady
from app.storage.errors import ObjectDamaged
from app.storage.object_store import new_object_name
from app.tenants.queries import get_clinic, get_location
from app.vault import decrypt_file, encrypt_file, patient_key

LASTS = timedelta(days=14)
CLASS = "clinical"


def request_export(scope: TenantScope, *, patient_id: uuid.UUID) -> DataExport:
    """Begin a copy of a person's data; one that is being made already is returned instead."""
    patient = get_patient(scope, patient_id)
    running = queries.find_queued(scope, patient.id)
    if running is not None:
        return running
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
    jobs.enqueue(scope, "rights.make_export", lock=f"export:{export.id}", data_export_id=export.id)
    return export


def make_export(scope: TenantScope, *, export_id: uuid.UUID) -> None:
    """Make the file of a copy that was asked for; made before, nothing happens."""
    export = queries.get_export_for_update(scope, export_id)
    if export.state != "queued" or export.patient_id is None:
        return
    patient = get_patient(scope, export.patient_id)
    key = patient_key(scope.tenant_id, patient.id, CLASS)
    data, name = make_bundle(scope, patient), new_object_name("exports")
    stored = store().put(name, encrypt_file(key, object_name=name, data=data))
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
    if export.patient_id is None:
        raise ExportNotReady("This is not a copy of one person's data.")
    key = patient_key(scope.tenant_id, export.patient_id, CLASS)
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
            "expires": moment(export.expires_at, zone),
        },
        patient_id=patient.id,
    )
    export.sent_at = now()
    audit.record(scope, "rights:export:send", subject_id=export.id, patient_id=patient.id)
    return export


def expire_exports(scope: TenantScope) -> int:
    """Delete every copy whose time is over; return how many."""
    over = queries.list_expired(scope, now())
    for export in over:
        for part in list_parts(scope, export.id):
            store().delete(part.object_name)
            scope.session.delete(part)
        export.state = "expired"
        revoke_secrets(scope, "data_link", subject_id=export.id)
        audit.record(
            scope, "rights:export:expire", subject_id=export.id, patient_id=export.patient_id
        )
    return len(over)
