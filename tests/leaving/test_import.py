"""Exported, imported into an empty installation with other keys, and compared: nothing differs."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from app.audit.verify import verify_chain
from app.auth.passwords import verify_password
from app.auth.queries import find_login, list_memberships
from app.auth.services import create_person
from app.database import SYSTEM, TenantScope, tenant_scope, unit_of_work
from app.documents.files import read_document, store
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from app.kit.clock import now
from app.leaving.errors import ExportRefused
from app.leaving.export_reader import Export
from app.leaving.services.import_clinic import import_clinic
from app.leaving.tables import shape_of
from app.storage.errors import StoreUnavailable
from app.storage.object_store import Store
from app.vault import ShredList, is_shredded
from tests.factories.tenants import PASSWORD
from tests.leaving.conftest import Arrived
from tests.leaving.story import repacked, save, signed_again
from tests.leaving.whole_story import Whole

Rows = dict[str, dict[str, Any]]
CLOSE = text("SELECT door.close_grants(:consent)")
# What an import adds on purpose: its own events, which the chain of the new installation holds.
NEW_HERE = {"audit_event", "audit_link"}
# What belongs to an installation and not to a clinic: made anew under new keys.
OF_THE_KEYS = {"mac", "cipher_sha256"}


@pytest.fixture
def path(exported: bytes, tmp_path: Path) -> Path:
    return save(exported, tmp_path)


@pytest.fixture
def moved(arrived: Arrived) -> Iterator[uuid.UUID]:
    """The clinic in the second installation, whose context is entered."""
    with arrived.app.app_context():
        yield arrived.tenant_id


def rows_of(path: Path) -> dict[str, Rows]:
    """Return every row of an export by table and key, without what is of the keys alone."""
    export = Export(path)
    found: dict[str, Rows] = {}
    for table in export.schema["x-tables"]:
        key = export.schema["$defs"][table]["x-primary-key"]
        found[table] = {
            json.dumps([row[name] for name in key]): {
                name: value for name, value in row.items() if name not in OF_THE_KEYS
            }
            for row in export.rows(table)
        }
    export.close()
    return found


def files_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name[:6] == "files/"}


def readable(path: Path) -> list[uuid.UUID]:
    """Return the documents whose files an export holds: all but those of the erased."""
    with closing(Export(path)) as export:
        ids = [str(row["id"]) for row in export.rows("document")]
        found = [uuid.UUID(one) for one in ids if export.file_of("document", one)]
    assert 4 <= len(found) < len(ids)
    return found


def test_nothing_differs_after_moving(
    arrived: Arrived, exported: bytes, path: Path, tmp_path: Path
) -> None:
    before, after = rows_of(path), rows_of(save(arrived.export, tmp_path))
    assert set(before) == set(after)
    for table, rows in before.items():
        kept = {key: after[table].get(key) for key in rows}
        assert kept == rows, table
        assert table in NEW_HERE or set(after[table]) == set(rows), table
    assert files_of(arrived.export) == files_of(exported)
    assert len(files_of(exported)) >= 2


def test_every_seal_and_the_whole_chain_verify_elsewhere(
    moved: uuid.UUID, arrived: Arrived, path: Path
) -> None:
    trust = own_trust(arrived.app.config["SETTINGS"])
    with tenant_scope(moved, SYSTEM) as scope:
        for document_id in readable(path):
            report = verify_file(read_document(scope, document_id), trust)
            assert report.holds, report
        chain = verify_chain(scope)

    assert chain.holds, chain.findings
    assert chain.sealed > 10


def test_the_consent_gate_refuses_elsewhere_what_it_refused_here(
    moved: uuid.UUID, path: Path
) -> None:
    grant = next(iter(Export(path).rows("consent_grant")))
    treated = next(iter(Export(path).rows("treatment_area")))
    table = shape_of("treatment_area").table

    def treat(scope: TenantScope, line: int, **changes: Any) -> None:
        values = {**treated, "line": line, "at": now(), "recorded_at": now(), **changes}
        with scope.session.begin_nested():
            scope.session.execute(insert(table).values(**values))

    with tenant_scope(moved, SYSTEM) as scope:
        treat(scope, 50)
        for number, change in enumerate(
            (
                {"area": "elbow"},
                {"depth_um": grant["max_depth_um"] + 1},
                {"granted_um": grant["max_depth_um"] + 1},
                {"patient_id": uuid.uuid4()},
            ),
            51,
        ):
            with pytest.raises(IntegrityError):
                treat(scope, number, **change)
        scope.session.execute(CLOSE, {"consent": grant["consent_id"]})
        with pytest.raises(IntegrityError):
            treat(scope, 60)
        # Nothing of it stays: others look at the same installation.
        scope.session.rollback()


def test_people_keep_their_place_and_get_no_password(moved: uuid.UUID, told: Whole) -> None:
    with unit_of_work() as work:
        login = find_login(work.session, told.clinic.owner.email)
        assert login is not None
        places = list_memberships(work.session, login.person_id)

    assert [place.tenant_id for place in places] == [moved]
    assert not verify_password(login.password_hash, PASSWORD)


def test_an_account_that_is_there_already_is_taken(
    elsewhere: Flask, path: Path, told: Whole
) -> None:
    with elsewhere.app_context():
        with unit_of_work() as work:
            mine = create_person(
                work.session, email=told.clinic.owner.email, name="M", password=PASSWORD
            )
        done = import_clinic(path)
        with unit_of_work() as work:
            [place] = list_memberships(work.session, mine)

    assert place.tenant_id == done.tenant_id
    assert told.clinic.owner.email in done.matched


def test_the_same_clinic_comes_in_once(moved: uuid.UUID, path: Path) -> None:
    with pytest.raises(ExportRefused) as refused:
        import_clinic(path)

    assert "tenant_pkey" in str(refused.value.extra["problems"])


class DyingStore(Store):
    """A store that is cut off after some files: nothing of them can be taken back."""

    def __init__(self, kept: Store, most: int) -> None:
        self._kept, self._left = kept, most

    def put(self, name: str, data: bytes) -> str:
        self._left -= 1
        if self._left < 0:
            raise StoreUnavailable("The line is dead.")
        return self._kept.put(name, data)

    def exists(self, name: str) -> bool:
        return self._kept.exists(name)

    def delete(self, name: str) -> None:
        raise StoreUnavailable("The line is dead.")


def test_an_import_that_was_cut_off_is_made_good_by_the_next(
    elsewhere: Flask, exported: bytes, tmp_path: Path, told: Whole
) -> None:
    patient_id = told.ready.made.patient_id
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        about = json.loads(archive.read("export.json"))
    gone = {"patient": str(patient_id), "key": "marketing", "at": about["made_at"]}
    about["destroyed_keys"].append(gone)
    path = save(signed_again(exported, {"export.json": json.dumps(about).encode()}), tmp_path)
    own, shreds = (elsewhere.extensions[f"needlepoint_{name}"] for name in ("store", "shreds"))
    with elsewhere.app_context():
        elsewhere.extensions["needlepoint_store"] = DyingStore(own, 1)
        with pytest.raises(StoreUnavailable):
            import_clinic(path)
        elsewhere.extensions["needlepoint_store"] = own
        assert len(store().list_names()) == 1

        elsewhere.extensions["needlepoint_shreds"] = ShredList(DyingStore(own, 0), b"key")
        with pytest.raises(StoreUnavailable):
            import_clinic(path)
        elsewhere.extensions["needlepoint_shreds"] = shreds
        assert store().list_names() == []

        done = import_clinic(path)

        assert is_shredded(done.tenant_id, patient_id, "marketing")
        with tenant_scope(done.tenant_id, SYSTEM) as scope:
            assert all(read_document(scope, one) for one in readable(path))


def test_an_object_of_somebody_else_is_never_taken_over(elsewhere: Flask, path: Path) -> None:
    name = next(Export(path).rows("document"))["object_name"]
    with elsewhere.app_context():
        store().put(name, b"another clinic's file")

        with pytest.raises(ExportRefused) as refused:
            import_clinic(path)

        assert store().get(name) == b"another clinic's file"
    assert "A file of this name is here already" in str(refused.value.extra["problems"])


def refused_problems(elsewhere: Flask, data: bytes, folder: Path) -> str:
    """Return why an export is refused; nothing of it may have come in."""
    path = save(data, folder)
    with elsewhere.app_context():
        with pytest.raises(ExportRefused) as refused:
            import_clinic(path)
        assert store().list_names() == []
    return str(refused.value.extra["problems"])


def test_a_changed_file_is_refused_by_the_manifest(
    elsewhere: Flask, exported: bytes, tmp_path: Path
) -> None:
    name, data = next(iter(files_of(exported).items()))

    told = refused_problems(elsewhere, repacked(exported, **{name: data + b" "}), tmp_path)

    assert f"{name} was changed" in told


def test_a_file_beside_the_manifest_is_refused(
    elsewhere: Flask, exported: bytes, tmp_path: Path
) -> None:
    told = refused_problems(elsewhere, repacked(exported, **{"more.txt": b"x"}), tmp_path)

    assert "more.txt is not in the manifest" in told


def test_a_newer_schema_is_refused(elsewhere: Flask, exported: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        schema = json.loads(archive.read("schema.json"))
    schema["$defs"]["patient"]["properties"]["shoe_size"] = {}

    told = refused_problems(
        elsewhere, signed_again(exported, {"schema.json": json.dumps(schema).encode()}), tmp_path
    )

    assert "patient: shoe_size is not known here" in told


def test_half_a_download_is_refused(elsewhere: Flask, exported: bytes, tmp_path: Path) -> None:
    told = refused_problems(elsewhere, exported[: len(exported) // 2], tmp_path)

    assert "not a whole zip file" in told


def test_the_command_imports_and_says_who_came(elsewhere: Flask, path: Path, told: Whole) -> None:
    done = elsewhere.test_cli_runner().invoke(args=["clinic", "import", str(path)])

    assert done.exit_code == 0, done.output
    assert str(told.clinic.tenant_id) in done.output
    assert told.clinic.owner.email in done.output
