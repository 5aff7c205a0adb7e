"""The doors: every way from the application into the control plane and the narrowing of grants.

Each is a SECURITY DEFINER function with a fixed search_path, owned by the resolver role, executable
by the application alone. The list is complete; the catalogue lint compares it.
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
FILES = (
    "doors_people.sql",
    "doors_sessions.sql",
    "doors_accounts.sql",
    "doors_addresses.sql",
    "doors_secrets.sql",
    "doors_clinic.sql",
    "doors_grants.sql",
    "doors_leaving.sql",
)

OWN_AND_RESTRICT = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT p.oid::regprocedure AS signature FROM pg_proc p
               WHERE p.pronamespace = 'door'::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO needlepoint_resolver', one.signature);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one.signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO needlepoint_app', one.signature);
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Build every door and hand it to the resolver."""
    for name in FILES:
        op.execute((SQL / name).read_text())
    op.execute("GRANT CREATE ON SCHEMA door TO needlepoint_resolver")
    op.execute(OWN_AND_RESTRICT)
    op.execute("REVOKE CREATE ON SCHEMA door FROM needlepoint_resolver")
    op.execute("GRANT SELECT, UPDATE, DELETE ON consent_grant TO needlepoint_resolver")
    op.execute("GRANT SELECT ON treatment_area TO needlepoint_resolver")


def downgrade() -> None:
    """Take the doors away."""
    op.execute("REVOKE ALL ON consent_grant, treatment_area FROM needlepoint_resolver")
    op.execute("DROP SCHEMA door CASCADE")
    op.execute("CREATE SCHEMA door")
    op.execute("GRANT USAGE ON SCHEMA door TO needlepoint_app, needlepoint_resolver")
