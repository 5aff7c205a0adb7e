"""Where keys come from: wrapped rows in a database of their own, opened with the root key."""

import hmac
import os
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from sqlalchemy import Engine, text

from app.kit.clock import now

VERSION = b"\x01"
NONCE_BYTES = 12
CACHE_SECONDS = 30.0
SHRED = text(
    "INSERT INTO patient_key VALUES (:t, :p, :r, NULL, :at, :at)"
    " ON CONFLICT (tenant_id, patient_id, retention)"
    " DO UPDATE SET wrapped = NULL, shredded_at = :at"
    " WHERE patient_key.wrapped IS NOT NULL AND patient_key.made_at <= :at"
)
FIND = text(
    "SELECT wrapped FROM patient_key WHERE tenant_id = :t AND patient_id = :p AND retention = :r"
)
RENEW = text(
    "DELETE FROM patient_key WHERE tenant_id = :t AND patient_id = :p AND retention = :r"
    " AND wrapped IS NULL"
)
SHRED_CLINIC = (
    text(
        "INSERT INTO clinic_key VALUES (:t, NULL, :at, :at) ON CONFLICT (tenant_id)"
        " DO UPDATE SET wrapped = NULL, shredded_at = :at WHERE clinic_key.wrapped IS NOT NULL"
    ),
    text(
        "UPDATE patient_key SET wrapped = NULL, shredded_at = :at"
        " WHERE tenant_id = :t AND wrapped IS NOT NULL"
    ),
)
RETENTION_CLASSES = frozenset({"clinical", "financial", "marketing", "contact"})


class NotReadable(Exception):
    """The ciphertext does not open: shredded, moved from its place, or changed."""


class KeyShredded(NotReadable):
    """The key was destroyed on purpose, so that nobody can ever read what it closed."""


@dataclass(frozen=True)
class PatientKey:
    """A data key and what it is bound to; safe to carry out of a transaction, never to store."""

    tenant_id: uuid.UUID
    patient_id: uuid.UUID
    retention: str
    cipher: AESGCM

    def context(self, place: str, row_id: object) -> bytes:
        """Return the associated data of one value's place."""
        parts = (self.tenant_id, self.patient_id, self.retention, place, row_id)
        return "|".join(map(str, parts)).encode()


def encrypt(cipher: AESGCM, data: bytes, context: bytes) -> bytes:
    """Return version, nonce and ciphertext with its tag."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + cipher.encrypt(nonce, data, context)


def decrypt(cipher: AESGCM, data: bytes, context: bytes) -> bytes:
    """Return the plaintext; raises NotReadable."""
    if data[:1] != VERSION or len(data) < 1 + NONCE_BYTES:
        raise NotReadable("unknown format of an encrypted value")
    try:
        return cipher.decrypt(data[1 : 1 + NONCE_BYTES], data[1 + NONCE_BYTES :], context)
    except InvalidTag:
        raise NotReadable("an encrypted value does not open here") from None


class KeyRing:
    """The key store with a short-lived cache of opened keys."""

    def __init__(self, engine: Engine, root_key: bytes) -> None:
        self._engine = engine
        self._root = AESGCM(root_key)
        self._row_key = _derive(root_key, b"needlepoint row tags")
        self._cache: dict[Any, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def forget_connections(self) -> None:
        """Start with an empty pool in a forked process."""
        self._engine.dispose(close=False)

    def close(self) -> None:
        """Give the key store's connections back."""
        self._engine.dispose()

    def row_tag(self, tenant_id: uuid.UUID, row: bytes) -> bytes:
        """Return the HMAC of a row's canonical bytes for one clinic."""
        return hmac.digest(self._row_key, tenant_id.bytes + row, "sha256")

    def root_cipher(self) -> AESGCM:
        """Return the cipher for the few values that belong to no clinic."""
        return self._root

    def clinic_key(self, tenant_id: uuid.UUID) -> bytes:
        """Return a clinic's key, made at the first use."""
        return self._cached(tenant_id, lambda: self._load_clinic_key(tenant_id))

    def patient_key(self, tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str) -> bytes:
        """Return a patient's key for a retention class; raises NotReadable when it was shredded."""
        wanted = (tenant_id, patient_id, retention)
        return self._cached(wanted, lambda: self._load_patient_key(*wanted))

    def shred(
        self, tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str, *, at: datetime
    ) -> bool:
        """Destroy a patient's key that was made before an instant; return whether one was there.

        A key that was made later belongs to a patient who came back, and stays.
        """
        with self._engine.begin() as connection:
            done = connection.execute(
                SHRED, {"t": tenant_id, "p": patient_id, "r": retention, "at": at}
            )
        with self._lock:
            self._cache.pop((tenant_id, patient_id, retention), None)
        return done.rowcount > 0

    def shred_clinic(self, tenant_id: uuid.UUID, *, at: datetime) -> bool:
        """Destroy a clinic's key and those of all its patients; return whether any was there."""
        with self._engine.begin() as connection:
            done = [connection.execute(one, {"t": tenant_id, "at": at}) for one in SHRED_CLINIC]
        with self._lock:
            self._cache.clear()
        return any(one.rowcount > 0 for one in done)

    def is_shredded(self, tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str) -> bool:
        """Return whether a patient's key was destroyed and none was made since."""
        with self._engine.connect() as connection:
            found = connection.execute(FIND, {"t": tenant_id, "p": patient_id, "r": retention})
            row = found.first()
        return row is not None and row[0] is None

    def renew(self, tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str) -> None:
        """Forget that a key was destroyed, so that the next use makes a fresh one."""
        with self._engine.begin() as connection:
            connection.execute(RENEW, {"t": tenant_id, "p": patient_id, "r": retention})

    def list_patient_keys(
        self, tenant_id: uuid.UUID, patient_ids: set[uuid.UUID]
    ) -> dict[tuple[uuid.UUID, str], bytes]:
        """Return the living keys of some patients by patient and class; makes none."""
        clinic = AESGCM(self.clinic_key(tenant_id))
        with self._engine.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT patient_id, retention, wrapped FROM patient_key WHERE tenant_id = :t"
                    " AND patient_id = ANY(:ids) AND wrapped IS NOT NULL"
                ),
                {"t": tenant_id, "ids": list(patient_ids)},
            ).all()
        return {
            (row[0], row[1]): decrypt(clinic, bytes(row[2]), _key_context(row[0], row[1]))
            for row in rows
        }

    def list_shredded(self, tenant_id: uuid.UUID) -> list[tuple[uuid.UUID, str, datetime]]:
        """Return patient, class and instant of every destroyed key of a clinic."""
        with self._engine.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT patient_id, retention, shredded_at FROM patient_key"
                    " WHERE tenant_id = :t AND wrapped IS NULL ORDER BY patient_id, retention"
                ),
                {"t": tenant_id},
            ).all()
        return [(row[0], row[1], row[2]) for row in rows]

    def _cached(self, wanted: Any, load: Any) -> bytes:
        with self._lock:
            found = self._cache.get(wanted)
            if found is not None and found[0] > time.monotonic():
                return found[1]
        key: bytes = load()
        with self._lock:
            if len(self._cache) > 10_000:
                self._cache.clear()
            self._cache[wanted] = (time.monotonic() + CACHE_SECONDS, key)
        return key

    def _load_clinic_key(self, tenant_id: uuid.UUID) -> bytes:
        context = b"clinic|" + tenant_id.bytes
        wrapped = self._wrapped(
            "clinic_key",
            {"tenant_id": tenant_id},
            encrypt(self._root, AESGCM.generate_key(256), context),
        )
        return decrypt(self._root, wrapped, context)

    def _load_patient_key(
        self, tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str
    ) -> bytes:
        if retention not in RETENTION_CLASSES:
            raise ValueError(f"unknown retention class {retention!r}")
        clinic = AESGCM(self.clinic_key(tenant_id))
        context = _key_context(patient_id, retention)
        wrapped = self._wrapped(
            "patient_key",
            {"tenant_id": tenant_id, "patient_id": patient_id, "retention": retention},
            encrypt(clinic, AESGCM.generate_key(256), context),
        )
        return decrypt(clinic, wrapped, context)

    def _wrapped(self, table: str, key: dict[str, Any], fresh: bytes) -> bytes:
        """Return the stored wrapped key, storing ``fresh`` where there is none yet; one winner."""
        where = " AND ".join(f"{name} = :{name}" for name in key)
        names, slots = ", ".join(key), ", ".join(f":{name}" for name in key)
        find = text(f"SELECT wrapped FROM {table} WHERE {where}")  # noqa: S608 - fixed names
        make = text(
            f"INSERT INTO {table} ({names}, wrapped, made_at)"  # noqa: S608 - fixed names
            f" VALUES ({slots}, :fresh, :at) ON CONFLICT DO NOTHING"
        )
        with self._engine.begin() as connection:
            found = connection.execute(find, key).first()
            if found is None:
                connection.execute(make, {**key, "fresh": fresh, "at": now()})
                found = connection.execute(find, key).one()
        if found[0] is None:
            raise KeyShredded("the key was shredded")
        return bytes(found[0])


def ring() -> KeyRing:
    """Return this application's key ring."""
    found: KeyRing = current_app.extensions["needlepoint_keys"]
    return found


def patient_key(tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str) -> PatientKey:
    """Return an opened key, to be used where no transaction runs."""
    key = ring().patient_key(tenant_id, patient_id, retention)
    return PatientKey(tenant_id, patient_id, retention, AESGCM(key))


def root_encrypt(place: str, row_id: object, data: bytes) -> bytes:
    """Encrypt a value that belongs to no clinic, such as a person's second factor."""
    return encrypt(ring().root_cipher(), data, f"root|{place}|{row_id}".encode())


def root_decrypt(place: str, row_id: object, data: bytes) -> bytes:
    """Decrypt what ``root_encrypt`` made; raises NotReadable."""
    return decrypt(ring().root_cipher(), data, f"root|{place}|{row_id}".encode())


def sign_row(tenant_id: uuid.UUID, row: bytes) -> bytes:
    """Return the tag that shows an edit of a stored row: 32 bytes."""
    return ring().row_tag(tenant_id, row)


def shred_list_key(root_key: bytes) -> bytes:
    """Return the key that tags the list of destroyed keys."""
    return _derive(root_key, b"needlepoint shred list")


def _key_context(patient_id: uuid.UUID, retention: str) -> bytes:
    return b"patient|" + patient_id.bytes + retention.encode()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)


def derive_index_key(clinic_key: bytes, place: str) -> bytes:
    """Return the key of one blind index of one clinic."""
    return _derive(clinic_key, b"blind index|" + place.encode())
