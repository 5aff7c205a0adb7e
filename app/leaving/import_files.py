"""Stored files on their way in: encrypted under new keys, byte for byte what the export holds."""

from hashlib import sha256
from typing import Any

from app.database import TenantScope
from app.documents.files import store
from app.leaving import clinic_queries as queries
from app.leaving.errors import ExportRefused
from app.leaving.export_reader import Export
from app.leaving.tables import Shape
from app.storage.errors import ObjectExists
from app.vault import (
    NotReadable,
    PatientKey,
    decrypt_file,
    encrypt_file,
    open_file_for_clinic,
    patient_key,
    seal_file_for_clinic,
)


class FilesPutBack:
    """The files of one import; what was written is taken back where the import fails."""

    def __init__(self, scope: TenantScope, export: Export) -> None:
        self._scope, self._export = scope, export
        self._written: list[str] = []

    def put(self, shape: Shape, values: dict[str, Any]) -> None:
        """Store a row's file, and note the hash of its new ciphertext in the row.

        Raises ExportRefused where an object of somebody else has its name.
        """
        name = self._export.file_of(shape.name, str(values["id"]))
        if name is None:
            return  # The export says why; the row stays and its file is missing, as it was before.
        data, object_name = self._export.read(name), values["object_name"]
        key = self._key_of(shape, values, name.split("/")[1])
        try:
            hashed = store().put(object_name, self._closed(key, object_name, data))
        except ObjectExists:
            hashed = self._left_before(key, object_name, data)
        self._written.append(object_name)
        if "cipher_sha256" in values:
            values["cipher_sha256"] = bytes.fromhex(hashed)

    def take_back(self) -> None:
        """Remove what was written."""
        for name in self._written:
            store().delete(name)

    def _key_of(self, shape: Shape, values: dict[str, Any], key: str) -> PatientKey | None:
        """Return the key that closes a file; None for the clinic's."""
        if key == "clinic":
            return None
        patient_id = queries.find_patient_of(self._scope, shape, values)
        if patient_id is None:
            raise ValueError(f"a file of {shape.name} belongs to no patient")
        return patient_key(self._scope.tenant_id, patient_id, key)

    def _closed(self, key: PatientKey | None, object_name: str, data: bytes) -> bytes:
        if key is None:
            return seal_file_for_clinic(self._scope, object_name=object_name, data=data)
        return encrypt_file(key, object_name=object_name, data=data)

    def _left_before(self, key: PatientKey | None, object_name: str, data: bytes) -> str:
        """Return the hash of what an import of the same clinic wrote before it was killed.

        Only our own key opens it, so nobody else's object is taken for ours.
        """
        cipher = store().get(object_name)
        try:
            if key is None:
                found = open_file_for_clinic(self._scope, object_name=object_name, data=cipher)
            else:
                found = decrypt_file(key, object_name=object_name, data=cipher)
        except NotReadable:
            found = b""
        if found != data:
            told = f"A file of this name is here already: {object_name}."
            raise ExportRefused(told, problems=[told])
        return sha256(cipher).hexdigest()
