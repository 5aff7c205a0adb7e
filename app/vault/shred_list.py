"""The list of destroyed keys, kept outside both databases, so that a restore brings none back.

One small object per destroyed key, tagged with a key that the list's own store does not have:
whoever can write there can neither forge an entry nor have a key destroyed.
"""

import hmac
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from app.storage.object_store import ObjectStore

PREFIX = "shreds/"
TAGGED = re.compile(rb"(?P<body>\{.*\})\n(?P<tag>[0-9a-f]{64})\n", re.DOTALL)


@dataclass(frozen=True)
class Shredded:
    """That a patient's key of one retention class was destroyed, and when.

    Without a patient and a class it is the key of the whole clinic.
    """

    tenant_id: uuid.UUID
    at: datetime
    patient_id: uuid.UUID | None = None
    retention: str | None = None

    def body(self) -> bytes:
        """Return the entry's canonical bytes."""
        values = {
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "clinic": str(self.tenant_id),
            "patient": str(self.patient_id or ""),
            "retention": self.retention or "",
        }
        return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()

    @property
    def object_name(self) -> str:
        """Return where the entry lies; the same destruction has the same name."""
        moment = f"{self.at.astimezone(UTC):%Y%m%d%H%M%S%f}"
        what = f"{self.patient_id}.{self.retention}" if self.patient_id else "clinic"
        return f"{PREFIX}{self.tenant_id}/{what}.{moment}"


class ShredList:
    """Entries below one prefix of an object store of its own."""

    def __init__(self, store: ObjectStore, tag_key: bytes) -> None:
        self._store = store
        self._tag_key = tag_key

    def add(self, entry: Shredded) -> None:
        """Write an entry; raises StoreUnavailable, and then nothing may be destroyed."""
        body = entry.body()
        if not self._store.exists(entry.object_name):
            self._store.put(entry.object_name, body + b"\n" + self._tag(body) + b"\n")

    def entries(self) -> Iterator[tuple[str, Shredded | None]]:
        """Yield each object's name with its entry, or with None where the tag does not fit."""
        for name in self._store.list_names(PREFIX):
            yield name, self._read(self._store.get(name))

    def _read(self, data: bytes) -> Shredded | None:
        found = TAGGED.fullmatch(data)
        if found is None or not hmac.compare_digest(self._tag(found["body"]), found["tag"]):
            return None
        values = json.loads(found["body"])
        return Shredded(
            uuid.UUID(values["clinic"]),
            datetime.fromisoformat(values["at"]),
            uuid.UUID(values["patient"]) if values["patient"] else None,
            values["retention"] or None,
        )

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._tag_key, body, "sha256").hex().encode()
