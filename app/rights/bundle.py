"""The file that a patient takes away: a page to read, the data, the sealed documents, hashes."""

import io
import json
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import render_template

from app.database import TenantScope
from app.documents.files import fetch, file_ref
from app.documents.models import Document
from app.kit.speech import nearest_language, say, speaking
from app.patients.models import Patient
from app.patients.person import person_ids
from app.rights.cover import cover_values
from app.rights.file_queries import list_documents
from app.rights.photo_copies import TITLES, photographs_of
from app.rights.record import whole_record
from app.vault import KeyShredded


def make_bundle(scope: TenantScope, patient: Patient) -> bytes:
    """Return the ZIP of everything that a clinic holds about a person.

    Raises StoreUnavailable or ObjectDamaged where a sealed file cannot be had: a copy with a gap is
    none.
    """
    record = whole_record(scope, patient)
    papers = _papers(scope, patient)
    files: dict[str, bytes] = {
        "data.json": json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True).encode()
    }
    files |= {name: data for name, (_, data) in papers.items()}
    listed = [
        {"name": name, "title": document.title, "sealed_at": document.sealed_at}
        for name, (document, _) in papers.items()
    ]
    photographs = photographs_of(scope, patient)
    files |= {name: data for name, (_, data) in photographs.items()}
    with speaking(nearest_language(patient.language)):
        shown = [
            {"name": name, "title": say(TITLES[one.kind]), "taken_at": one.taken_at}
            for name, (one, _) in photographs.items()
        ]
        values = cover_values(scope, patient, record, listed, shown)
        files["START-HERE.html"] = render_template("rights/cover.html", **values).encode()
    files["SHA256SUMS.txt"] = _sums(files)
    return _zipped(files)


def _papers(scope: TenantScope, patient: Patient) -> dict[str, tuple[Document, bytes]]:
    found: dict[str, tuple[Document, bytes]] = {}
    ids = person_ids(scope, patient.id)
    for retention in ("clinical", "financial"):
        for one in list_documents(scope, ids, retention):
            name = f"documents/{one.sealed_at:%Y-%m-%d}-{one.kind}-{str(one.id)[-6:]}.pdf"
            try:
                found[name] = (one, fetch(file_ref(scope, one)))
            except KeyShredded:
                continue
    return found


def _sums(files: Mapping[str, bytes]) -> bytes:
    lines = [f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    return "".join(lines).encode()


def _zipped(files: Mapping[str, Any]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(name, data)
    return packed.getvalue()
