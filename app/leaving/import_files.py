"""Stored files on their way in: encrypted under new keys, byte for byte what the export holds."""

import uuid
from typing import Any

from app.database import TenantScope
from app.documents.files import store
from app.leaving import clinic_queries as queries
from app.leaving.export_reader import Export
from app.leaving.tables import Shape
from app.vault import encrypt_file, patient_key, seal_file_for_clinic


class FilesPutBack:
    """The files of one import; what was written is taken back where the import fails."""

    def __init__(self, scope: TenantScope, export: Export) -> None:
        self._scope, self._export = scope, export
        self._written: list[str] = []

    def put(self, shape: Shape, values: dict[str, Any]) -> None:
        """Store a row's file, and note the hash of its new ciphertext in the row."""
        name = self._export.file_of(shape.name, str(values["id"]))
        if name is None:
            return  # The export says why; the row stays and its file is missing, as it was before.
        object_name = values["object_name"]
        cipher = self._closed(shape, values, name.split("/")[1], object_name)
        hashed = store().put(object_name, cipher)
        self._written.append(object_name)
        if "cipher_sha256" in values:
            values["cipher_sha256"] = bytes.fromhex(hashed)

    def take_back(self) -> None:
        """Remove what was written."""
        for name in self._written:
            store().delete(name)

    def _closed(self, shape: Shape, values: dict[str, Any], key: str, object_name: str) -> bytes:
        data = self._export.read(self._name(shape, values["id"]))
        if key == "clinic":
            return seal_file_for_clinic(self._scope, object_name=object_name, data=data)
        patient_id = queries.find_patient_of(self._scope, shape, values)
        if patient_id is None:
            raise ValueError(f"a file of {shape.name} belongs to no patient")
        closing = patient_key(self._scope.tenant_id, patient_id, key)
        return encrypt_file(closing, object_name=object_name, data=data)

    def _name(self, shape: Shape, row_id: uuid.UUID) -> str:
        return str(self._export.file_of(shape.name, str(row_id)))
