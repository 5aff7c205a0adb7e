"""Stored files on their way into an export: opened, compared with their row, kept byte for byte."""

from hashlib import sha256

from sqlalchemy import RowMapping

from app.database import TenantScope
from app.documents.files import store
from app.leaving import queries
from app.leaving.models import ClinicExport
from app.leaving.parts import note_gap, put_part
from app.leaving.queries import PATIENT
from app.leaving.tables import Shape
from app.storage.errors import ObjectDamaged, ObjectMissing
from app.vault import KeyBunch, Opened

ENDINGS = {b"%PDF-": ".pdf", b"\x89PNG": ".png", b"\xff\xd8\xff\xe0": ".jpg"}


def put_file_of(
    scope: TenantScope, export: ClinicExport, shape: Shape, row: RowMapping, keys: KeyBunch
) -> None:
    """Store the file of a row once, or note why it cannot be had.

    Raises StoreUnavailable where the store itself is down.
    """
    source, stem = str(row["object_name"]), f"{shape.name}/{row['id']}"
    if queries.exists_source(scope, export.id, source):
        return
    found, why = _read(source, row, keys)
    if found is None:
        note_gap(scope, export, f"files/unreadable/{stem}", source=source, why=why)
        return
    ending = ENDINGS.get(found.data[:5]) or ENDINGS.get(found.data[:4]) or ".bin"
    put_part(scope, export, f"files/{found.key}/{stem}{ending}", found.data, source=source)
    export.files_done += 1


def _read(source: str, row: RowMapping, keys: KeyBunch) -> tuple[Opened | None, str]:
    try:
        cipher = store().get(source)
    except (ObjectMissing, ObjectDamaged) as problem:
        return None, problem.code
    found = keys.open_file(row[PATIENT], source, cipher)
    if found is None:
        return None, "unreadable"
    if sha256(found.data).digest() != bytes(row["sha256"]):
        return None, "not_the_sealed_file"
    return found, ""
