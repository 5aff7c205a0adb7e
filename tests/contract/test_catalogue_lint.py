"""The walls as the migrated database itself describes them.

Each rule is asked of the real schema, where nothing may break it, and of a schema that was broken
on purpose, where the rule must speak: a lint that cannot fail proves nothing.
"""

import pytest
from sqlalchemy import Connection, Table, text

from app.database import Base
from app.database.ddl import APP_ROLE
from tests.support.catalogue_lint import QUESTIONS, WITHOUT_TENANT, breaches

DOORS = {
    "active_tenants()",
    "all_gone()",
    "all_tenants()",
    "add_membership(wanted_person uuid, wanted_staff uuid)",
    "add_passkey(new_id uuid, wanted_person uuid, new_credential bytea, new_key bytea,"
    " count bigint, new_name text, backed_up boolean, at_time timestamp with time zone)",
    "begin_erasing()",
    "begin_leaving()",
    "bind_stripe_account(wanted_account text)",
    "cancel_leaving()",
    "erase_table(wanted_table text)",
    "find_leaving()",
    "finish_leaving(new_name_sha256 bytea, last_seq bigint, last_hash bytea,"
    " backups_end timestamp with time zone)",
    "forget_jobs()",
    "leaving_tenants()",
    "change_email(wanted_person uuid, at_time timestamp with time zone)",
    "clear_attempts(wanted text)",
    "close_grants(wanted_consent uuid)",
    "count_attempt(wanted text, seconds integer, at_time timestamp with time zone)",
    "create_clinic(new_name text, at_time timestamp with time zone)",
    "drop_email_change(wanted_person uuid)",
    "drop_recovery_codes(wanted_person uuid)",
    "due_email_changes(at_time timestamp with time zone)",
    "end_account_links(wanted_person uuid, wanted_kind text, at_time timestamp with time zone)",
    "end_login_session(wanted_session uuid, at_time timestamp with time zone)",
    "end_membership(wanted_staff uuid, at_time timestamp with time zone)",
    "end_other_sessions(wanted_person uuid, kept uuid, at_time timestamp with time zone)",
    "end_own_session(wanted_person uuid, wanted_session uuid, at_time timestamp with time zone)",
    "enqueue(job_name text, job_args jsonb, one_at_a_time text, not_before timestamp with"
    " time zone)",
    "enqueue_for_person(job_name text, subject uuid)",
    "ensure_person(new_id uuid, new_email text, new_name text, new_password_hash text,"
    " at_time timestamp with time zone, verified timestamp with time zone)",
    "enter_clinic(wanted_hash bytea, wanted_tenant uuid, at_time timestamp with time zone,"
    " idle_seconds integer)",
    "find_account(wanted_person uuid)",
    "find_account_link(wanted_kind text, wanted_hash bytea, at_time timestamp with time zone)",
    "find_email_change(wanted_person uuid)",
    "find_login(wanted_email text)",
    "find_login_session(wanted_hash bytea, at_time timestamp with time zone, idle_for integer)",
    "find_passkey(wanted_credential bytea)",
    "find_recovery_code(wanted_person uuid, wanted_slot integer)",
    "find_secret(wanted_kind text, wanted_hash bytea, at_time timestamp with time zone)",
    "find_sign_up(wanted_hash bytea, at_time timestamp with time zone)",
    "find_stripe_account(wanted_account text)",
    "find_totp(wanted_person uuid)",
    "forget_devices(wanted_person uuid)",
    "guard_email_change(wanted_person uuid, new_hash bytea)",
    "know_device(wanted_hash bytea, wanted_person uuid, at_time timestamp with time zone)",
    "knows_device(wanted_hash bytea, wanted_email text)",
    "link_email_change(wanted_person uuid, wanted_email text, new_hash bytea)",
    "link_sign_up(wanted_sign_up uuid, new_hash bytea)",
    "list_login_sessions(wanted_person uuid, at_time timestamp with time zone, idle integer)",
    "list_passkeys(wanted_person uuid)",
    "my_memberships(wanted_person uuid)",
    "note_in_clinics(wanted_person uuid, job_name text, job_args jsonb)",
    "note_letter(wanted_letter uuid, new_state text, problem text, at_time timestamp with"
    " time zone)",
    "open_login_session(new_id uuid, new_hash bytea, wanted_person uuid, at_time timestamp"
    " with time zone, ends timestamp with time zone, how text, words text, near text,"
    " pending boolean, stepped_up timestamp with time zone, idle integer, device uuid,"
    " only_tenant uuid)",
    "prove_email_change(wanted_hash bytea, at_time timestamp with time zone, asked_after"
    " timestamp with time zone, due timestamp with time zone)",
    "put_account_link(new_kind text, new_hash bytea, wanted_person uuid, at_time timestamp"
    " with time zone, ends timestamp with time zone)",
    "put_challenge(new_hash bytea, bound_to bytea, why text, at_time timestamp with time"
    " zone, ends timestamp with time zone)",
    "put_email_change(wanted_person uuid, wanted_email text, at_time timestamp with time zone)",
    "put_letter(new_id uuid, new_template text, new_detail text, cipher bytea, at_time"
    " timestamp with time zone)",
    "put_recovery_code(wanted_person uuid, wanted_slot integer, new_hash text, at_time"
    " timestamp with time zone)",
    "put_secret(new_kind text, new_hash bytea, subject uuid, at_time timestamp with time"
    " zone, ends timestamp with time zone)",
    "put_sign_up(new_id uuid, sealed bytea, at_time timestamp with time zone, ends timestamp"
    " with time zone)",
    "quarantine_event(new_event text, wanted_account text, why text, at_time timestamp"
    " with time zone)",
    "remove_passkey(wanted_person uuid, wanted_passkey uuid)",
    "renew_login_session(wanted_session uuid, new_hash bytea, stepped_up timestamp with time zone)",
    "restore_membership(wanted_staff uuid)",
    "revoke_secrets(wanted_kind text, subject uuid, at_time timestamp with time zone)",
    "set_password(wanted_person uuid, new_hash text)",
    "set_totp(wanted_person uuid, cipher bytea)",
    "staff_seen()",
    "stop_email_change(wanted_hash bytea)",
    "sweep_accounts(at_time timestamp with time zone)",
    "take_challenge(wanted_hash bytea, bound_to bytea, why text, at_time timestamp with time zone)",
    "take_letter(wanted_letter uuid)",
    "take_sign_up(wanted_sign_up uuid)",
    "uncount_attempt(wanted text)",
    "use_account_link(wanted_kind text, wanted_hash bytea, at_time timestamp with time zone)",
    "use_passkey(wanted_passkey uuid, count bigint, at_time timestamp with time zone)",
    "use_recovery_code(wanted_person uuid, wanted_slot integer, wanted_hash text, at_time"
    " timestamp with time zone)",
    "use_secret(wanted_kind text, wanted_hash bytea, at_time timestamp with time zone)",
    "use_totp_step(wanted_person uuid, step bigint)",
    "verify_email(wanted_person uuid, at_time timestamp with time zone)",
}
# One breach per rule, made on a real table by the superuser and rolled back.
BREACHES: dict[str, str] = {
    "a table without a tenant_id": "CREATE TABLE stray (id uuid PRIMARY KEY)",
    "row-level security not enabled and forced": "ALTER TABLE patient NO FORCE ROW LEVEL SECURITY",
    "not exactly one policy": "CREATE POLICY more ON patient USING (true)",
    "a policy with another text": """
        DROP POLICY tenant_wall ON patient;
        CREATE POLICY tenant_wall ON patient
        USING (tenant_id = (SELECT current_setting('app.tenant_id', true)::uuid))""",
    "a key or index that does not lead with tenant_id": "CREATE INDEX stray ON patient (name)",
    "a table without a primary key": "CREATE TABLE stray (tenant_id uuid NOT NULL)",
    "a foreign key that does not carry the clinic": """
        CREATE TABLE stray (tenant_id uuid NOT NULL, id uuid PRIMARY KEY,
            other uuid REFERENCES stray (id))""",
    "a foreign key that acts or is not enforced": """
        ALTER TABLE plan ADD CONSTRAINT stray FOREIGN KEY (tenant_id, patient_id)
        REFERENCES patient (tenant_id, id) ON DELETE SET NULL""",
    "a constraint that is not validated": """
        ALTER TABLE patient ADD CONSTRAINT stray CHECK (name <> '') NOT VALID""",
    "a trigger of ours": """
        CREATE TRIGGER stray BEFORE UPDATE ON patient
        FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()""",
    "a rule": "CREATE RULE stray AS ON DELETE TO patient DO INSTEAD NOTHING",
    "a column whose type cannot be searched behind the wall": """
        ALTER TABLE patient ADD COLUMN stray numeric""",
    "an instant or a depth that is not kept as it should be": """
        ALTER TABLE patient ADD COLUMN stray_at timestamp""",
    "a view that does not ask as its caller": "CREATE VIEW stray AS SELECT * FROM patient",
    "a materialised view": "CREATE MATERIALIZED VIEW stray AS SELECT * FROM patient",
    "a sequence in the clinics' schema": "CREATE SEQUENCE stray",
    "a definer function outside the doors": """
        CREATE FUNCTION stray() RETURNS bigint LANGUAGE sql SECURITY DEFINER
        AS 'SELECT count(*) FROM patient'""",
    "a door that is not the resolver's or has no fixed search_path": """
        ALTER FUNCTION door.find_login(text) RESET search_path""",
    "a door that others than the application may open": """
        GRANT EXECUTE ON FUNCTION door.find_login(text) TO PUBLIC""",
    "something of ours that everybody may use": "GRANT SELECT ON patient TO PUBLIC",
    "a right of the application beyond its schemas": """
        GRANT SELECT (email) ON control.person TO needlepoint_app""",
    "a right of the application to shape tables": "GRANT TRUNCATE ON patient TO needlepoint_app",
    "a right to grant rights on": """
        GRANT SELECT ON patient TO needlepoint_app WITH GRANT OPTION""",
    "a right of the worker outside the queue": "GRANT SELECT ON patient TO needlepoint_worker",
    "a right of the backup beyond reading": "GRANT DELETE ON patient TO needlepoint_backup",
    "a table that the backup would miss": "REVOKE SELECT ON patient FROM needlepoint_backup",
    "a right of the resolver on a clinic's table that no door needs": """
        GRANT SELECT ON patient TO needlepoint_resolver""",
    "a table that is not the owner's": "ALTER TABLE patient OWNER TO needlepoint_platform",
}


@pytest.mark.parametrize("rule", QUESTIONS)
def test_nothing_in_the_schema_breaks_the_rule(catalogue: Connection, rule: str) -> None:
    assert breaches(catalogue, rule) == []


@pytest.mark.parametrize("rule", QUESTIONS)
def test_the_rule_speaks_when_it_is_broken(catalogue: Connection, rule: str) -> None:
    catalogue.exec_driver_sql(BREACHES[rule])

    assert breaches(catalogue, rule) != []


def test_every_model_is_a_table_and_every_table_a_model(catalogue: Connection) -> None:
    found = set(
        catalogue.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname='public'"))
    )

    assert found - set(WITHOUT_TENANT) == set(Base.metadata.tables)


def test_the_list_of_doors_is_complete(catalogue: Connection) -> None:
    found = catalogue.scalars(
        text(
            "SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ')' FROM pg_proc p"
            " WHERE p.pronamespace = 'door'\\:\\:regnamespace"
        )
    )

    assert set(found) == DOORS


def may(connection: Connection, table: str, right: str) -> bool:
    """Return whether the application has a right on a whole table."""
    asked = text("SELECT has_table_privilege(:role, :table, :right)")
    return bool(
        connection.scalar(asked, {"role": APP_ROLE, "table": f"public.{table}", "right": right})
    )


def updatable_columns(connection: Connection, table: str) -> set[str]:
    """Return the columns that the application may update."""
    asked = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0"
        " AND NOT attisdropped AND has_column_privilege(:role, attrelid, attnum, 'UPDATE')"
    )
    return set(connection.scalars(asked, {"role": APP_ROLE, "table": f"public.{table}"}))


def meant_to_be_updatable(table: Table) -> set[str]:
    """Return the columns that the model says may change: never a part of the key."""
    if table.info["append_only"]:
        return set()
    if table.info["updatable"] is not None:
        return set(table.info["updatable"])
    return {column.name for column in table.columns if not column.primary_key}


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=str)
def test_the_application_may_do_what_the_model_says_and_no_more(
    catalogue: Connection, table: Table
) -> None:
    assert may(catalogue, table.name, "SELECT")
    assert may(catalogue, table.name, "INSERT")
    assert may(catalogue, table.name, "DELETE") is table.info["deletable"]
    assert updatable_columns(catalogue, table.name) == meant_to_be_updatable(table)


@pytest.mark.parametrize(
    "table", ["consent_grant", "treatment_area", "treatment", "transfer", "audit_event", "document"]
)
def test_history_can_only_be_added_to(catalogue: Connection, table: str) -> None:
    assert updatable_columns(catalogue, table) == set()
    assert not may(catalogue, table, "DELETE")


def test_the_gate_is_a_temporal_foreign_key_onto_grants_that_do_not_overlap(
    catalogue: Connection,
) -> None:
    asked = text(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conname = :name AND conrelid = CAST(:table AS regclass)"
    )
    gate = catalogue.scalar(asked, {"name": "consent_gate", "table": "treatment_area"})
    grants = catalogue.scalar(asked, {"name": "consent_grant_pk", "table": "consent_grant"})

    key = "tenant_id, patient_id, procedure_id, area"
    assert gate == (
        f"FOREIGN KEY ({key}, granted_um, consent_id, PERIOD moment)"
        f" REFERENCES consent_grant({key}, max_depth_um, consent_id, PERIOD valid)"
    )
    assert grants == f"PRIMARY KEY ({key}, max_depth_um, consent_id, valid WITHOUT OVERLAPS)"


def test_nothing_that_the_gate_compares_can_be_left_out(catalogue: Connection) -> None:
    asked = text(
        "SELECT attrelid\\:\\:regclass || '.' || attname FROM pg_attribute WHERE attnum > 0"
        " AND attrelid IN ('consent_grant'\\:\\:regclass, 'treatment_area'\\:\\:regclass)"
        " AND NOT attnotnull"
    )

    assert list(catalogue.scalars(asked)) == []


@pytest.mark.parametrize("role", ["app", "worker", "owner", "platform", "keys", "resolver"])
def test_no_role_but_the_backup_can_read_past_the_walls(catalogue: Connection, role: str) -> None:
    asked = text(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication"
        " FROM pg_roles WHERE rolname = :role"
    )

    assert catalogue.scalar(asked, {"role": f"needlepoint_{role}"}) is False
