"""What explains an export: the schema, the verifier, trust, what was destroyed, the manifest."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from asn1crypto import pem, x509
from flask import current_app

from app.audit.anchors import AnchorUnreadable, anchor_store, file_name, proof_of, read_anchor
from app.audit.queries import find_head
from app.database import TenantScope
from app.documents.setup import own_trust
from app.kit.clock import now
from app.leaving import queries
from app.leaving.models import ClinicExport, ClinicExportPart
from app.leaving.parts import note_gap, put_part
from app.leaving.schema_document import FORMAT, schema_document
from app.leaving.values import Json, to_json
from app.storage.errors import ObjectDamaged, ObjectMissing
from app.tenants.queries import get_clinic
from app.vault import list_shredded_keys

HERE = Path(__file__).parent
# The reader's text comes first, so that the verifier need not import it.
IMPORTED = re.compile(r"^from app\.[^\n]*\([^)]*\)\n", re.MULTILINE)
HEADER = """#!/usr/bin/env python3
# Checks a Needlepoint clinic export; needs Python 3.11 or newer and nothing else.
#
#     python3 verify.py EXPORT.zip       (or the folder into which it was unpacked)
#
# What it cannot check: that the manifest is the one that the clinic's system made (compare the
# SHA-256 that is printed with the one on its page), the seals inside the PDF files (any PDF
# reader that knows signatures, or `flask documents verify`), and who signed and stamped the anchor
# of the audit chain (README.txt has the commands).
"""


def put_frame(scope: TenantScope, export: ClinicExport) -> bytes:
    """Store what explains the export; return the SHA-256 of its manifest."""
    put_part(scope, export, "README.txt", (HERE / "export_readme.txt").read_bytes())
    put_part(scope, export, "verify.py", verifier_source())
    put_part(scope, export, "schema.json", _pretty(schema_document()))
    for name, data in _trust():
        put_part(scope, export, f"trust/{name}", data)
    _put_proof(scope, export)
    scope.session.flush()
    put_part(scope, export, "export.json", _pretty(_about(scope, export)))
    scope.session.flush()
    return sha256(b"".join(manifest_lines(scope, export))).digest()


def manifest_lines(scope: TenantScope, export: ClinicExport) -> Iterator[bytes]:
    """Yield the manifest, which ``sha256sum -c`` understands, too."""
    after = -1
    while parts := queries.page_parts(scope, export.id, after=after):
        for part in parts:
            if part.gap is None:
                yield manifest_line(part)
        after = parts[-1].number


def manifest_line(part: ClinicExportPart) -> bytes:
    """Return one file's line."""
    return f"{part.sha256.hex()}  {part.name}\n".encode()


def verifier_source() -> bytes:
    """Return the text of ``verify.py``: reader and verifier, as one program without our package."""
    reader = (HERE / "export_reader.py").read_text()
    checks = IMPORTED.sub("", (HERE / "verifier.py").read_text())
    return "\n\n".join((HEADER, reader, checks)).encode()


def _about(scope: TenantScope, export: ClinicExport) -> Json:
    clinic = get_clinic(scope)
    return {
        "product": "Needlepoint",
        "format": FORMAT,
        "clinic": {"id": str(clinic.id), "legal_name": clinic.legal_name},
        "export": str(export.id),
        "made_at": to_json(now()),
        "lines": queries.count_rows_of_parts(scope, export.id),
        "files": export.files_done,
        "gaps": [{"file": one.name, "why": one.gap} for one in queries.list_gaps(scope, export.id)],
        "destroyed_keys": [
            {"patient": str(patient_id), "key": name, "at": to_json(at)}
            for patient_id, name, at in list_shredded_keys(scope.tenant_id)
        ],
    }


def _put_proof(scope: TenantScope, export: ClinicExport) -> None:
    """Store what shows, outside of this installation, that the audit chain was anchored."""
    head = find_head(scope)
    if head is None or head.anchor_number is None:
        return
    name, stamp = (file_name(head.anchor_number, kind) for kind in ("json", "stamp"))
    try:
        proof = proof_of(read_anchor(head.anchor_number), scope.tenant_id)
    except (AnchorUnreadable, ObjectMissing, ObjectDamaged):
        proof = None
    if proof is None:
        note_gap(scope, export, name, source=name, why="anchor_unreadable")
        return
    put_part(scope, export, name, _pretty(proof))
    if anchor_store().exists(stamp):
        put_part(scope, export, stamp, anchor_store().get(stamp))


def _trust() -> Iterator[tuple[str, bytes]]:
    """Yield what this installation trusts when it verifies seals; certificates hold no secret."""
    trust = own_trust(current_app.config["SETTINGS"])
    for name, roots in (("seal-roots.pem", trust.roots), ("stamp-roots.pem", trust.stamp_roots)):
        if roots:
            yield name, b"".join(_pem(root) for root in roots)
    for number, data in enumerate(trust.lists):
        yield f"list-{number}.crl", data


def _pem(certificate: x509.Certificate) -> bytes:
    armored: bytes = pem.armor("CERTIFICATE", certificate.dump())
    return armored


def _pretty(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
