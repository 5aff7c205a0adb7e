"""Parts of an export at rest: encrypted under the clinic's key, in the object store.

A part's place follows from its export and number, so that a step that was killed after writing and
before its commit writes the same object again and leaves nothing behind.
"""

from hashlib import sha256

from app.database import TenantScope
from app.documents.files import store
from app.kit.ids import new_id
from app.leaving import queries
from app.leaving.models import ClinicExport, ClinicExportPart
from app.storage.object_store import name_of, put_over
from app.vault import open_file_for_clinic, seal_file_for_clinic


def put_part(
    scope: TenantScope,
    export: ClinicExport,
    name: str,
    data: bytes,
    *,
    rows: int = 0,
    of_table: str | None = None,
    source: str | None = None,
) -> None:
    """Store a part and note it; raises StoreUnavailable, and then nothing is noted."""
    object_name = name_of("exports", export.id, export.parts)
    put_over(store(), object_name, seal_file_for_clinic(scope, object_name=object_name, data=data))
    _note(scope, export, name, object_name, data, rows=rows, of_table=of_table, source=source)
    export.bytes_done += len(data)


def note_gap(scope: TenantScope, export: ClinicExport, name: str, *, source: str, why: str) -> None:
    """Note a file that could not be read, so that the export says so."""
    _note(scope, export, name, "", b"", source=source, gap=why)


def _note(
    scope: TenantScope,
    export: ClinicExport,
    name: str,
    object_name: str,
    data: bytes,
    *,
    rows: int = 0,
    of_table: str | None = None,
    source: str | None = None,
    gap: str | None = None,
) -> None:
    part = ClinicExportPart(
        tenant_id=scope.tenant_id,
        id=new_id(),
        export_id=export.id,
        number=export.parts,
        name=name,
        object_name=object_name,
        sha256=sha256(data).digest(),
        length=len(data),
        rows=rows,
        of_table=of_table,
        source=source,
        gap=gap,
    )
    scope.session.add(part)
    export.parts += 1


def read_part(scope: TenantScope, part: ClinicExportPart) -> bytes:
    """Return a part in plain; raises StoreUnavailable or NotReadable."""
    sealed = store().get(part.object_name)
    return open_file_for_clinic(scope, object_name=part.object_name, data=sealed)


def delete_parts(scope: TenantScope, export: ClinicExport) -> None:
    """Remove an export's files and their rows. What was removed already is no error."""
    while parts := queries.page_parts(scope, export.id):
        for part in parts:
            if part.object_name:
                store().delete(part.object_name)
            scope.session.delete(part)
        scope.session.flush()
