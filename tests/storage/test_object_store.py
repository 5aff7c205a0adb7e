"""The store keeps what it is given, says so when it cannot, and never overwrites."""

import hashlib
from pathlib import Path

import pytest

from app.storage.errors import ObjectDamaged, ObjectExists, ObjectMissing, StoreUnavailable
from app.storage.object_store import Store, new_object_name, open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def store(folder: Path) -> Store:
    return open_store(f"file://{folder}")


def test_what_was_put_is_read_again_with_its_hash(store):
    name = new_object_name("documents")

    digest = store.put(name, b"sealed")

    assert store.get(name) == b"sealed"
    assert digest == hashlib.sha256(b"sealed").hexdigest()
    assert store.exists(name)
    assert store.list_names("documents") == [name]


def test_names_are_random_and_say_only_their_kind():
    names = {new_object_name("documents") for _ in range(1000)}

    assert len(names) == 1000
    assert all(name.startswith("documents/") for name in names)


def test_an_object_is_never_overwritten(store):
    store.put("documents/aa/one", b"first")

    with pytest.raises(ObjectExists):
        store.put("documents/aa/one", b"second")

    assert store.get("documents/aa/one") == b"first"


def test_a_missing_object_is_named_as_missing(store):
    with pytest.raises(ObjectMissing):
        store.get("documents/aa/none")
    assert not store.exists("documents/aa/none")


def test_deleting_twice_is_no_error(store):
    store.put("documents/aa/one", b"first")

    store.delete("documents/aa/one")
    store.delete("documents/aa/one")

    assert store.list_names() == []


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../b", "", "A", "a//b", "a" * 300])
def test_a_name_cannot_leave_its_place(store, name):
    with pytest.raises(ValueError, match="plain lower-case name"):
        store.put(name, b"x")


def test_a_store_that_turned_into_a_file_is_unavailable(store, folder):
    folder.rmdir()
    folder.write_bytes(b"not a folder any more")

    with pytest.raises(StoreUnavailable) as caught:
        store.put("documents/aa/one", b"first")

    assert str(folder) not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StoreUnavailable):
        open_store(f"file://{tmp_path}/file/objects")


def test_a_bucket_that_does_not_answer_is_unavailable(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")

    with pytest.raises(StoreUnavailable):
        open_store("s3://bucket/prefix").put("documents/aa/one", b"first")


@pytest.mark.parametrize("url", ["http://127.0.0.1/x", "relative/folder", "s3://", "memory:///"])
def test_another_address_is_refused(url):
    with pytest.raises(ValueError, match="file:///"):
        open_store(url)


class TestReadingAfterWriting:
    """A disk that lies is a place where the path of the new object leads elsewhere."""

    def test_an_object_that_reads_differently_is_refused(self, folder):
        class Lying(Store):
            def get(self, name: str) -> bytes:
                return super().get(name)[:-1]

        honest = open_store(f"file://{folder}")
        lying = Lying(honest._store, folder)

        with pytest.raises(ObjectDamaged):
            lying.put("documents/aa/one", b"first")
