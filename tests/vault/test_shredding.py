"""A destroyed key stays destroyed, also when an old key store comes back from a backup."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from app.database import TenantScope
from app.database.install import DatabaseUrls
from app.storage.errors import StoreUnavailable
from app.vault import (
    KeyShredded,
    NotReadable,
    decrypt_field,
    encrypt_field,
    reapply_shreds,
    renew_key,
    seal_for_clinic,
    shred_clinic,
    shred_patient,
)
from tests.factories.tenants import make_clinic

SECRET = "Takes warfarin since March."


@pytest.fixture
def scope(context: Flask) -> Any:
    with make_clinic().scope() as entered:
        yield entered


@pytest.fixture
def key_store(urls: DatabaseUrls) -> Iterator[Engine]:
    engine = create_engine(urls.keys, poolclass=NullPool)
    yield engine
    engine.dispose()


def place(patient_id: uuid.UUID, retention: str = "clinical") -> dict[str, Any]:
    return {
        "patient_id": patient_id,
        "place": "patient.health_note",
        "row_id": patient_id,
        "retention": retention,
    }


def backup(engine: Engine, tenant_id: uuid.UUID) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT * FROM patient_key WHERE tenant_id = :t"), {"t": tenant_id}
        )
        return [dict(row._mapping) for row in rows]


def restore(engine: Engine, rows: list[dict[str, Any]]) -> None:
    with engine.begin() as connection:
        for row in rows:
            connection.execute(
                text(
                    "UPDATE patient_key SET wrapped = :wrapped, shredded_at = :shredded_at"
                    " WHERE tenant_id = :tenant_id AND patient_id = :patient_id"
                    " AND retention = :retention"
                ),
                row,
            )


def test_an_old_key_store_is_put_right_by_the_list_kept_outside(
    app: Flask, scope: TenantScope, key_store: Engine
) -> None:
    patient = uuid.uuid4()
    cipher = encrypt_field(scope, **place(patient), text=SECRET)
    old = backup(key_store, scope.tenant_id)
    shred_patient(scope.tenant_id, patient, "clinical")
    restore(key_store, old)
    assert decrypt_field(scope, **place(patient), cipher=cipher) == SECRET

    done = app.test_cli_runner().invoke(args=["keys", "reapply-shreds"])

    assert done.exit_code == 0, done.output
    assert "keys destroyed again" in done.output
    with pytest.raises(KeyShredded):
        decrypt_field(scope, **place(patient), cipher=cipher)


def test_applying_the_list_twice_changes_nothing_more(scope: TenantScope) -> None:
    shred_patient(scope.tenant_id, uuid.uuid4(), "clinical")
    reapply_shreds()

    assert reapply_shreds().destroyed == 0


def test_a_forged_entry_destroys_nothing_and_is_named(app: Flask, scope: TenantScope) -> None:
    patient = uuid.uuid4()
    cipher = encrypt_field(scope, **place(patient), text=SECRET)
    listed = app.extensions["needlepoint_shreds"]
    name = f"shreds/{scope.tenant_id}/{patient}.clinical.20990101000000000000"
    body = (
        f'{{"at":"2099-01-01T00:00:00.000000+00:00","clinic":"{scope.tenant_id}",'
        f'"patient":"{patient}","retention":"clinical"}}\n' + "0" * 64 + "\n"
    )
    listed._store.put(name, body.encode())

    done = app.test_cli_runner().invoke(args=["keys", "reapply-shreds"])
    listed._store.delete(name)

    assert done.exit_code == 1
    assert name in done.output
    assert decrypt_field(scope, **place(patient), cipher=cipher) == SECRET


def test_a_patient_who_comes_back_gets_a_fresh_contact_key(scope: TenantScope) -> None:
    patient = uuid.uuid4()
    old = encrypt_field(scope, **place(patient, "contact"), text=SECRET)
    shred_patient(scope.tenant_id, patient, "contact")
    renew_key(scope.tenant_id, patient, "contact")

    fresh = encrypt_field(scope, **place(patient, "contact"), text="new")
    reapply_shreds()

    assert decrypt_field(scope, **place(patient, "contact"), cipher=fresh) == "new"
    with pytest.raises(NotReadable):
        decrypt_field(scope, **place(patient, "contact"), cipher=old)


def test_a_clinical_record_is_never_begun_again(scope: TenantScope) -> None:
    with pytest.raises(ValueError, match="never begun again"):
        renew_key(scope.tenant_id, uuid.uuid4(), "clinical")


def test_a_clinic_whose_key_was_destroyed_gets_no_new_one(scope: TenantScope) -> None:
    patient = uuid.uuid4()
    cipher = encrypt_field(scope, **place(patient), text=SECRET)

    shred_clinic(scope.tenant_id)

    with pytest.raises(KeyShredded):
        decrypt_field(scope, **place(patient), cipher=cipher)
    with pytest.raises(KeyShredded):
        seal_for_clinic(scope, place="x.y", row_id=patient, text=SECRET)


def test_a_list_that_cannot_be_written_leaves_the_key(app: Flask, scope: TenantScope) -> None:
    patient = uuid.uuid4()
    cipher = encrypt_field(scope, **place(patient), text=SECRET)
    listed = app.extensions["needlepoint_shreds"]
    folder = listed._store._folder
    listed._store._folder = folder / "gone"
    try:
        with pytest.raises(StoreUnavailable):
            shred_patient(scope.tenant_id, patient, "clinical")
    finally:
        listed._store._folder = folder

    assert decrypt_field(scope, **place(patient), cipher=cipher) == SECRET
