"""The list of patients goes out: written piece by piece by a job, encrypted, deleted after a day.

Each piece is one transaction and one object, so that a killed worker goes on where it stopped, and
progress is seen while it runs.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from app import audit, jobs
from app.database import TenantScope
from app.documents.files import store
from app.kit.clock import now
from app.kit.csv_text import BYTE_ORDER_MARK, write_rows
from app.kit.ids import new_id
from app.patients import export_queries as queries
from app.patients.errors import ListNotReady
from app.patients.export_models import DataExport, DataExportPart
from app.patients.models import Patient
from app.patients.reading import contact, date_of_birth
from app.storage.errors import ObjectDamaged
from app.storage.object_store import name_of, put_over
from app.tenants.queries import list_locations
from app.vault import KeyShredded, open_file_for_clinic, seal_file_for_clinic

LASTS = timedelta(days=1)
PIECE = 250
HEADINGS = ("id", "name", "date_of_birth", "email", "phone", "language", "location")


def request_list(scope: TenantScope) -> DataExport:
    """Begin a list of all patients; one that is being written already is returned instead."""
    running = queries.find_running_list(scope)
    if running is not None:
        return running
    export = DataExport(
        tenant_id=scope.tenant_id,
        id=new_id(),
        kind="patient_list",
        state="queued",
        total=queries.count_patients(scope),
        created_by=scope.actor.id,
        created_at=now(),
        expires_at=now() + LASTS,
    )
    scope.session.add(export)
    audit.record(scope, "patients:list:request", subject_id=export.id)
    _go_on(scope, export)
    return export


def step_export(scope: TenantScope, *, export_id: uuid.UUID, size: int = PIECE) -> None:
    """Write the next piece of a list; done before, nothing happens."""
    export = queries.get_list_for_update(scope, export_id)
    if export.state != "queued":
        return
    patients = queries.page_by_id(scope, after=export.cursor_id, size=size)
    places = {one.id: one.name for one in list_locations(scope)}
    rows: list[tuple[str, ...]] = [] if export.cursor_id else [HEADINGS]
    rows += [_row(scope, patient, places) for patient in patients]
    if rows:
        _keep(scope, export, export.done // size + 1, write_rows(rows).encode())
    export.done += len(patients)
    if len(patients) == size:
        export.cursor_id = patients[-1].id
        _go_on(scope, export)
        return
    export.state, export.ready_at, export.total = "ready", now(), export.done
    export.expires_at = now() + LASTS
    audit.record(scope, "patients:list:write", subject_id=export.id, patients=export.done)


def read_list_file(scope: TenantScope, *, export_id: uuid.UUID) -> bytes:
    """Return a finished list as CSV in UTF-8 with a mark that spreadsheets know.

    Raises ListNotReady, StoreUnavailable or ObjectDamaged.
    """
    export = queries.get_list(scope, export_id)
    if export.state != "ready" or export.expires_at <= now():
        raise ListNotReady("The list is not ready, or its time is over.")
    audit.record(scope, "patients:list:read", subject_id=export.id)
    return BYTE_ORDER_MARK + b"".join(_pieces(scope, export))


def _pieces(scope: TenantScope, export: DataExport) -> Iterator[bytes]:
    for part in queries.list_parts(scope, export.id):
        data = open_file_for_clinic(
            scope, object_name=part.object_name, data=store().get(part.object_name)
        )
        if sha256(data).digest() != part.sha256:
            raise ObjectDamaged("The stored list is not the one that was written.")
        yield data


def _keep(scope: TenantScope, export: DataExport, number: int, data: bytes) -> None:
    name = name_of("exports", export.id, number)
    stored = put_over(store(), name, seal_file_for_clinic(scope, object_name=name, data=data))
    part = DataExportPart(
        tenant_id=scope.tenant_id,
        id=new_id(),
        export_id=export.id,
        number=number,
        object_name=name,
        sha256=sha256(data).digest(),
        cipher_sha256=bytes.fromhex(stored),
        length=len(data),
    )
    scope.session.add(part)


def _row(scope: TenantScope, patient: Patient, places: dict[uuid.UUID, str]) -> tuple[str, ...]:
    return (
        str(patient.id),
        patient.name,
        date_of_birth(scope, patient).isoformat(),
        _contact(scope, patient, "email"),
        _contact(scope, patient, "phone"),
        patient.language,
        places.get(patient.location_id, ""),
    )


def _contact(scope: TenantScope, patient: Patient, kind: str) -> str:
    try:
        return contact(scope, patient, kind) or ""
    except KeyShredded:
        return ""


def _go_on(scope: TenantScope, export: DataExport) -> None:
    jobs.enqueue(
        scope, "patients.step_export", lock=f"export:{export.id}", data_export_id=export.id
    )
