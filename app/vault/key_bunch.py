"""Open a clinic's values without being told which key closed them: for an export of everything.

Encryption is authenticated, so the right key is the one that opens. No key is ever made here.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.vault.keys import RETENTION_CLASSES, NotReadable, PatientKey, decrypt, ring

CLINIC = "clinic"
# The commonest first, since each wrong key costs a try.
ORDER = sorted(RETENTION_CLASSES, key=lambda name: (name != "clinical", name))


@dataclass(frozen=True)
class Opened:
    """A plaintext and the class of the key that opened it: a retention class, or "clinic"."""

    key: str
    data: bytes


class KeyBunch:
    """The keys of one clinic and of the patients that were gathered last."""

    def __init__(self, tenant_id: uuid.UUID) -> None:
        self.tenant_id = tenant_id
        self._clinic = AESGCM(ring().clinic_key(tenant_id))
        self._patients: dict[tuple[uuid.UUID, str], AESGCM] = {}

    def gather(self, patient_ids: Iterable[uuid.UUID]) -> None:
        """Hold the living keys of these patients and of no other; one question for all."""
        found = ring().list_patient_keys(self.tenant_id, set(patient_ids))
        self._patients = {wanted: AESGCM(key) for wanted, key in found.items()}

    def open_value(
        self, patient_id: uuid.UUID | None, place: str, row_id: object, cipher: bytes
    ) -> Opened | None:
        """Return the value of a place, or None where no living key opens it."""
        return self._open(patient_id, place, row_id, cipher)

    def open_file(
        self, patient_id: uuid.UUID | None, object_name: str, cipher: bytes
    ) -> Opened | None:
        """Return a file of the object store, or None where no living key opens it."""
        return self._open(patient_id, "object", object_name, cipher)

    def _open(
        self, patient_id: uuid.UUID | None, place: str, row_id: object, cipher: bytes
    ) -> Opened | None:
        for name, opener, context in self._candidates(patient_id, place, row_id):
            try:
                return Opened(name, decrypt(opener, cipher, context))
            except NotReadable:
                continue
        return None

    def _candidates(
        self, patient_id: uuid.UUID | None, place: str, row_id: object
    ) -> Iterator[tuple[str, AESGCM, bytes]]:
        for retention in ORDER if patient_id else ():
            opener = self._patients.get((patient_id, retention)) if patient_id else None
            if opener is not None and patient_id is not None:
                key = PatientKey(self.tenant_id, patient_id, retention, opener)
                yield retention, opener, key.context(place, row_id)
        yield CLINIC, self._clinic, f"{self.tenant_id}|{place}|{row_id}".encode()


def list_shredded_keys(tenant_id: uuid.UUID) -> list[tuple[uuid.UUID, str, datetime]]:
    """Return patient, class and instant of every destroyed key of a clinic."""
    return ring().list_shredded(tenant_id)
