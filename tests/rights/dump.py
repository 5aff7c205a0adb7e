"""Look for words in a whole installation: every table as superuser, every file with every key."""

import uuid
from collections.abc import Iterable, Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from app.config import Settings
from app.vault.keys import NotReadable, decrypt, ring

TABLES = text(
    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
)
KEYS = text(
    "SELECT patient_id, retention FROM patient_key WHERE tenant_id = :t AND wrapped IS NOT NULL"
)


def tables_that_hold(admin_url: str, settings: Settings, words: Iterable[str]) -> list[str]:
    """Return "table: word" for every row of every table that holds a word, plain or as bytes."""
    found = []
    wanted = {one.lower() for one in words}
    url = make_url(admin_url).set(database=make_url(settings.database_url).database)
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        for table in connection.execute(TABLES).scalars().all():
            for row in connection.execute(text(f"SELECT t::text FROM {table} t")).scalars():
                low = row.lower()
                found += [
                    f"{table}: {word}"
                    for word in wanted
                    if word in low or word.encode().hex() in low
                ]
    engine.dispose()
    return sorted(set(found))


def opened_files(
    app: Flask, settings: Settings, tenant_id: uuid.UUID
) -> Iterator[tuple[str, bytes]]:
    """Yield every stored file that a remaining key of the clinic opens, with its plaintext."""
    engine = create_engine(settings.keys_url, poolclass=NullPool)
    with engine.connect() as connection:
        left = [(row[0], row[1]) for row in connection.execute(KEYS, {"t": tenant_id})]
    engine.dispose()
    store = app.extensions["needlepoint_store"]
    for name in store.list_names():
        data = store.get(name)
        for patient_id, retention in left:
            cipher = AESGCM(ring().patient_key(tenant_id, patient_id, retention))
            context = "|".join(map(str, (tenant_id, patient_id, retention, "object", name)))
            try:
                yield name, decrypt(cipher, data, context.encode())
            except NotReadable:
                continue
