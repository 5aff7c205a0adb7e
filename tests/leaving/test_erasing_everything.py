"""A clinic in which everything happened is erased: no row, file or key of it stays anywhere."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.config import Settings
from app.database.install import DatabaseUrls
from app.documents.files import store
from app.kit.clock import now
from app.leaving.services.ask_to_leave import ask_to_leave
from app.leaving.tables import all_tables
from app.vault import KeyShredded
from app.vault.keys import ring
from stampsim import server as stampsim
from stripesim import server as stripesim
from tests.factories.tenants import MadeClinic
from tests.leaving.story import export_of, tell_story
from tests.leaving.test_leaving import NAME, erase, let_time_pass, rows_left
from tests.leaving.whole_story import tell_whole_story
from tests.support.engines import superuser_engine

PEOPLE = "SELECT person_id FROM control.membership WHERE tenant_id = :t"
KEYS = "SELECT count(*), count(wrapped) FROM {} WHERE tenant_id = :t"
# What stays outside on purpose: hashes of heads, and that keys were destroyed.
KEPT_OUTSIDE = ("audit/anchors/", "shreds/")


@pytest.fixture
def superuser(admin_url: str, urls: DatabaseUrls) -> Iterator[Engine]:
    engine = superuser_engine(admin_url, urls.app)
    yield engine
    engine.dispose()


@pytest.fixture
def keys(admin_url: str, urls: DatabaseUrls) -> Iterator[Engine]:
    """The key store, as the server's superuser sees it."""
    engine = superuser_engine(admin_url, urls.keys)
    yield engine
    engine.dispose()


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    """A clinic with a row in every table, and an export that nobody has fetched yet."""
    sim, stamps = stripesim.start(), stampsim.start()
    try:
        made = tell_whole_story(context, sim, stamps).clinic
        export_of(context, made)
    finally:
        stamps.stop()
        sim.stop()
    return made


def rows_of_others(superuser: Engine, clinic: MadeClinic) -> dict[str, int]:
    """Return how many rows every other clinic has, table by table."""
    with superuser.connect() as connection:
        return {
            name: connection.execute(
                text(f"SELECT count(*) FROM {name} WHERE tenant_id <> :t"),
                {"t": clinic.tenant_id},
            ).scalar_one()
            for name in all_tables()
        }


def tables_with_rows(superuser: Engine, clinic: MadeClinic) -> set[str]:
    return {name.removeprefix("public.") for name in rows_left(superuser, clinic.tenant_id)}


def files_that_name(home: Path, clinic: MadeClinic) -> list[str]:
    """Return every file of the installation whose name or text names a clinic."""
    marks = (str(clinic.tenant_id), clinic.tenant_id.hex)
    found = []
    for path in (one for one in home.rglob("*") if one.is_file()):
        name, data = path.relative_to(home).as_posix(), path.read_bytes()
        if any(place in name for place in KEPT_OUTSIDE):
            continue
        if any(mark in name or mark.encode() in data for mark in marks):
            found.append(name)
    return found


def test_the_whole_story_leaves_a_tombstone_and_nothing_else(
    context: Flask,
    settings: Settings,
    superuser: Engine,
    keys: Engine,
    clinic: MadeClinic,
) -> None:
    other = tell_story().clinic
    before = set(store().list_names())
    assert set(all_tables()) - tables_with_rows(superuser, clinic) == set()
    with superuser.connect() as connection:
        people = connection.scalars(text(PEOPLE), {"t": clinic.tenant_id}).all()
    others, theirs = rows_of_others(superuser, clinic), objects_of(superuser, other)
    own, held = objects_of(superuser, clinic), keys_left(keys, clinic.tenant_id)
    assert all(with_key for _, with_key in held.values())
    assert len(own) > 20
    with clinic.scope() as scope:
        ask_to_leave(scope, typed_name=NAME)
    let_time_pass(superuser, clinic)

    erase(clinic)

    left = set(store().list_names())
    with pytest.raises(KeyShredded):
        ring().clinic_key(clinic.tenant_id)
    assert rows_left(superuser, clinic.tenant_id) == {"control.tombstone": 1}
    assert [one for one in people if rows_left(superuser, one)] == []
    # That there was a key stays, so that no restore and no import brings it back.
    assert keys_left(keys, clinic.tenant_id) == {name: (one[0], 0) for name, one in held.items()}
    assert left & own == set()
    assert before - left == own
    assert files_that_name(settings.home, clinic) == []
    assert rows_of_others(superuser, clinic) == others
    assert theirs <= left
    assert keys_left(keys, other.tenant_id)["clinic_key"] == (1, 1)
    window = backups_end(superuser, clinic) - now()
    assert abs(window - timedelta(days=settings.backup_days)) < timedelta(minutes=5)


def objects_of(superuser: Engine, clinic: MadeClinic) -> set[str]:
    """Return the names of all stored objects that any row of a clinic knows."""
    found: set[str] = set()
    with superuser.connect() as connection:
        tables = connection.scalars(
            text(
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND column_name = 'object_name'"
            )
        ).all()
        for table in tables:
            sql = f"SELECT object_name FROM {table} WHERE tenant_id = :t AND object_name <> ''"
            found |= set(connection.scalars(text(sql), {"t": clinic.tenant_id}))
    return {name for name in found if store().exists(name)}


def keys_left(keys: Engine, tenant_id: uuid.UUID) -> dict[str, tuple[int, int]]:
    """Return for each table of keys how many rows a clinic has, and how many hold a key."""
    with keys.connect() as connection:
        return {
            name: tuple(connection.execute(text(KEYS.format(name)), {"t": tenant_id}).one())
            for name in ("clinic_key", "patient_key")
        }


def backups_end(superuser: Engine, clinic: MadeClinic) -> object:
    sql = "SELECT backups_end_at FROM control.tombstone WHERE tenant_id = :t"
    with superuser.connect() as connection:
        return connection.scalar(text(sql), {"t": clinic.tenant_id})
