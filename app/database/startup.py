"""Refuse to start where the walls would not hold: an old server, or a role that could bypass
them."""

from sqlalchemy import Connection, text

OLDEST_SERVER = 180000
ROLE = text(
    "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
    " FROM pg_roles WHERE rolname = current_user"
)
OWNS = text(
    "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
    " WHERE r.rolname = current_user AND c.relnamespace = 'public'::regnamespace"
)
# Membership in a stronger role would let SET ROLE walk round everything checked above.
STRONGER = text(
    "SELECT count(*) FROM pg_roles r WHERE (r.rolsuper OR r.rolbypassrls OR r.rolname IN"
    " ('needlepoint_owner', 'needlepoint_resolver', 'needlepoint_platform', 'pg_read_server_files',"
    " 'pg_write_server_files', 'pg_execute_server_program'))"
    " AND r.rolname <> current_user AND pg_has_role(current_user, r.oid, 'MEMBER')"
)
TOO_MUCH = text(
    "SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
    " AND c.relkind IN ('r', 'p') AND (has_table_privilege(c.oid, 'TRUNCATE')"
    " OR has_table_privilege(c.oid, 'REFERENCES') OR has_table_privilege(c.oid, 'TRIGGER'))"
)
UNWALLED = text(
    "SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
    " AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'"
    " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
)
# Policies add up: a second one would open what the wall closes.
OTHER_POLICIES = text(
    "SELECT count(*) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
    " WHERE c.relnamespace = 'public'::regnamespace AND p.polname <> 'tenant_wall'"
)


class UnsafeDatabase(Exception):
    """The database or the role is not one that the walls hold against; the text says why."""


def refuse_unsafe_database(connection: Connection) -> None:
    """Raise UnsafeDatabase unless server and role are safe to serve patients with."""
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if version < OLDEST_SERVER:
        raise UnsafeDatabase(f"PostgreSQL 18 or newer is needed; this server is {version}.")
    role = connection.execute(ROLE).mappings().one()
    rights = [name for name, given in role.items() if name != "rolname" and given]
    if rights:
        raise UnsafeDatabase(f"The role {role['rolname']} has {', '.join(rights)}.")
    for statement, sentence in (
        (STRONGER, "The role is a member of a role that can bypass row-level security."),
        (OWNS, "The role owns tables, so it could take the walls down."),
        (TOO_MUCH, "The role may truncate, refer to or hook into tables."),
        (UNWALLED, "A table has no forced row-level security."),
        (OTHER_POLICIES, "A table has another policy beside its wall."),
    ):
        if connection.execute(statement).scalar_one():
            raise UnsafeDatabase(sentence)
    if connection.exec_driver_sql("SELECT has_schema_privilege('public', 'CREATE')").scalar_one():
        raise UnsafeDatabase("The role may create objects in the schema of the clinics' tables.")
