"""One door to a folder or a bucket: atomic, never overwriting, read again after writing.

The library gives both the same behaviour; a folder is also flushed to the disk, so that a file
which the database calls stored survives a power cut.
"""

import os
import re
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from app.storage.errors import ObjectDamaged, ObjectExists, ObjectMissing, StoreUnavailable

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_.-]*)*")
_LONGEST_NAME = 200
_PATIENCE = timedelta(seconds=5)


class ObjectStore(Protocol):
    """Keeps bytes under names. Every method raises StoreUnavailable where the store is down."""

    def put(self, name: str, data: bytes) -> str:
        """Write a new object, read it again, and return its SHA-256.

        :raise ObjectExists: the name is taken
        :raise ObjectDamaged: the store gave back something else
        """

    def get(self, name: str) -> bytes:
        """Return an object; raises ObjectMissing."""

    def exists(self, name: str) -> bool:
        """Whether there is an object of this name."""

    def delete(self, name: str) -> None:
        """Remove an object; one that is already gone is no error."""

    def list_names(self, prefix: str = "") -> list[str]:
        """Return the names below a prefix, which ends at a slash, in order."""


def new_object_name(kind: str) -> str:
    """Return a random name such as ``documents/3f/3fa9…``; it tells nothing but its kind."""
    token = secrets.token_hex(16)
    return checked_name(f"{kind}/{token[:2]}/{token}")


def name_of(kind: str, row_id: uuid.UUID, number: int | None = None) -> str:
    """Return the name of the object of one row, or of its piece with a number.

    It follows from the row, so that a run that was killed before its commit leaves nothing that
    the next one does not find.
    """
    tail = "" if number is None else f"-{number:07d}"
    return checked_name(f"{kind}/{row_id.hex[-2:]}/{row_id.hex}{tail}")


def name_within(kind: str, tenant_id: uuid.UUID, row_id: uuid.UUID) -> str:
    """Return a name that says whose it is, for what a clinic sweeps where no row came to be."""
    return checked_name(f"{folder_within(kind, tenant_id)}{row_id.hex}")


def folder_within(kind: str, tenant_id: uuid.UUID) -> str:
    """Return what the names of one kind and clinic begin with."""
    return f"{kind}/{tenant_id.hex}/"


def put_over(store: ObjectStore, name: str, data: bytes) -> str:
    """Write an object in place of what a killed run left there; only one run may be under way."""
    store.delete(name)
    return store.put(name, data)


def checked_name(name: str) -> str:
    """Return the same name; raises ValueError for one that could leave its place."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name) or ".." in name:
        raise ValueError("an object has a plain lower-case name")
    return name


def open_store(url: str) -> "Store":
    """Return the store at ``file:///folder`` (made if missing) or ``s3://bucket/prefix``.

    Keys and regions of a bucket come from the usual AWS_* variables.

    :raise ValueError: another kind of address
    :raise StoreUnavailable: the folder cannot be made
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        folder = Path(unquote(parts.path))
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as problem:
            raise StoreUnavailable("The folder for files cannot be made.") from problem
        return Store(LocalStore(folder), folder)
    if parts.scheme == "s3" and parts.netloc:
        store = S3Store.from_url(
            url,
            client_options={"timeout": _PATIENCE, "connect_timeout": timedelta(seconds=2)},
            retry_config={"max_retries": 2, "retry_timeout": _PATIENCE},
        )
        return Store(store)
    raise ValueError("files are kept at a file:///… or an s3://… address")


class Store:
    """The one implementation of :class:`ObjectStore`; ``folder`` is set for a local one."""

    def __init__(self, store: LocalStore | S3Store, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    def put(self, name: str, data: bytes) -> str:
        checked_name(name)
        with _translated():
            obstore.put(self._store, name, data, mode="create")
            if self._folder is not None:
                _flush(self._folder, name)
        written = sha256(data).hexdigest()
        if sha256(self.get(name)).hexdigest() != written:
            raise ObjectDamaged("The file was not stored as it was given.")
        return written

    def get(self, name: str) -> bytes:
        with _translated():
            return bytes(obstore.get(self._store, checked_name(name)).bytes())

    def exists(self, name: str) -> bool:
        try:
            with _translated():
                obstore.head(self._store, checked_name(name))
        except ObjectMissing:
            return False
        return True

    def delete(self, name: str) -> None:
        try:
            with _translated():
                obstore.delete(self._store, checked_name(name))
        except ObjectMissing:
            return

    def list_names(self, prefix: str = "") -> list[str]:
        with _translated():
            found = [
                meta["path"]
                for batch in obstore.list(self._store, prefix or None)
                for meta in batch
            ]
        return sorted(found)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into ours; their texts name paths and keys, so they are dropped."""
    try:
        yield
    except FileNotFoundError as problem:
        raise ObjectMissing("The file is not in the store.") from problem
    except AlreadyExistsError as problem:
        raise ObjectExists("There is a file of this name already.") from problem
    except (BaseError, OSError) as problem:
        raise StoreUnavailable("Files cannot be kept or read just now.") from problem


def _flush(folder: Path, name: str) -> None:
    """Make a new file and the folders on its way durable."""
    path = folder / name
    for place in (path, *path.parents):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if place == folder:
            return
