"""Migration words for tenant tables: the one policy, privileges, and foreign keys under the walls.

Adding or validating a foreign key as the owner under FORCE either fails on empty tables or succeeds
while other clinics' rows are orphans. So ``add_tenant_fk`` lifts FORCE on both tables, adds the
key, and forces again, in the migration's transaction. Order: tables, (distribute), foreign keys,
walls.
"""

from collections.abc import Sequence
from typing import Any

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, Operations
from sqlalchemy import text

APP_ROLE = "needlepoint_app"
OWNER_ROLE = "needlepoint_owner"
RESOLVER_ROLE = "needlepoint_resolver"
WORKER_ROLE = "needlepoint_worker"
BACKUP_ROLE = "needlepoint_backup"
POLICY = "tenant_id = current_setting('app.tenant_id')::uuid"


@Operations.register_operation("add_tenant_fk")
class AddTenantFk(MigrateOperation):
    """Add a composite foreign key between two tables of a clinic."""

    def __init__(
        self, name: str, table: str, target: str, columns: Sequence[str], targets: Sequence[str]
    ) -> None:
        self.name, self.table, self.target = name, table, target
        self.columns, self.targets = tuple(columns), tuple(targets)

    @classmethod
    def add_tenant_fk(
        cls,
        operations: Operations,
        name: str,
        table: str,
        target: str,
        columns: Sequence[str],
        targets: Sequence[str],
    ) -> None:
        """Run the operation in a migration."""
        operations.invoke(cls(name, table, target, columns, targets))


@Operations.register_operation("raise_tenant_wall")
class RaiseTenantWall(MigrateOperation):
    """Force row-level security on a table and grant the application what it may do."""

    def __init__(
        self,
        table: str,
        append_only: bool = False,
        updatable: Sequence[str] | None = None,
        deletable: bool = False,
    ) -> None:
        self.table, self.append_only, self.deletable = table, append_only, deletable
        self.updatable = None if updatable is None else tuple(updatable)

    @classmethod
    def raise_tenant_wall(
        cls,
        operations: Operations,
        table: str,
        append_only: bool = False,
        updatable: Sequence[str] | None = None,
        deletable: bool = False,
    ) -> None:
        """Run the operation in a migration."""
        operations.invoke(cls(table, append_only, updatable, deletable))


@Operations.register_operation("spread_tables")
class SpreadTables(MigrateOperation):
    """On a distributed server, spread the clinics' tables and copy the control plane to all nodes.

    Must come before foreign keys: tables that have them already can no longer be spread. On an
    ordinary PostgreSQL it does nothing.
    """

    @classmethod
    def spread_tables(cls, operations: Operations) -> None:
        """Run the operation in a migration."""
        operations.invoke(cls())


# Tables that are not yet spread: those with a clinic by clinic, the control plane as copies.
SPREAD = text("""
SELECT CASE WHEN n.nspname = 'control'
            THEN format('SELECT create_reference_table(%L)', c.oid::regclass)
            ELSE format('SELECT create_distributed_table(%L, ''tenant_id'')', c.oid::regclass) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname IN ('control', 'public') AND c.relname <> 'alembic_version'
  AND NOT EXISTS (SELECT 1 FROM pg_dist_partition d WHERE d.logicalrelid = c.oid)
ORDER BY n.nspname, c.relname
""")


@Operations.implementation_for(SpreadTables)
def _spread_tables(operations: Operations, _op: SpreadTables) -> None:
    bind = operations.get_bind()
    found = bind.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'citus'").scalar()
    if not found:
        return
    for (statement,) in bind.execute(SPREAD).all():
        bind.exec_driver_sql(statement)


@Operations.implementation_for(AddTenantFk)
def _add_tenant_fk(operations: Operations, op: AddTenantFk) -> None:
    both = dict.fromkeys((op.table, op.target))
    forced = [name for name in both if _is_forced(operations, name)]
    for name in forced:
        operations.execute(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
    operations.execute(
        f"ALTER TABLE {op.table} ADD CONSTRAINT {op.name} FOREIGN KEY ({', '.join(op.columns)}) "
        f"REFERENCES {op.target} ({', '.join(op.targets)})"
    )
    for name in forced:
        operations.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")


def _is_forced(operations: Operations, table: str) -> bool:
    found = operations.get_bind().exec_driver_sql(
        "SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass(%s)", (table,)
    )
    return bool(found.scalar())


@Operations.implementation_for(RaiseTenantWall)
def _raise_tenant_wall(operations: Operations, op: RaiseTenantWall) -> None:
    for statement in wall_statements(op, _columns_beside_the_key(operations, op.table)):
        operations.execute(statement)


def _columns_beside_the_key(operations: Operations, table: str) -> list[str]:
    found = operations.get_bind().exec_driver_sql(
        "SELECT a.attname FROM pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid"
        " WHERE a.attrelid = to_regclass(%s) AND i.indisprimary AND a.attnum > 0"
        " AND NOT a.attisdropped AND a.attgenerated = '' AND a.attnum <> ALL (i.indkey)"
        " ORDER BY a.attnum",
        (table,),
    )
    return [str(name) for name in found.scalars()]


def wall_statements(op: RaiseTenantWall, beside_the_key: Sequence[str]) -> list[str]:
    """Return the SQL of one table's wall: policy first, then the least privileges.

    A key never changes: rights to update are given by column, also where all others may change.
    """
    statements = [
        f"ALTER TABLE {op.table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {op.table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant_wall ON {op.table} FOR ALL USING ({POLICY}) WITH CHECK ({POLICY})",
        f"GRANT SELECT, INSERT ON {op.table} TO {APP_ROLE}",
        f"GRANT SELECT ON {op.table} TO {BACKUP_ROLE}",
        # Only door.erase_table deletes by this right, and only for a clinic whose time is over.
        f"GRANT DELETE, SELECT (tenant_id) ON {op.table} TO {RESOLVER_ROLE}",
    ]
    updatable = beside_the_key if op.updatable is None else op.updatable
    if updatable and not op.append_only:
        columns = ", ".join(updatable)
        statements.append(f"GRANT UPDATE ({columns}) ON {op.table} TO {APP_ROLE}")
    if op.deletable:
        statements.append(f"GRANT DELETE ON {op.table} TO {APP_ROLE}")
    return statements


@renderers.dispatch_for(AddTenantFk)
def _render_fk(_context: AutogenContext, op: AddTenantFk) -> str:
    return (
        f"op.add_tenant_fk({op.name!r}, {op.table!r}, {op.target!r}, "
        f"{list(op.columns)!r}, {list(op.targets)!r})"
    )


@renderers.dispatch_for(SpreadTables)
def _render_spread(_context: AutogenContext, _op: SpreadTables) -> str:
    return "op.spread_tables()"


@renderers.dispatch_for(RaiseTenantWall)
def _render_wall(_context: AutogenContext, op: RaiseTenantWall) -> str:
    options: dict[str, Any] = {
        "append_only": op.append_only,
        "updatable": op.updatable,
        "deletable": op.deletable,
    }
    given = "".join(f", {name}={value!r}" for name, value in options.items() if value)
    return f"op.raise_tenant_wall({op.table!r}{given})"
