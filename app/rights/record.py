"""A person's whole record as plain values: opened, without keys, hashes or secrets.

The shape is documented in docs/patient-data.md; ``FORMAT`` changes when it does.
"""

import json
import re
import uuid
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import Range

from app.consent.ways.services.prove_identity import CODE_DIGITS
from app.database import TenantScope
from app.kit.clock import now
from app.messaging.services import read_message
from app.patients.models import Patient
from app.patients.person import person_ids
from app.rights import record_queries as queries
from app.tenants.queries import get_clinic
from app.vault import NotReadable, decrypt_field

FORMAT = "needlepoint.patient/1"
CIPHER = "_cipher"
CLASSES = ("clinical", "contact", "financial", "marketing")
# A secret in a link, or a code to type: it opens pages, and a copy of the record must not. A code
# is looked for where there is one, since other numbers in a message are the patient's own.
LINK = re.compile(r"#[A-Za-z0-9_-]{16,}")
CODES = {
    "sign_request": re.compile(r"\b[A-Z0-9]{4}(?:-[A-Z0-9]{4})+\b"),
    "sign_code": re.compile(rf"\b\d{{{CODE_DIGITS}}}\b"),
}
DROPPED = frozenset({"tenant_id", "object_name", "code_hash", "cursor_id"})
Row = Mapping[str, Any]


def whole_record(scope: TenantScope, patient: Patient) -> dict[str, Any]:
    """Return everything that the clinic holds about a person."""
    ids = person_ids(scope, patient.id)
    rows = queries.list_rows_about(scope, ids)
    clinic = get_clinic(scope)
    owners = _owners(rows)
    return {
        "format": FORMAT,
        "made_at": plain(now()),
        "clinic": {"id": str(clinic.id), "name": clinic.legal_name, "address": clinic.address},
        "patient_id": str(patient.id),
        "records": {
            table: [_opened(scope, table, row, owners) for row in found]
            for table, found in rows.items()
        },
        "messages": _messages(scope, ids),
        "events": _events(scope, ids),
        "people": {str(one): name for one, name in queries.map_everybodys_names(scope).items()},
    }


def plain(value: Any) -> Any:
    """Return a column's value as JSON knows it."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Range):
        return {"from": plain(value.lower), "until": plain(value.upper)}
    return value


def _owners(rows: Mapping[str, list[dict[str, Any]]]) -> dict[uuid.UUID, uuid.UUID]:
    """Return whose row each row is, for rows that name another row and not the patient."""
    owners: dict[uuid.UUID, uuid.UUID] = {}
    for table, found in rows.items():
        for row in found:
            own = row["id"] if table == "patient" else row.get("patient_id")
            if own is None:
                named = (owners[one] for one in row.values() if _is_known(one, owners))
                own = next(named, None)
            if own is not None and "id" in row:
                owners[row["id"]] = own
    return owners


def _is_known(value: Any, owners: Mapping[uuid.UUID, uuid.UUID]) -> bool:
    return isinstance(value, uuid.UUID) and value in owners


def _opened(
    scope: TenantScope, table: str, row: Row, owners: Mapping[uuid.UUID, uuid.UUID]
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in row.items():
        if name in DROPPED or name.endswith(("_index", "_sha256", "sha256")):
            continue
        if name.endswith(CIPHER):
            stem = name.removesuffix(CIPHER)
            owner = owners.get(row["id"]) if "id" in row else None
            made[stem] = _open(scope, owner, f"{table}.{stem}", row.get("id"), value)
        else:
            made[name] = plain(value)
    return made


def _open(
    scope: TenantScope, owner: uuid.UUID | None, place: str, row_id: Any, cipher: bytes | None
) -> Any:
    """Return what a field holds, or None for what is empty or was erased."""
    if cipher is None or owner is None:
        return None
    for retention in CLASSES:
        try:
            text = decrypt_field(
                scope,
                patient_id=owner,
                place=place,
                row_id=row_id,
                cipher=cipher,
                retention=retention,
            )
        except NotReadable:
            continue
        return _structured(text)
    return None


def _structured(text: str) -> Any:
    if text[:1] not in {"{", "["}:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _messages(scope: TenantScope, ids: Collection[uuid.UUID]) -> list[dict[str, Any]]:
    made = []
    for message in queries.list_messages_about(scope, ids):
        letter = read_message(scope, message)
        made.append(
            {
                "at": plain(message.created_at),
                "sent_at": plain(message.sent_at),
                "channel": message.channel,
                "to": letter.to,
                "subject": message.subject,
                "body": _without_secrets(message.template, letter.body),
                "state": message.state,
            }
        )
    return made


def _without_secrets(template: str, body: str) -> str:
    body = LINK.sub("[left out]", body)
    return CODES[template].sub("[left out]", body) if template in CODES else body


def _events(scope: TenantScope, ids: Collection[uuid.UUID]) -> list[dict[str, Any]]:
    return [
        {
            "at": plain(one.at),
            "by": plain(one.actor_id),
            "by_kind": one.actor_kind,
            "what": one.action,
        }
        for one in queries.list_events_about(scope, ids)
    ]
