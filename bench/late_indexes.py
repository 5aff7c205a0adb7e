"""Fill tables first and build their indexes afterwards, which is many times quicker.

An index that PostgreSQL believes to be neither ready nor valid is not asked and gets no new lines;
REINDEX builds it from the table and checks what is unique. Foreign keys and the walls are not
looked at by a superuser whose session plays a replica, so only copies of right rows belong here.
"""

import contextlib
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

PAUSE = """
UPDATE pg_index SET indisready = false, indisvalid = false
WHERE indrelid = ANY (SELECT one::regclass FROM unnest(%(tables)s::text[]) one)
"""


@contextlib.contextmanager
def late_indexes(superuser_url: str, tables: Sequence[str]) -> Iterator[Connection]:
    """Yield a connection that writes the tables; build their indexes and count them at the end."""
    engine = create_engine(superuser_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(PAUSE, {"tables": list(tables)})
        yield connection
    lone = create_engine(superuser_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with lone.connect() as connection:
        connection.exec_driver_sql("SET maintenance_work_mem = '512MB'")
        for table in tables:
            connection.exec_driver_sql(f"REINDEX TABLE {table}")
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {table}")
