"""What the database's own catalogue says about the walls: one question per rule.

Each question returns the names of what breaks the rule, so that an empty list is the good answer.
"""

from sqlalchemy import Connection, text

WALL = "(tenant_id = (current_setting('app.tenant_id'::text))::uuid)"
# Tables without a clinic in the clinics' schema, and why.
WITHOUT_TENANT = {"alembic_version": "the migrations' own bookmark; the application cannot read it"}

QUESTIONS: dict[str, str] = {
    "a table without a tenant_id": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p', 'f') AND c.relname <> 'alembic_version' AND NOT EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
            AND a.atttypid = 'uuid'::regtype AND a.attnotnull AND a.attnum = 1)""",
    "row-level security not enabled and forced": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity)""",
    "not exactly one policy": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
        AND (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) <> 1""",
    "a policy with another text": f"""
        SELECT p.polrelid::regclass::text || ': ' || p.polname FROM pg_policy p
        WHERE NOT (p.polpermissive AND p.polcmd = '*' AND p.polroles = '{{0}}'
            AND pg_get_expr(p.polqual, p.polrelid) = $${WALL}$$
            AND pg_get_expr(p.polwithcheck, p.polrelid) = $${WALL}$$)""",
    "a key or index that does not lead with tenant_id": """
        SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
        AND (SELECT a.attname FROM pg_attribute a
             WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0])
            IS DISTINCT FROM 'tenant_id'""",
    "a table without a primary key": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p') AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)""",
    "a foreign key that does not carry the clinic": """
        SELECT k.conname FROM pg_constraint k WHERE k.contype = 'f'
        AND k.connamespace = 'public'::regnamespace AND NOT (
            k.confrelid::regclass::text NOT LIKE '%.%' AND cardinality(k.conkey) > 1
            AND (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid
                 AND attnum = k.conkey[1]) = 'tenant_id'
            AND (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid
                 AND attnum = k.confkey[1]) = 'tenant_id')""",
    "a foreign key that acts or is not enforced": """
        SELECT k.conname FROM pg_constraint k WHERE k.contype = 'f'
        AND k.connamespace = 'public'::regnamespace
        AND NOT (k.confdeltype = 'a' AND k.confupdtype = 'a' AND k.convalidated AND k.conenforced
                 AND NOT k.condeferrable)""",
    "a constraint that is not validated": """
        SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        AND NOT (convalidated AND conenforced)""",
    "a trigger of ours": """
        SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace <> 'queue'::regnamespace""",
    "a rule": """
        SELECT r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE c.relkind <> 'v' AND c.relnamespace NOT IN
            ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)""",
    "a column whose type cannot be searched behind the wall": """
        SELECT a.attrelid::regclass::text || '.' || a.attname FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
        AND NOT a.attisdropped AND (t.typtype IN ('e', 'd') OR t.typname IN
            ('numeric', 'money', 'float4', 'float8', 'timestamp', 'time', 'varchar', 'bpchar')
            OR (t.typtype = 'r' AND a.attname NOT IN ('valid', 'moment')))
        AND c.relname <> 'alembic_version'""",
    "an instant or a depth that is not kept as it should be": """
        SELECT a.attrelid::regclass::text || '.' || a.attname FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND (
            a.attname LIKE '%\\_at' AND a.atttypid <> 'timestamptz'::regtype
            OR a.attname LIKE '%\\_on' AND a.atttypid <> 'date'::regtype
            OR a.attname LIKE '%\\_um' AND a.atttypid <> 'integer'::regtype
            OR a.attname LIKE '%\\_minor' AND a.atttypid NOT IN
                ('bigint'::regtype, 'integer'::regtype))""",
    "a view that does not ask as its caller": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'v' AND n.nspname IN ('public', 'door', 'control')
        AND NOT coalesce(c.reloptions::text[] @> ARRAY['security_invoker=true'], false)""",
    "a materialised view": "SELECT c.relname FROM pg_class c WHERE c.relkind = 'm'",
    "a sequence in the clinics' schema": """
        SELECT c.relname FROM pg_class c
        WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace""",
    "a definer function outside the doors": """
        SELECT p.oid::regprocedure::text FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname NOT IN ('door', 'pg_catalog')""",
    "a door that is not the resolver's or has no fixed search_path": """
        SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'door'::regnamespace
        AND NOT (p.prosecdef AND pg_get_userbyid(p.proowner) = 'needlepoint_resolver'
            AND EXISTS (SELECT FROM unnest(p.proconfig) AS one
                        WHERE one ~ '^search_path=(control|public|queue), pg_temp$'))""",
    "a door that others than the application may open": """
        SELECT p.oid::regprocedure::text || ' ' || coalesce(r.rolname, 'PUBLIC')
        FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS given
        LEFT JOIN pg_roles r ON r.oid = given.grantee
        WHERE p.pronamespace = 'door'::regnamespace
        AND coalesce(r.rolname, 'PUBLIC') NOT IN ('needlepoint_app', 'needlepoint_resolver')""",
    "something of ours that everybody may use": """
        SELECT c.oid::regclass::text FROM pg_class c, aclexplode(c.relacl) AS given
        WHERE given.grantee = 0 AND c.relnamespace IN (SELECT oid FROM pg_namespace
            WHERE nspname IN ('public', 'control', 'door', 'queue'))""",
    "a right of the application beyond its schemas": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('control', 'queue') AND c.relkind IN ('r', 'p', 'v')
        AND (has_any_column_privilege('needlepoint_app', c.oid, 'SELECT, INSERT, UPDATE')
             OR has_table_privilege('needlepoint_app', c.oid, 'DELETE, TRUNCATE, REFERENCES'))
        UNION ALL SELECT nspname FROM pg_namespace WHERE nspname IN ('control', 'queue')
            AND has_schema_privilege('needlepoint_app', oid, 'USAGE, CREATE')""",
    "a right of the application to shape tables": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p') AND has_table_privilege(
            'needlepoint_app', c.oid, 'TRUNCATE, REFERENCES, TRIGGER, MAINTAIN')""",
    "a right to grant rights on": """
        SELECT c.relname FROM pg_class c, aclexplode(c.relacl) AS given
        WHERE given.is_grantable AND given.grantee <> c.relowner
        AND c.relnamespace = 'public'::regnamespace""",
    "a right of the worker outside the queue": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'control', 'door') AND c.relkind IN ('r', 'p', 'v')
        AND (has_any_column_privilege('needlepoint_worker', c.oid, 'SELECT, INSERT, UPDATE')
             OR has_table_privilege('needlepoint_worker', c.oid, 'DELETE, TRUNCATE'))""",
    "a right of the backup beyond reading": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'control', 'queue') AND c.relkind IN ('r', 'p')
        AND (has_any_column_privilege('needlepoint_backup', c.oid, 'INSERT, UPDATE')
             OR has_table_privilege('needlepoint_backup', c.oid, 'DELETE, TRUNCATE'))""",
    "a table that the backup would miss": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'control', 'queue') AND c.relkind IN ('r', 'p')
        AND NOT has_table_privilege('needlepoint_backup', c.oid, 'SELECT')""",
    "a right of the resolver on a clinic's table that no door needs": """
        SELECT c.relname || ' ' || given.privilege_type
        FROM pg_class c, aclexplode(c.relacl) AS given
        WHERE given.grantee = 'needlepoint_resolver'::regrole
        AND c.relnamespace = 'public'::regnamespace AND (c.relname, given.privilege_type) NOT IN (
            ('consent_grant', 'SELECT'), ('consent_grant', 'UPDATE'), ('treatment_area', 'SELECT'))
        AND given.privilege_type <> 'DELETE'  -- door.erase_table, for a clinic that has left
        """,
    "a table that is not the owner's": """
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'control') AND c.relkind IN ('r', 'p')
        AND pg_get_userbyid(c.relowner) <> 'needlepoint_owner'""",
}


def breaches(connection: Connection, rule: str) -> list[str]:
    """Return the names of what breaks a rule."""
    return sorted(
        str(name) for name in connection.scalars(text(QUESTIONS[rule].replace(":", r"\:")))
    )
