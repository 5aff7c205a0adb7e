"""Files that show a qualification: judged by their content, encrypted, and never overwritten.

A picture is drawn anew, so that nothing hidden in it is kept. A PDF is kept as it is and only ever
handed out as a file to save. The store is written before the row: a file without a row is nobody's.
"""

import re
import uuid
from hashlib import sha256

from app import audit
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.pictures import PictureRefused, flatten
from app.storage.errors import ObjectDamaged
from app.storage.object_store import ObjectStore, name_within
from app.tenants import place_queries
from app.tenants.errors import QualificationEnded
from app.tenants.settings_models import QualificationEvidence
from app.vault import open_file_for_clinic, seal_file_for_clinic

MOST_BYTES = 5 * 1024 * 1024
MOST_FILES = 10
FITS = 2400
_PDF = re.compile(rb"%PDF-[12]\.\d")
_ACTS = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia")


def add_evidence(
    scope: TenantScope, *, store: ObjectStore, qualification_id: uuid.UUID, data: bytes
) -> QualificationEvidence:
    """Keep a file that shows a qualification; raises Invalid or QualificationEnded."""
    held = place_queries.get_qualification_for_update(scope, qualification_id)
    if held.ended_at is not None:
        raise QualificationEnded("This qualification was ended. Enter a new one.")
    if len(place_queries.list_evidence(scope, [held.id])) >= MOST_FILES:
        raise _refused(f"A qualification has at most {MOST_FILES} files.")
    kind, kept = cleaned(data)
    row_id = new_id()
    name = name_within("evidence", scope.tenant_id, row_id)
    cipher = seal_file_for_clinic(scope, object_name=name, data=kept)
    row = QualificationEvidence(
        tenant_id=scope.tenant_id,
        id=row_id,
        qualification_id=held.id,
        media_type=kind,
        length=len(kept),
        sha256=sha256(kept).digest(),
        cipher_sha256=bytes.fromhex(store.put(name, cipher)),
        object_name=name,
        added_by=scope.actor.id,
        added_at=now(),
    )
    scope.session.add(row)
    audit.record(scope, "tenants:evidence:add", subject_id=row.id, qualification_id=held.id)
    return row


def read_evidence(
    scope: TenantScope,
    *,
    store: ObjectStore,
    qualification_id: uuid.UUID,
    evidence_id: uuid.UUID,
) -> tuple[str, bytes]:
    """Return the media type and the bytes of a file, compared with what was kept."""
    row = place_queries.get_evidence(scope, qualification_id, evidence_id)
    cipher = store.get(row.object_name)
    data = open_file_for_clinic(scope, object_name=row.object_name, data=cipher)
    if sha256(data).digest() != row.sha256:
        raise ObjectDamaged("The stored file is not the one that was kept.")
    audit.record(
        scope, "tenants:evidence:read", subject_id=row.id, qualification_id=qualification_id
    )
    return row.media_type, data


def cleaned(data: bytes) -> tuple[str, bytes]:
    """Return a file's media type by its content, and what of it is kept; raises Invalid."""
    if len(data) > MOST_BYTES:
        raise _refused(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    if not data:
        raise _refused("Choose a file.")
    if _PDF.match(data):
        if any(act in data for act in _ACTS):
            raise _refused("This PDF can act by itself. Print it to a plain PDF and try again.")
        return "application/pdf", data
    try:
        return "image/png", flatten(data, fit=FITS, most_bytes=MOST_BYTES).png
    except PictureRefused as refused:
        raise _refused(f"This is no PDF. As a picture: {refused.reason}") from refused


def _refused(told: str) -> Invalid:
    return Invalid(told, fields={"evidence": told})
