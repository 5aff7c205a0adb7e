"""A clinic of many years, written by the database itself: copies of the rows of one story.

Each row of a table here is a copy of a row that services made, with ids of its own and spread over
the clinic's patients; so a copy holds whatever the table demands. Foreign keys are not looked at
while the copies are written. Tables that no clinic fills stand in ``STAYS_SMALL`` with the reason.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, create_engine, select
from sqlalchemy.pool import NullPool

from app.database import Base
from bench.late_indexes import late_indexes
from tests.support.rows import World

# A table with fewer rows than this for one clinic gets the same for others, up to so many.
MANY = 30_000
# One patient in so many rows is the story's own, so that a patient's lists are long, too.
OWN_EVERY = 2_500


@dataclass(frozen=True)
class Grown:
    """How many copies a table gets, and the SQL of each column that differs by its number ``n``.

    ``of`` chooses the row to copy; ``{own}`` in a column is the story's own value. What a clinic
    has few of, other clinics have, too: there are as many rows of theirs as make the table large.
    """

    rows: int
    columns: Mapping[str, str] = field(default_factory=dict)
    of: str = "true"

    @property
    def clinics(self) -> int:
        """Return how many clinics get these rows; the measured one is the first of them."""
        return max(1, MANY // self.rows)


def made_id(table: str) -> str:
    """Return the SQL of the id of the n-th copy in a table."""
    return f"md5('{table}' || n)::uuid"


# A patient of the books by a number, spread over all of them, or the story's own now and then.
PATIENT = f"CASE WHEN n % {OWN_EVERY} = 0 THEN {{own}} ELSE made_patient(n) END"
STAFF = f"CASE WHEN n % {OWN_EVERY // 50} = 0 THEN {{own}} ELSE md5('staff' || n % 40)::uuid END"
# Forty a day for years and for four months ahead, so that today is an ordinary day.
PLANNED = "date_trunc('day', now()) + interval '10 hours' + (n - 95000) * interval '36 minutes'"
DAY = "interval '1 day'"
LAST_YEARS = "now() - n * interval '17 minutes'"
STATES = "(ARRAY['completed', 'completed', 'completed', 'cancelled', 'missed'])[1 + n % 5]"
# Of what was planned under a consent that was taken back, most was called off.
EXPECTED = f"CASE WHEN n <= 94980 THEN {STATES} WHEN n % 20 = 0 AND n % 200 > 0 THEN 'cancelled'"
EXPECTED += " ELSE 'planned' END"
PART = 100_000
# Whose photographs are shown to others: they have agreed to it, and few of them take it back.
MARKETED = "n % 10 = 5"
GROWN: dict[str, Grown] = {
    "audit_event": Grown(
        300_000,
        {
            "at": "now() - n * interval '5 minutes'",
            "actor_id": STAFF,
            "patient_id": "CASE WHEN n % 100 = 0 THEN {whose} ELSE made_patient(n) END",
            "subject_id": "CASE WHEN n % 100 = 0 THEN {whose} ELSE made_patient(n) END",
            "action": "(ARRAY['patients:patient:read', 'consent:form:sign', 'plans:plan:make',"
            " 'billing:package:sell', 'care:treatment:start'])[1 + n / 100 % 5]",
        },
    ),
    "audit_link": Grown(300_000, {"seq": "1000000 + n", "event_id": made_id("audit_event")}),
    "message": Grown(
        300_000,
        {
            "patient_id": PATIENT,
            "location_id": "{home}",
            "created_at": LAST_YEARS,
            "state": "CASE WHEN n % 5000 = 0 THEN 'failed' ELSE 'sent' END",
            "sent_at": LAST_YEARS,
        },
    ),
    "plan": Grown(PART, {"patient_id": PATIENT, "created_at": LAST_YEARS}, of="latest_number > 0"),
    "plan_version": Grown(PART, {"plan_id": made_id("plan"), "patient_id": PATIENT, "number": "1"}),
    "plan_area": Grown(PART, {"plan_version_id": made_id("plan_version")}),
    "plan_spot": Grown(PART, {"plan_version_id": made_id("plan_version")}),
    "discussion": Grown(PART, {"plan_version_id": made_id("plan_version")}),
    "visit": Grown(
        PART,
        {
            "plan_id": made_id("plan"),
            "patient_id": PATIENT,
            "planned_at": PLANNED,
            "state": EXPECTED,
            "after_withdrawal": "n % 20 = 0",
        },
    ),
    "acute_check": Grown(
        # The newest is the story's own, which can be read.
        PART,
        {"visit_id": made_id("visit"), "patient_id": PATIENT, "made_at": f"{LAST_YEARS} - {DAY}"},
    ),
    "treatment": Grown(
        PART // 2,
        {
            "visit_id": made_id("visit"),
            "patient_id": PATIENT,
            "plan_version_id": made_id("plan_version"),
            "consent_id": made_id("consent"),
            "started_at": LAST_YEARS,
        },
    ),
    "treatment_area": Grown(
        PART // 2,
        {
            "treatment_id": made_id("treatment"),
            "patient_id": PATIENT,
            "consent_id": made_id("consent"),
            "at": LAST_YEARS,
        },
    ),
    "treatment_completion": Grown(PART // 2, {"treatment_id": made_id("treatment")}),
    "aftercare_given": Grown(
        PART // 2,
        {
            "patient_id": PATIENT,
            "document_id": made_id("document"),
            "visit_id": made_id("visit"),
            "treatment_id": made_id("treatment"),
        },
    ),
    "incident": Grown(2_000, {"patient_id": PATIENT, "happened_at": LAST_YEARS}),
    "consent": Grown(
        PART,
        {
            "plan_id": made_id("plan"),
            "plan_version_id": made_id("plan_version"),
            "patient_id": PATIENT,
            "created_at": LAST_YEARS,
            "purpose": f"CASE WHEN {MARKETED} THEN 'marketing_photos' ELSE {{own}} END",
            "state": "CASE WHEN n % 20 = 0 THEN 'withdrawn' WHEN n % 499 = 0 THEN 'held'"
            " ELSE 'active' END",
            "ended_at": "CASE WHEN n % 20 = 0 THEN now() - n / 20 * interval '5 hours' END",
        },
        of="state = 'active' AND attested_at IS NOT NULL",
    ),
    "consent_answers": Grown(PART, {"consent_id": made_id("consent"), "number": "1"}),
    "consent_draft": Grown(PART, {"consent_id": made_id("consent")}),
    "consent_way": Grown(PART, {"consent_id": made_id("consent"), "offered_at": LAST_YEARS}),
    "consent_grant": Grown(PART, {"patient_id": PATIENT, "consent_id": made_id("consent")}),
    "signature": Grown(PART, {"consent_id": made_id("consent"), "patient_id": PATIENT}),
    "attestation": Grown(PART, {"consent_id": made_id("consent")}),
    "patient_question": Grown(
        PART // 5,
        {
            "consent_id": made_id("consent"),
            "answered_at": LAST_YEARS,
            "asked_at": LAST_YEARS,
            "answer_cipher": "'x'::bytea",
            "answered_by": "gen_random_uuid()",
            "taken_back_at": "NULL",
        },
    ),
    "hold": Grown(
        PART,
        {
            "consent_id": made_id("consent"),
            "opened_at": LAST_YEARS,
            "closed_at": f"CASE WHEN n % 499 = 0 THEN NULL ELSE {LAST_YEARS} END",
        },
    ),
    "hold_decision": Grown(
        PART // 5, {"consent_id": made_id("consent"), "hold_id": made_id("hold")}
    ),
    "withdrawal": Grown(
        PART // 20,
        {
            "consent_id": "md5('consent' || n * 20)::uuid",
            "withdrawn_at": "now() - n * interval '5 hours'",
        },
    ),
    "document": Grown(
        200_000,
        {
            "patient_id": PATIENT,
            "subject_id": made_id("consent"),
            "operation_id": made_id("operation"),
            "sha256": "sha256(('d' || n)::bytea)",
            "sealed_at": LAST_YEARS,
            "created_at": LAST_YEARS,
        },
    ),
    "document_file": Grown(200_000, {"document_id": made_id("document")}),
    "sealing_operation": Grown(
        200_000,
        {"patient_id": PATIENT, "subject_id": made_id("consent")},
        of="state <> 'started'",
    ),
    "consent_decline": Grown(PART // 50, {"consent_id": made_id("consent")}),
    "consent_void": Grown(PART // 50, {"consent_id": made_id("consent")}),
    "consent_reminder": Grown(
        PART // 5,
        {"consent_id": made_id("consent"), "message_id": made_id("message"), "number": "1"},
    ),
    "photo": Grown(
        PART,
        {
            "patient_id": PATIENT,
            "location_id": "{home}",
            "plan_id": made_id("plan"),
            "visit_id": made_id("visit"),
            "taken_at": LAST_YEARS,
            "added_at": LAST_YEARS,
            "copied_from": "NULL",
            "purpose": f"CASE WHEN {MARKETED} THEN 'marketing' ELSE 'clinical' END",
        },
    ),
    "photo_file": Grown(PART, {"photo_id": made_id("photo"), "patient_id": PATIENT}),
    "package": Grown(60, {"code": "'P-' || n"}),
    "purchase": Grown(50_000, {"patient_id": PATIENT, "sold_at": LAST_YEARS}),
    "session_credit": Grown(
        150_000,
        {
            "purchase_id": "md5('purchase' || 1 + n / 3)::uuid",
            "number": "1 + n % 3",
            "patient_id": PATIENT,
        },
    ),
    "payment_attempt": Grown(
        50_000,
        {
            "purchase_id": made_id("purchase"),
            "patient_id": PATIENT,
            "created_at": LAST_YEARS,
            "checkout_session_id": "'cs_' || n",
        },
    ),
    "receipt": Grown(50_000, {"attempt_id": made_id("payment_attempt"), "number": "100 + n"}),
    "refund_quote": Grown(
        PART // 20,
        {
            "patient_id": PATIENT,
            "purchase_id": made_id("purchase"),
            "withdrawal_id": made_id("withdrawal"),
            "handled_at": f"CASE WHEN n % 100 = 0 THEN NULL ELSE {LAST_YEARS} END",
        },
    ),
    "ledger_account": Grown(
        50_000, {"subject_id": made_id("purchase")}, of="kind = 'patient_credit'"
    ),
    # A year's closings, the last one of this night.
    "ledger_closing": Grown(
        730,
        {
            "through": "date_trunc('day', now()) - n / 2 * interval '1 day'",
            "kind": "(ARRAY['patient_credit', 'session_revenue'])[1 + n % 2]",
            "currency": "'GBP'",
        },
    ),
    "transfer": Grown(
        150_000,
        {
            "journal": "'copy:' || n",
            "credit_account": "md5('ledger_account' || 1 + n % 50000)::uuid",
            "booked_at": LAST_YEARS,
        },
    ),
    "rights_request": Grown(5_000, {"patient_id": PATIENT, "asked_at": LAST_YEARS}),
    "rights_decision": Grown(
        5_000, {"patient_id": PATIENT, "request_id": made_id("rights_request")}
    ),
    "data_export": Grown(5_000, {"patient_id": PATIENT, "created_at": LAST_YEARS}),
    "data_export_part": Grown(5_000, {"export_id": made_id("data_export")}),
    "patient_import": Grown(500, {"created_at": LAST_YEARS}),
    "patient_contact": Grown(200_000, {"patient_id": "made_patient(n)"}),
    "patient_merge": Grown(
        2_000,
        {"kept_id": "made_patient(n)", "alias_id": "made_patient(n + 5000)", "undone_at": "now()"},
    ),
    "patient_limit": Grown(5_000, {"patient_id": "made_patient(n)"}),
    "clinic_export": Grown(500, {"asked_at": LAST_YEARS}),
    "clinic_settings": Grown(100, {"number": "100 + n"}),
    # Twenty forms, the last of a hundred versions published.
    "form_version": Grown(
        2_000,
        {
            "form_key": "'form-' || n % 20",
            "number": "100 + n",
            "state": "CASE WHEN n > 1980 THEN 'published' ELSE 'retired' END",
            "content": "CASE WHEN clinic = 0 THEN {own} ELSE '' END",
        },
    ),
    "device": Grown(40),
    # A lot for each device each quarter, for years.
    "cartridge_lot": Grown(
        800,
        {
            "device_id": "md5('device' || 1 + n % 40)::uuid",
            "lot": "'L' || n",
            "expires_on": "current_date + 365 - n / 40 * 91",
        },
    ),
    "staff_member": Grown(60, {"id": "md5('staff' || n)::uuid", "person_id": made_id("person")}),
    "qualification": Grown(300, {"staff_id": "md5('staff' || n % 60)::uuid"}),
    "qualification_scope": Grown(300, {"qualification_id": made_id("qualification")}),
    "staff_invitation": Grown(
        300,
        {
            "email": "'i' || n",
            "created_at": LAST_YEARS,
            "state": "CASE WHEN n % 10 = 0 THEN 'pending' ELSE 'cancelled' END",
        },
    ),
}
# What no clinic fills, and why a list of it needs no index.
ONE = "one row, or a handful, whatever the clinic's size"
STAYS_SMALL = {
    "audit_head": ONE,
    "blank_form": "a stock of paper forms, asked for by its id",
    "catalogue_version": "one each time the clinic approves a catalogue",
    "clinic": ONE,
    "clinic_export_part": "parts of one file, asked for by its id",
    "clinic_logo": "asked for by its id",
    "consent_party": "an interpreter or a witness of one consent",
    "expiry_reminder": "written and asked for by its key, shown in no list",
    "form_draft": "one for each form being written",
    "form_step": "a few for a version of a form",
    "hold_agreement": "one at most for a decision, asked for by its key",
    "idempotency_key": "asked for by its key, forgotten after a day",
    "location": "the clinic's addresses",
    "outside_review": "a few for a consent",
    "paper_form": "one for a consent on paper, asked for by it",
    "paper_page": "a few for a paper form",
    "patient": "filled with its tokens",
    "patient_addendum": "a few for a patient",
    "patient_former_name": "a few for a patient",
    "patient_import_row": "at most 5,000 of one file, asked for by its id",
    "patient_token": "filled with the patients",
    "policy_decision": "a few for a policy",
    "qualification_evidence": "a few files for a qualification",
    "redemption": "asked for by its key",
    "safety_notice": "a few in a year",
    "shared_device": "the clinic's tablets",
    "staff_location": "the limits of the staff",
    "staff_pin": "one for a member of staff",
    "standing_decision": "a few for a rule",
    "stripe_account": ONE,
    "stripe_customer": "asked for by its key",
    "stripe_event": "shown to nobody",
    "stripe_operation": "shown to nobody, asked for by what it is about",
}


def fill_rows(superuser_url: str, tenant_id: uuid.UUID, seed: str, patients: int) -> int:
    """Copy the story's rows; return how many were written. ``seed`` made the patients' ids."""
    complete_story(superuser_url, tenant_id)
    with late_indexes(superuser_url, tuple(GROWN)) as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION pg_temp.made_patient(n int) RETURNS uuid IMMUTABLE LANGUAGE sql"
            f" RETURN md5('{seed}' || 1 + n %% {patients})::uuid"
        )
        return sum(_copy(connection, name, one, tenant_id) for name, one in GROWN.items())


def complete_story(superuser_url: str, tenant_id: uuid.UUID) -> None:
    """Give the clinic one row of each table that the story left empty."""
    with create_engine(superuser_url, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        world = World(connection, tenant_id)
        for name, table in Base.metadata.tables.items():
            if "tenant_id" in table.columns:
                asked = select(table).where(table.c.tenant_id == tenant_id).limit(1)
                found = connection.execute(asked).mappings().first()
                if found is not None:
                    world.rows[name] = dict(found)
        for name in GROWN:
            world.row(name)


def _own(column: Column[Any]) -> str:
    """Return the SQL of the story's own value; a long sealed one is cut, since no copy opens it."""
    if isinstance(column.type, LargeBinary):
        return f'substr(own."{column.name}", 1, 64)'
    return f'own."{column.name}"'


def _copy(connection: Connection, name: str, grown: Grown, tenant_id: uuid.UUID) -> int:
    table = Base.metadata.tables[name]
    columns = [column for column in table.columns if column.computed is None]
    made = {"id": made_id(name)} if "id" in table.columns else {}
    made["tenant_id"] = (
        "CASE WHEN clinic = 0 THEN own.tenant_id ELSE md5('clinic' || clinic)::uuid END"
    )
    made |= {
        column: sql.replace("{own}", f'own."{column}"')
        .replace("{whose}", "own.whose")
        .replace("{home}", "own.home")
        .replace("made_patient", "pg_temp.made_patient")
        for column, sql in grown.columns.items()
    }
    told = ", ".join(made.get(one.name, _own(one)) for one in columns)
    names = ", ".join(f'"{one.name}"' for one in columns)
    whose = "(SELECT patient_id FROM consent_grant LIMIT 1) AS whose"
    whose += f", (SELECT location_id FROM consent WHERE tenant_id = '{tenant_id}' LIMIT 1) AS home"
    own = f"SELECT *, {whose} FROM {name} WHERE tenant_id = '{tenant_id}' AND {grown.of} LIMIT 1"
    asked = (
        f"INSERT INTO {name} ({names})"
        f" SELECT {told} FROM ({own}) own, generate_series(1, {grown.rows}) n,"
        f" generate_series(0, {grown.clinics - 1}) clinic"
    )
    rows = connection.exec_driver_sql(asked.replace("%", "%%"))
    if rows.rowcount != grown.rows * grown.clinics:
        raise LookupError(f"the story has no row of {name} to copy")
    return rows.rowcount
