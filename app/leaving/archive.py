"""A finished export as one zip file, made while it is read: nothing plain is ever on a disk."""

import uuid
import zipfile
from collections.abc import Iterator
from datetime import datetime

from app.database import Actor, TenantScope, tenant_scope
from app.leaving import queries
from app.leaving.errors import ExportGone, ExportNotReady
from app.leaving.export_reader import MANIFEST
from app.leaving.frame import manifest_line
from app.leaving.models import ClinicExport, ClinicExportPart, ExportState
from app.leaving.parts import read_part

EARLIEST = (1980, 1, 1, 0, 0, 0)


class Outflow:
    """A file that cannot be sought in; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep what the archive writes."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Have nothing to do; the archive asks for it."""

    def close(self) -> None:
        """Have nothing to do; an archive may close what it writes to."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def require_finished(export: ClinicExport, at: datetime) -> None:
    """Raise ExportGone or ExportNotReady unless the whole export is there."""
    over = export.expires_at is not None and export.expires_at <= at
    if export.state == ExportState.DISCARDED or over:
        raise ExportGone
    if export.state != ExportState.DONE:
        raise ExportNotReady("It can be downloaded once it is finished.", state=export.state)


def stream_zip(tenant_id: uuid.UUID, actor: Actor, export_id: uuid.UUID) -> Iterator[bytes]:
    """Yield the zip file, a part at a time and no transaction held while it is sent.

    A break in the middle leaves a file without its end, which no reader takes for a whole one.
    """
    out = Outflow()
    with zipfile.ZipFile(out, "w") as archive:
        for scope, part in _parts(tenant_id, actor, export_id):
            with archive.open(_entry(part.name), "w", force_zip64=True) as member:
                member.write(read_part(scope, part))
            yield out.take()
        with archive.open(_entry(MANIFEST), "w", force_zip64=True) as member:
            for _scope, part in _parts(tenant_id, actor, export_id):
                member.write(manifest_line(part))
        yield out.take()
    yield out.take()


def _parts(
    tenant_id: uuid.UUID, actor: Actor, export_id: uuid.UUID
) -> Iterator[tuple[TenantScope, ClinicExportPart]]:
    after, found = -1, True
    while found:
        with tenant_scope(tenant_id, actor) as scope:
            parts = queries.page_parts(scope, export_id, after=after)
        for part in parts:
            after = part.number
            if part.gap is None:
                yield scope, part
        found = bool(parts)


def _entry(name: str) -> zipfile.ZipInfo:
    """Return a member of the archive; what is sealed or drawn does not get smaller."""
    made = zipfile.ZipInfo(name, EARLIEST)
    small = name.endswith((".pdf", ".png"))
    made.compress_type = zipfile.ZIP_STORED if small else zipfile.ZIP_DEFLATED
    made.external_attr = 0o600 << 16
    return made
