"""The tables of a clinic: tables first, then foreign keys, then the wall around each."""

import sqlalchemy as sa
from alembic import op

import app.database.ddl  # noqa: F401 - registers the migration words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Carry out the change."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.create_table(
        "audit_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("audit_event_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "audit_event_action_ix", "audit_event", ["tenant_id", "action", "at", "id"], unique=False
    )
    op.create_index(
        "audit_event_actor_ix", "audit_event", ["tenant_id", "actor_id", "at", "id"], unique=False
    )
    op.create_index("audit_event_at_ix", "audit_event", ["tenant_id", "at", "id"], unique=False)
    op.create_index(
        "audit_event_looks_at_ix",
        "audit_event",
        ["tenant_id", "patient_id", "at", "id"],
        unique=False,
        postgresql_where=sa.text("action ~ '[^a-z_]read$|^chart[^a-z_]reason[^a-z_]give$'"),
    )
    op.create_index(
        "audit_event_looks_by_ix",
        "audit_event",
        ["tenant_id", "actor_id", "at", "id"],
        unique=False,
        postgresql_where=sa.text("action ~ '[^a-z_]read$|^chart[^a-z_]reason[^a-z_]give$'"),
    )
    op.create_index(
        "audit_event_patient_ix",
        "audit_event",
        ["tenant_id", "patient_id", "at", "id"],
        unique=False,
    )
    op.create_index(
        "audit_event_subject_ix",
        "audit_event",
        ["tenant_id", "subject_id", "at", "id"],
        unique=False,
    )
    op.create_table(
        "audit_head",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("anchored_seq", sa.BigInteger(), nullable=False),
        sa.Column("anchor_number", sa.BigInteger(), nullable=True),
        sa.Column("anchored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_seq", sa.BigInteger(), nullable=True),
        sa.Column("failed_checks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("audit_head_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "catalogue_version",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("catalogue_version_pk")),
        sa.UniqueConstraint(
            "tenant_id", "number", name=op.f("catalogue_version_tenant_id_number_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "clinic",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("settings_id", sa.Uuid(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("brand_colour", sa.Text(), nullable=False),
        sa.Column("logo_id", sa.Uuid(), nullable=True),
        sa.Column("processor_agreement", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaving_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = tenant_id", name=op.f("clinic_is_its_own_tenant_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("clinic_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "clinic_export",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("since", sa.Text(), nullable=True),
        sa.Column("table_number", sa.Integer(), nullable=False),
        sa.Column("after_key", sa.JSON(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("rows_expected", sa.BigInteger(), nullable=False),
        sa.Column("rows_done", sa.BigInteger(), nullable=False),
        sa.Column("files_done", sa.BigInteger(), nullable=False),
        sa.Column("bytes_done", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("progressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manifest_sha256", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'waiting', 'done', 'failed', 'discarded')",
            name=op.f("clinic_export_state_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("clinic_export_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "clinic_export_asked_ix", "clinic_export", ["tenant_id", "asked_at", "id"], unique=False
    )
    op.create_table(
        "clinic_logo",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("clinic_logo_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "expiry_reminder",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('registration', 'insurance', 'premises')",
            name=op.f("expiry_reminder_kind_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("expiry_reminder_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "kind",
            "subject_id",
            "ends_on",
            "days_before",
            name=op.f("expiry_reminder_tenant_id_kind_subject_id_ends_on_days_before_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "form_version",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=True),
        sa.Column("add_on_id", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("translation_of", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(purpose = 'add_on') = (add_on_id IS NOT NULL)", name=op.f("form_version_add_on_ck")
        ),
        sa.CheckConstraint(
            "(purpose = 'treatment') = (procedure_id IS NOT NULL)",
            name=op.f("form_version_procedure_ck"),
        ),
        sa.CheckConstraint("change IN ('minor', 'material')", name=op.f("form_version_change_ck")),
        sa.CheckConstraint(
            "purpose IN ('treatment', 'add_on', 'clinical_photos', 'marketing_photos')",
            name=op.f("form_version_purpose_ck"),
        ),
        sa.CheckConstraint(
            "state IN ('clinical_review', 'legal_review', 'returned', 'approved', 'published', 'retired')",
            name=op.f("form_version_state_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("form_version_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "form_key",
            "locale",
            "number",
            name=op.f("form_version_tenant_id_form_key_locale_number_uq"),
        ),
        info={
            "append_only": False,
            "updatable": ("state", "published_at", "retired_at"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "form_version_current_ix",
        "form_version",
        ["tenant_id", "form_key", sa.literal_column("number DESC")],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('retired', 'returned')"),
    )
    op.create_index(
        "form_version_list_ix",
        "form_version",
        ["tenant_id", "form_key", sa.literal_column("number DESC"), "id"],
        unique=False,
    )
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('started', 'done')", name=op.f("idempotency_key_state_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("idempotency_key_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "actor_id",
            "route",
            "key",
            name=op.f("idempotency_key_tenant_id_actor_id_route_key_uq"),
        ),
        info={
            "append_only": False,
            "updatable": ("state", "status", "body", "location"),
            "deletable": True,
            "by_hand": False,
        },
    )
    op.create_table(
        "ledger_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("has_floor", sa.Boolean(), nullable=False),
        sa.Column("debits_minor", sa.BigInteger(), nullable=False),
        sa.Column("credits_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('patient_credit', 'patient_receivable', 'pending', 'stripe_clearing', 'stripe_fees', 'session_revenue')",
            name=op.f("ledger_account_kind_ck"),
        ),
        sa.CheckConstraint(
            "NOT has_floor OR debits_minor <= credits_minor", name=op.f("ledger_account_floor_ck")
        ),
        sa.CheckConstraint(
            "debits_minor >= 0 AND credits_minor >= 0", name=op.f("ledger_account_totals_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("ledger_account_pk")),
        sa.UniqueConstraint(
            "tenant_id", "id", "currency", name=op.f("ledger_account_tenant_id_id_currency_uq")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "kind",
            "currency",
            "subject_id",
            name=op.f("ledger_account_tenant_id_kind_currency_subject_id_uq"),
        ),
        info={
            "append_only": False,
            "updatable": ("debits_minor", "credits_minor"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_table(
        "ledger_closing",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("debits_minor", sa.BigInteger(), nullable=False),
        sa.Column("credits_minor", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('patient_credit', 'patient_receivable', 'pending', 'stripe_clearing', 'stripe_fees', 'session_revenue')",
            name=op.f("ledger_closing_kind_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("ledger_closing_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "through",
            "kind",
            "currency",
            name=op.f("ledger_closing_tenant_id_through_kind_currency_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "location",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("premises_kind", sa.Text(), nullable=False),
        sa.Column("premises_registration", sa.Text(), nullable=True),
        sa.Column("premises_registered_until", sa.Date(), nullable=True),
        sa.Column("emergency_contact", sa.Text(), nullable=False),
        sa.Column("opening_hours", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_from", sa.Date(), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(closed_from IS NULL) = (closed_reason IS NULL)", name=op.f("location_closed_whole_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("location_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "staff_member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'medical_lead', 'practitioner', 'front_desk', 'billing', 'manager', 'auditor')",
            name=op.f("staff_member_role_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("staff_member_pk")),
        sa.UniqueConstraint(
            "tenant_id", "person_id", name=op.f("staff_member_tenant_id_person_id_uq")
        ),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "stripe_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("settles_in", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("can_take_cards", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "account_id ~ '^acct_[A-Za-z0-9]+$'", name=op.f("stripe_account_account_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("stripe_account_pk")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", name=op.f("stripe_account_tenant_id_account_id_uq")
        ),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "stripe_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("api_version", sa.Text(), nullable=True),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name=op.f("stripe_event_pk")),
        info={
            "append_only": False,
            "updatable": ("handled_at", "problem", "attempts"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_table(
        "stripe_operation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('new', 'sent', 'done', 'unknown', 'failed')",
            name=op.f("stripe_operation_state_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("stripe_operation_pk")),
        info={
            "append_only": False,
            "updatable": ("state", "stripe_id", "attempts", "first_sent_at", "problem"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "stripe_operation_subject_ix",
        "stripe_operation",
        ["tenant_id", "subject_id", "kind"],
        unique=False,
    )
    op.create_table(
        "audit_link",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "seq", name=op.f("audit_link_pk")),
        sa.UniqueConstraint("tenant_id", "event_id", name=op.f("audit_link_tenant_id_event_id_uq")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "blank_form",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("blank_form_pk")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("blank_form_tenant_id_number_uq")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "clinic_export_part",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("of_table", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("gap", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("clinic_export_part_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "export_id",
            "name",
            name=op.f("clinic_export_part_tenant_id_export_id_name_uq"),
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "export_id",
            "number",
            name=op.f("clinic_export_part_tenant_id_export_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": True, "by_hand": False},
    )
    op.create_index(
        "clinic_export_part_source_ix",
        "clinic_export_part",
        ["tenant_id", "export_id", "source"],
        unique=False,
    )
    op.create_table(
        "clinic_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("brand_colour", sa.Text(), nullable=False),
        sa.Column("logo_id", sa.Uuid(), nullable=True),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("quiet_from", sa.Text(), nullable=True),
        sa.Column("quiet_until", sa.Text(), nullable=True),
        sa.Column("retention_years", sa.JSON(), nullable=False),
        sa.Column("privacy_notice", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)",
            name=op.f("clinic_settings_quiet_hours_whole_ck"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("clinic_settings_number_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("clinic_settings_pk")),
        sa.UniqueConstraint(
            "tenant_id", "number", name=op.f("clinic_settings_tenant_id_number_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "device",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("device_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "form_draft",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("copied_from", sa.Uuid(), nullable=True),
        sa.Column("translation_of", sa.Uuid(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("form_draft_pk")),
        sa.UniqueConstraint(
            "tenant_id", "form_key", "locale", name=op.f("form_draft_tenant_id_form_key_locale_uq")
        ),
        info={"append_only": False, "updatable": None, "deletable": True, "by_hand": False},
    )
    op.create_table(
        "form_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_version_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("is_alone", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "step IN ('submit', 'clinical', 'legal', 'publish', 'return', 'retire')",
            name=op.f("form_step_step_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("form_step_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "form_step_version_ix", "form_step", ["tenant_id", "form_version_id", "at"], unique=False
    )
    op.create_table(
        "message",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("to_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("body_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'sms')", name=op.f("message_channel_ck")),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f("message_state_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("message_pk")),
        info={
            "append_only": False,
            "updatable": ("state", "attempts", "not_before", "sent_at", "last_error"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "message_created_ix", "message", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "message_location_ix",
        "message",
        ["tenant_id", "location_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "message_patient_ix", "message", ["tenant_id", "patient_id", "created_at"], unique=False
    )
    op.create_table(
        "package",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("deposit_kind", sa.Text(), nullable=False),
        sa.Column("deposit_value", sa.BigInteger(), nullable=False),
        sa.Column("deposit_round_down_to", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "deposit_kind IN ('none', 'fixed', 'percent', 'full')",
            name=op.f("package_deposit_kind_ck"),
        ),
        sa.CheckConstraint("price_minor > 0", name=op.f("package_price_ck")),
        sa.CheckConstraint("sessions BETWEEN 1 AND 24", name=op.f("package_sessions_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("package_pk")),
        sa.UniqueConstraint(
            "tenant_id", "location_id", "code", name=op.f("package_tenant_id_location_id_code_uq")
        ),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "patient",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("interpreter", sa.Text(), nullable=False),
        sa.Column("date_of_birth_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("health_note_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("age_evidence_kind", sa.Text(), nullable=True),
        sa.Column("age_checked_by", sa.Uuid(), nullable=True),
        sa.Column("age_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "age_evidence_kind IN ('passport', 'national_id', 'driving_licence', 'residence_permit', 'birth_certificate', 'proof_of_age_card')",
            name=op.f("patient_age_evidence_kind_ck"),
        ),
        sa.CheckConstraint(
            "interpreter IN ('none', 'spoken', 'sign')", name=op.f("patient_interpreter_ck")
        ),
        sa.CheckConstraint("merged_into <> id", name=op.f("patient_not_its_own_alias_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index("patient_merged_ix", "patient", ["tenant_id", "merged_into"], unique=False)
    op.create_index(
        "patient_name_ix",
        "patient",
        ["tenant_id", "sort_name", "id"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NULL AND erased_at IS NULL"),
    )
    op.create_table(
        "patient_import",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("headings_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('mapping', 'checking', 'checked', 'importing', 'done', 'cancelled')",
            name=op.f("patient_import_state_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_import_pk")),
        info={
            "append_only": False,
            "updatable": ("state", "mapping", "location_id", "done", "finished_at", "version"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "patient_import_created_ix", "patient_import", ["tenant_id", "created_at"], unique=False
    )
    op.create_table(
        "policy_decision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "basis IN ('law', 'guidance', 'clinic')", name=op.f("policy_decision_basis_ck")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("policy_decision_number_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("policy_decision_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "jurisdiction",
            "policy",
            "number",
            name=op.f("policy_decision_tenant_id_jurisdiction_policy_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "qualification",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=False),
        sa.Column("is_prescriber", sa.Boolean(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("insurance", sa.Text(), nullable=True),
        sa.Column("insurance_expires_on", sa.Date(), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(verified_by IS NULL) = (verified_at IS NULL)",
            name=op.f("qualification_verified_whole_ck"),
        ),
        sa.CheckConstraint(
            "verified_by IS DISTINCT FROM staff_id", name=op.f("qualification_not_by_oneself_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("qualification_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "qualification_expires_ix", "qualification", ["tenant_id", "expires_on"], unique=False
    )
    op.create_index(
        "qualification_staff_ix", "qualification", ["tenant_id", "staff_id"], unique=False
    )
    op.create_table(
        "safety_notice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "about IN ('device_kind', 'device', 'add_on', 'anaesthetic')",
            name=op.f("safety_notice_about_ck"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)",
            name=op.f("safety_notice_ended_by_somebody_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("safety_notice_pk")),
        info={
            "append_only": False,
            "updatable": ("ended_at", "ended_by"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "safety_notice_said_ix", "safety_notice", ["tenant_id", "said_on"], unique=False
    )
    op.create_table(
        "shared_device",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enrolled_by", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("shared_device_pk")),
        info={
            "append_only": False,
            "updatable": ("last_used_at", "revoked_at"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "shared_device_enrolled_ix", "shared_device", ["tenant_id", "enrolled_at"], unique=False
    )
    op.create_table(
        "staff_invitation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("location_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'medical_lead', 'practitioner', 'front_desk', 'billing', 'manager', 'auditor')",
            name=op.f("staff_invitation_role_ck"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'cancelled')", name=op.f("staff_invitation_state_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("staff_invitation_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "staff_invitation_created_ix", "staff_invitation", ["tenant_id", "created_at"], unique=False
    )
    op.create_index(
        "staff_invitation_one_open_uq",
        "staff_invitation",
        ["tenant_id", "email"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "staff_invitation_open_ix",
        "staff_invitation",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "staff_location",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("staff_location_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "staff_id",
            "location_id",
            name=op.f("staff_location_tenant_id_staff_id_location_id_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": True, "by_hand": False},
    )
    op.create_table(
        "staff_pin",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("staff_pin_pk")),
        sa.UniqueConstraint("tenant_id", "staff_id", name=op.f("staff_pin_tenant_id_staff_id_uq")),
        info={
            "append_only": False,
            "updatable": ("pin_hash", "set_at"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_table(
        "standing_decision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("patient", sa.Text(), nullable=False),
        sa.Column("confirm", sa.Text(), nullable=False),
        sa.Column("risk_id", sa.Text(), nullable=True),
        sa.Column("max_depth_um", sa.Integer(), nullable=True),
        sa.Column("without", sa.JSON(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("max_depth_um > 0", name=op.f("standing_decision_depth_ck")),
        sa.CheckConstraint("number >= 1", name=op.f("standing_decision_number_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("standing_decision_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "rule_id",
            "number",
            name=op.f("standing_decision_tenant_id_rule_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "transfer",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("debit_account", sa.Uuid(), nullable=False),
        sa.Column("credit_account", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("transfer_amount_ck")),
        sa.CheckConstraint(
            "debit_account <> credit_account", name=op.f("transfer_two_accounts_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("transfer_pk")),
        sa.UniqueConstraint(
            "tenant_id", "journal", "leg", name=op.f("transfer_tenant_id_journal_leg_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index("transfer_booked_ix", "transfer", ["tenant_id", "booked_at"], unique=False)
    op.create_index("transfer_credit_ix", "transfer", ["tenant_id", "credit_account"], unique=False)
    op.create_index("transfer_debit_ix", "transfer", ["tenant_id", "debit_account"], unique=False)
    op.create_table(
        "cartridge_lot",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("cartridge_lot_pk")),
        sa.UniqueConstraint(
            "tenant_id", "device_id", "lot", name=op.f("cartridge_lot_tenant_id_device_id_lot_uq")
        ),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "cartridge_lot_expires_ix", "cartridge_lot", ["tenant_id", "expires_on"], unique=False
    )
    op.create_table(
        "data_export",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("retention", sa.Text(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cursor_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('patient_data', 'patient_list')", name=op.f("data_export_kind_ck")
        ),
        sa.CheckConstraint(
            "retention IN ('clinical', 'financial')", name=op.f("data_export_retention_ck")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'ready', 'failed', 'expired')", name=op.f("data_export_state_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("data_export_pk")),
        info={
            "append_only": False,
            "updatable": (
                "state",
                "retention",
                "total",
                "done",
                "cursor_id",
                "ready_at",
                "expires_at",
                "sent_at",
            ),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "data_export_kind_ix", "data_export", ["tenant_id", "kind", "created_at"], unique=False
    )
    op.create_index(
        "data_export_patient_ix",
        "data_export",
        ["tenant_id", "patient_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "patient_addendum",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("text_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "about IN ('patient', 'plan', 'consent', 'treatment', 'incident', 'document')",
            name=op.f("patient_addendum_about_ck"),
        ),
        sa.CheckConstraint(
            "position IN ('agreed', 'not_agreed')", name=op.f("patient_addendum_position_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_addendum_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "patient_addendum_patient_ix",
        "patient_addendum",
        ["tenant_id", "patient_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "patient_contact",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("typed_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("is_preferred", sa.Boolean(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("patient_contact_kind_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_contact_pk")),
        info={
            "append_only": False,
            "updatable": ("is_preferred", "verified_at", "verified_by"),
            "deletable": True,
            "by_hand": False,
        },
    )
    op.create_index(
        "patient_contact_patient_ix", "patient_contact", ["tenant_id", "patient_id"], unique=False
    )
    op.create_table(
        "patient_former_name",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("name_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_former_name_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "patient_former_name_patient_ix",
        "patient_former_name",
        ["tenant_id", "patient_id"],
        unique=False,
    )
    op.create_table(
        "patient_import_row",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'refused', 'duplicate')",
            name=op.f("patient_import_row_outcome_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_import_row_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "import_id",
            "number",
            name=op.f("patient_import_row_tenant_id_import_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": True, "by_hand": False},
    )
    op.create_table(
        "patient_limit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('legal_hold', 'restriction', 'marketing_objection')",
            name=op.f("patient_limit_kind_ck"),
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR kind = 'legal_hold'", name=op.f("patient_limit_until_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_limit_pk")),
        info={
            "append_only": False,
            "updatable": ("lifted_at", "lifted_by"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "patient_limit_in_force_uq",
        "patient_limit",
        ["tenant_id", "patient_id", "kind", "reason"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_index(
        "patient_limit_patient_ix",
        "patient_limit",
        ["tenant_id", "patient_id", "placed_at"],
        unique=False,
    )
    op.create_table(
        "patient_merge",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alias_id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("alias_id <> kept_id", name=op.f("patient_merge_two_records_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_merge_pk")),
        info={
            "append_only": False,
            "updatable": ("undone_at", "undone_by"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "patient_merge_open_uq",
        "patient_merge",
        ["tenant_id", "alias_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "patient_token",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Text(collation="C"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "token", "patient_id", name=op.f("patient_token_pk")),
        info={"append_only": True, "updatable": None, "deletable": True, "by_hand": False},
    )
    op.create_index(
        "patient_token_patient_ix",
        "patient_token",
        ["tenant_id", "patient_id", "token"],
        unique=False,
    )
    op.create_table(
        "plan",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("latest_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("talk_again_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("plan_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index("plan_patient_ix", "plan", ["tenant_id", "patient_id"], unique=False)
    op.create_table(
        "purchase",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("terms_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("sold_by", sa.Uuid(), nullable=False),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "deposit_minor BETWEEN 0 AND price_minor", name=op.f("purchase_deposit_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("purchase_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "purchase_patient_ix", "purchase", ["tenant_id", "patient_id", "sold_at"], unique=False
    )
    op.create_table(
        "qualification_evidence",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("cipher_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "media_type IN ('application/pdf', 'image/png')",
            name=op.f("qualification_evidence_media_type_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("qualification_evidence_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "qualification_evidence_ix",
        "qualification_evidence",
        ["tenant_id", "qualification_id"],
        unique=False,
    )
    op.create_table(
        "qualification_scope",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("max_depth_um", sa.Integer(), nullable=False),
        sa.Column("areas", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("device_kinds", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("energy", sa.Text(), nullable=False),
        sa.Column("prescribed_anaesthetic", sa.Boolean(), nullable=False),
        sa.Column("attests", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "max_depth_um >= 0", name=op.f("qualification_scope_depth_not_negative_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("qualification_scope_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "qualification_id",
            "location_id",
            "procedure_id",
            name=op.f("qualification_scope_tenant_id_qualification_id_location_id_procedure_id_uq"),
        ),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "rights_request",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("identified_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('access', 'rectification', 'restriction', 'objection', 'erasure')",
            name=op.f("rights_request_kind_ck"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'decided', 'done')", name=op.f("rights_request_state_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("rights_request_pk")),
        info={
            "append_only": False,
            "updatable": ("state", "decided_at", "closed_at", "version"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "rights_request_open_ix", "rights_request", ["tenant_id", "state", "due_on"], unique=False
    )
    op.create_index(
        "rights_request_patient_ix",
        "rights_request",
        ["tenant_id", "patient_id", "asked_at"],
        unique=False,
    )
    op.create_table(
        "sealing_operation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("frozen_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('patient_consent', 'executed_consent', 'withdrawal', 'decision', 'aftercare', 'receipt')",
            name=op.f("sealing_operation_kind_ck"),
        ),
        sa.CheckConstraint(
            "state IN ('started', 'done', 'void')", name=op.f("sealing_operation_state_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("sealing_operation_pk")),
        info={
            "append_only": False,
            "updatable": ("state", "finished_at"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "sealing_operation_one_at_a_time_uq",
        "sealing_operation",
        ["tenant_id", "subject_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'started'"),
    )
    op.create_table(
        "stripe_customer",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("stripe_customer_pk")),
        sa.UniqueConstraint(
            "tenant_id", "patient_id", name=op.f("stripe_customer_tenant_id_patient_id_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "data_export_part",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("cipher_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("data_export_part_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "export_id",
            "number",
            name=op.f("data_export_part_tenant_id_export_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": True, "by_hand": False},
    )
    op.create_table(
        "document",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("predecessor_id", sa.Uuid(), nullable=True),
        sa.Column("settings_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("cipher_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamp_state", sa.Text(), nullable=False),
        sa.Column("stamp_reason", sa.Text(), nullable=True),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certificate_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('patient_consent', 'executed_consent', 'withdrawal', 'decision', 'aftercare', 'receipt')",
            name=op.f("document_kind_ck"),
        ),
        sa.CheckConstraint(
            "stamp_state IN ('stamped', 'not_time_stamped')", name=op.f("document_stamp_state_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("document_pk")),
        sa.UniqueConstraint(
            "tenant_id", "operation_id", name=op.f("document_tenant_id_operation_id_uq")
        ),
        sa.UniqueConstraint("tenant_id", "sha256", name=op.f("document_tenant_id_sha256_uq")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "document_patient_ix", "document", ["tenant_id", "patient_id", "sealed_at"], unique=False
    )
    op.create_index(
        "document_subject_ix", "document", ["tenant_id", "subject_id", "kind"], unique=False
    )
    op.create_table(
        "payment_attempt",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("checkout_session_id", sa.Text(), nullable=True),
        sa.Column("checkout_url", sa.Text(), nullable=True),
        sa.Column("payment_intent_id", sa.Text(), nullable=True),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('deposit', 'balance')", name=op.f("payment_attempt_purpose_ck")
        ),
        sa.CheckConstraint(
            "state IN ('new', 'open', 'unknown', 'paid', 'failed', 'expired', 'quarantined')",
            name=op.f("payment_attempt_state_ck"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("payment_attempt_amount_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("payment_attempt_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "checkout_session_id",
            name=op.f("payment_attempt_tenant_id_checkout_session_id_uq"),
        ),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "payment_attempt_one_open_uq",
        "payment_attempt",
        ["tenant_id", "purchase_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("state IN ('new', 'open', 'unknown')"),
    )
    op.create_index(
        "payment_attempt_purchase_ix",
        "payment_attempt",
        ["tenant_id", "purchase_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "plan_version",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("indication_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("catalogue_version_id", sa.Uuid(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("interval_days", sa.Integer(), nullable=False),
        sa.Column("anaesthetic", sa.Text(), nullable=False),
        sa.Column("anaesthetic_name", sa.Text(), nullable=False),
        sa.Column("add_ons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("skin_type", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("capacity_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("what_matters_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_terms", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "anaesthetic IN ('none', 'otc', 'pharmacy', 'prescription')",
            name=op.f("plan_version_anaesthetic_ck"),
        ),
        sa.CheckConstraint(
            "capacity IN ('presumed', 'assessed', 'lacking')", name=op.f("plan_version_capacity_ck")
        ),
        sa.CheckConstraint("price_minor >= 0", name=op.f("plan_version_price_ck")),
        sa.CheckConstraint("sessions BETWEEN 1 AND 24", name=op.f("plan_version_sessions_ck")),
        sa.CheckConstraint("skin_type BETWEEN 1 AND 6", name=op.f("plan_version_skin_type_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("plan_version_pk")),
        sa.UniqueConstraint(
            "tenant_id", "plan_id", "number", name=op.f("plan_version_tenant_id_plan_id_number_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "refund_quote",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawal_id", sa.Uuid(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("used_minor", sa.BigInteger(), nullable=False),
        sa.Column("quoted_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("sessions_used", sa.Integer(), nullable=False),
        sa.Column("payment_under_way", sa.Boolean(), nullable=False),
        sa.Column("terms_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "paid_minor >= 0 AND used_minor >= 0", name=op.f("refund_quote_amounts_ck")
        ),
        sa.CheckConstraint(
            "quoted_minor = greatest(paid_minor - used_minor, 0)",
            name=op.f("refund_quote_formula_ck"),
        ),
        sa.CheckConstraint(
            "sessions_used BETWEEN 0 AND sessions", name=op.f("refund_quote_sessions_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("refund_quote_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "withdrawal_id",
            "purchase_id",
            name=op.f("refund_quote_tenant_id_withdrawal_id_purchase_id_uq"),
        ),
        info={
            "append_only": False,
            "updatable": ("handled_at", "handled_by"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "refund_quote_open_ix",
        "refund_quote",
        ["tenant_id", "withdrawal_id"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_index(
        "refund_quote_patient_ix", "refund_quote", ["tenant_id", "patient_id"], unique=False
    )
    op.create_table(
        "rights_decision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=True),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("counted_from", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("files_removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "basis IN ('law', 'guidance', 'clinic')", name=op.f("rights_decision_basis_ck")
        ),
        sa.CheckConstraint(
            "retention IN ('clinical', 'financial', 'marketing', 'contact')",
            name=op.f("rights_decision_retention_ck"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'held', 'done', 'cancelled')",
            name=op.f("rights_decision_state_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("rights_decision_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "request_id",
            "retention",
            name=op.f("rights_decision_tenant_id_request_id_retention_uq"),
        ),
        info={
            "append_only": False,
            "updatable": (
                "state",
                "reason",
                "basis",
                "jurisdiction",
                "years",
                "counted_from",
                "due_on",
                "carried_out_at",
                "files_removed_at",
            ),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "rights_decision_due_ix", "rights_decision", ["tenant_id", "state", "due_on"], unique=False
    )
    op.create_index(
        "rights_decision_patient_ix", "rights_decision", ["tenant_id", "patient_id"], unique=False
    )
    op.create_table(
        "session_credit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("session_credit_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "purchase_id",
            "number",
            name=op.f("session_credit_tenant_id_purchase_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "session_credit_patient_ix", "session_credit", ["tenant_id", "patient_id"], unique=False
    )
    op.create_table(
        "visit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outside_hours_by", sa.Uuid(), nullable=True),
        sa.Column("after_withdrawal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'arrived', 'started', 'completed', 'cancelled', 'missed')",
            name=op.f("visit_state_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("visit_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "visit_day_ix", "visit", ["tenant_id", "location_id", "planned_at"], unique=False
    )
    op.create_index(
        "visit_patient_ix", "visit", ["tenant_id", "patient_id", "planned_at"], unique=False
    )
    op.create_index("visit_plan_ix", "visit", ["tenant_id", "plan_id"], unique=False)
    op.create_index(
        "visit_to_follow_ix",
        "visit",
        ["tenant_id", "plan_id"],
        unique=False,
        postgresql_where=sa.text("after_withdrawal AND state IN ('planned', 'arrived')"),
    )
    op.create_table(
        "acute_check",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("answers_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("outcome_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("acute_check_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "acute_check_patient_ix",
        "acute_check",
        ["tenant_id", "patient_id", "made_at", "id"],
        unique=False,
    )
    op.create_index(
        "acute_check_visit_ix", "acute_check", ["tenant_id", "visit_id", "made_at"], unique=False
    )
    op.create_table(
        "consent",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("form_version_id", sa.Uuid(), nullable=False),
        sa.Column("catalogue_version_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("add_on_id", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("is_other_language", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shown_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("shown_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("link_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identity_method", sa.Text(), nullable=True),
        sa.Column("identity_attested_by", sa.Uuid(), nullable=True),
        sa.Column("identity_attested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_channel", sa.Text(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("privacy_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("privacy_shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("electronic_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("electronic_demonstrated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("electronic_withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_wished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("understood_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("teach_back_right", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_entered_later", sa.Boolean(), nullable=False),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(purpose = 'add_on') = (add_on_id IS NOT NULL)", name=op.f("consent_add_on_ck")
        ),
        sa.CheckConstraint(
            "ended_at IS NOT NULL OR state NOT IN ('declined', 'withdrawn', 'superseded', 'voided', 'not_safe', 'expired')",
            name=op.f("consent_ended_ck"),
        ),
        sa.CheckConstraint(
            "purpose IN ('treatment', 'add_on', 'clinical_photos', 'marketing_photos')",
            name=op.f("consent_purpose_ck"),
        ),
        sa.CheckConstraint(
            "state <> 'active' OR attested_at IS NOT NULL OR purpose IN ('clinical_photos', 'marketing_photos')",
            name=op.f("consent_attested_ck"),
        ),
        sa.CheckConstraint(
            "state IN ('sent', 'opened', 'held', 'cleared', 'signed', 'active', 'declined', 'withdrawn', 'superseded', 'voided', 'not_safe', 'paused', 'expired')",
            name=op.f("consent_state_ck"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('signed', 'active', 'paused') OR (signed_at IS NOT NULL AND identified_at IS NOT NULL)",
            name=op.f("consent_signed_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("consent_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "consent_locked_ix",
        "consent",
        ["tenant_id", "location_id", "locked_at"],
        unique=False,
        postgresql_where=sa.text("locked_at IS NOT NULL"),
    )
    op.create_index(
        "consent_patient_ix", "consent", ["tenant_id", "patient_id", "created_at"], unique=False
    )
    op.create_index("consent_plan_ix", "consent", ["tenant_id", "plan_id"], unique=False)
    op.create_index(
        "consent_withdrawn_at_ix",
        "consent",
        ["tenant_id", "location_id", "ended_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'withdrawn'"),
    )
    op.create_index(
        "consent_withdrawn_ix",
        "consent",
        ["tenant_id", "ended_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'withdrawn'"),
    )
    op.create_table(
        "discussion",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("interpreter_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("note_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "mode IN ('in_person', 'video', 'phone')", name=op.f("discussion_mode_ck")
        ),
        sa.CheckConstraint("held_at <= recorded_at", name=op.f("discussion_not_in_the_future_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("discussion_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "discussion_plan_version_ix", "discussion", ["tenant_id", "plan_version_id"], unique=False
    )
    op.create_table(
        "document_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("cipher_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("document_file_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "document_id",
            "sha256",
            name=op.f("document_file_tenant_id_document_id_sha256_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "incident",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("named_staff_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("lot_id", sa.Uuid(), nullable=True),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("refused_because", sa.JSON(), nullable=False),
        sa.Column("reason_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("incident_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "incident_patient_ix", "incident", ["tenant_id", "patient_id", "happened_at"], unique=False
    )
    op.create_table(
        "photo",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("copied_from", sa.Uuid(), nullable=True),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "copied_from IS NULL OR purpose = 'marketing'", name=op.f("photo_copy_ck")
        ),
        sa.CheckConstraint("kind IN ('before', 'after', 'other')", name=op.f("photo_kind_ck")),
        sa.CheckConstraint("purpose IN ('clinical', 'marketing')", name=op.f("photo_purpose_ck")),
        sa.CheckConstraint(
            "view IN ('front', 'left', 'right', 'left_oblique', 'right_oblique', 'above', 'back', 'close')",
            name=op.f("photo_view_ck"),
        ),
        sa.CheckConstraint("taken_at <= added_at", name=op.f("photo_not_in_the_future_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("photo_pk")),
        info={
            "append_only": False,
            "updatable": ("location_id", "removed_at", "removed_by"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "photo_gallery_at_ix",
        "photo",
        ["tenant_id", "location_id", "taken_at", "id"],
        unique=False,
        postgresql_where=sa.text("purpose = 'marketing' AND removed_at IS NULL"),
    )
    op.create_index(
        "photo_gallery_ix",
        "photo",
        ["tenant_id", "taken_at", "id"],
        unique=False,
        postgresql_where=sa.text("purpose = 'marketing' AND removed_at IS NULL"),
    )
    op.create_index(
        "photo_patient_ix", "photo", ["tenant_id", "patient_id", "taken_at"], unique=False
    )
    op.create_table(
        "plan_area",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("max_depth_um", sa.Integer(), nullable=False),
        sa.CheckConstraint("max_depth_um BETWEEN 1 AND 8000", name=op.f("plan_area_depth_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("plan_area_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "plan_version_id",
            "area",
            name=op.f("plan_area_tenant_id_plan_version_id_area_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "plan_spot",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("spot_cipher", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 40", name=op.f("plan_spot_number_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("plan_spot_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "plan_version_id",
            "number",
            name=op.f("plan_spot_tenant_id_plan_version_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "receipt",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("receipt_pk")),
        sa.UniqueConstraint(
            "tenant_id", "attempt_id", name=op.f("receipt_tenant_id_attempt_id_uq")
        ),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("receipt_tenant_id_number_uq")),
        info={
            "append_only": False,
            "updatable": ("document_id",),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_table(
        "redemption",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("treatment_id", sa.Uuid(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("redemption_pk")),
        sa.UniqueConstraint(
            "tenant_id", "credit_id", name=op.f("redemption_tenant_id_credit_id_uq")
        ),
        sa.UniqueConstraint(
            "tenant_id", "treatment_id", name=op.f("redemption_tenant_id_treatment_id_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "consent_answers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("answers_salted_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("outcome_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("catalogue_version_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("evidence_cipher", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "source IN ('patient', 'evidence', 'rejudged')", name=op.f("consent_answers_source_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("consent_answers_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "consent_id",
            "number",
            name=op.f("consent_answers_tenant_id_consent_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "consent_decline",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("why_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "way IN ('sign_link', 'copy_link', 'staff')", name=op.f("consent_decline_way_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("consent_decline_pk")),
        sa.UniqueConstraint(
            "tenant_id", "consent_id", name=op.f("consent_decline_tenant_id_consent_id_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "consent_draft",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("answers_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("ink_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("consent_draft_pk")),
        sa.UniqueConstraint(
            "tenant_id", "consent_id", name=op.f("consent_draft_tenant_id_consent_id_uq")
        ),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "consent_party",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("details_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('interpreter', 'witness')", name=op.f("consent_party_role_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("consent_party_pk")),
        info={
            "append_only": False,
            "updatable": ("details_cipher", "stated_at", "taken_by", "removed_at"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "consent_party_consent_ix",
        "consent_party",
        ["tenant_id", "consent_id", "added_at"],
        unique=False,
    )
    op.create_table(
        "consent_reminder",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("consent_reminder_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "consent_id",
            "number",
            name=op.f("consent_reminder_tenant_id_consent_id_number_uq"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "message_id", name=op.f("consent_reminder_tenant_id_message_id_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "consent_void",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("reason_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("voided_by", sa.Uuid(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("consent_void_pk")),
        sa.UniqueConstraint(
            "tenant_id", "consent_id", name=op.f("consent_void_tenant_id_consent_id_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "consent_way",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("covered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "opened_by IN ('sign_link', 'short_code', 'qr_link', 'tablet')",
            name=op.f("consent_way_opened_by_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("consent_way_pk")),
        info={
            "append_only": False,
            "updatable": ("opened_at", "touched_at", "covered_at", "ended_at"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "consent_way_consent_ix",
        "consent_way",
        ["tenant_id", "consent_id", "offered_at"],
        unique=False,
    )
    op.create_table(
        "paper_form",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("blank_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("shown_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_by", sa.Uuid(), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scanned_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("original_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "signed_at <= confirmed_at", name=op.f("paper_form_not_in_the_future_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("paper_form_pk")),
        info={
            "append_only": False,
            "updatable": (
                "scanned_at",
                "scanned_by",
                "confirmed_at",
                "confirmed_by",
                "seen_by",
                "signed_at",
                "original_cipher",
                "ended_at",
            ),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "paper_form_blank_uq",
        "paper_form",
        ["tenant_id", "blank_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "paper_form_consent_ix",
        "paper_form",
        ["tenant_id", "consent_id", "printed_at"],
        unique=False,
    )
    op.create_table(
        "patient_question",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("question_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answer_cipher IS NULL) = (answered_by IS NULL) AND (answer_cipher IS NULL) = (answered_at IS NULL)",
            name=op.f("patient_question_answered_by_somebody_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("patient_question_pk")),
        info={
            "append_only": False,
            "updatable": ("answer_cipher", "answered_by", "answered_at", "taken_back_at"),
            "deletable": False,
            "by_hand": False,
        },
    )
    op.create_index(
        "patient_question_consent_ix", "patient_question", ["tenant_id", "consent_id"], unique=False
    )
    op.create_table(
        "photo_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("cipher_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "retention IN ('clinical', 'marketing')", name=op.f("photo_file_retention_ck")
        ),
        sa.CheckConstraint("size IN ('full', 'small')", name=op.f("photo_file_size_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("photo_file_pk")),
        sa.UniqueConstraint(
            "tenant_id", "photo_id", "size", name=op.f("photo_file_tenant_id_photo_id_size_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "photo_file_patient_ix",
        "photo_file",
        ["tenant_id", "patient_id", "retention"],
        unique=False,
    )
    op.create_table(
        "treatment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("acute_check_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("treatment_pk")),
        sa.UniqueConstraint("tenant_id", "visit_id", name=op.f("treatment_tenant_id_visit_id_uq")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "treatment_patient_ix", "treatment", ["tenant_id", "patient_id", "started_at"], unique=False
    )
    op.create_table(
        "withdrawal",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("reason_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "way IN ('sign_link', 'copy_link', 'staff')", name=op.f("withdrawal_way_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("withdrawal_pk")),
        sa.UniqueConstraint(
            "tenant_id", "consent_id", name=op.f("withdrawal_tenant_id_consent_id_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "withdrawal_at_ix", "withdrawal", ["tenant_id", "withdrawn_at", "id"], unique=False
    )
    op.create_table(
        "aftercare_given",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("treatment_id", sa.Uuid(), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("aftercare_given_pk")),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "aftercare_given_patient_ix",
        "aftercare_given",
        ["tenant_id", "patient_id", "given_at"],
        unique=False,
    )
    op.create_index(
        "aftercare_given_visit_ix", "aftercare_given", ["tenant_id", "visit_id"], unique=False
    )
    op.create_table(
        "hold",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("is_after_signing", sa.Boolean(), nullable=False),
        sa.Column("found_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("ends_number", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("waits_until", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("decided_number", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "origin IN ('answers', 'changed', 'expired', 'incident', 'acute_check', 'clinic')",
            name=op.f("hold_origin_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("hold_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "hold_consent_ix", "hold", ["tenant_id", "consent_id", "opened_at"], unique=False
    )
    op.create_index(
        "hold_one_open_uq",
        "hold",
        ["tenant_id", "consent_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "hold_open_ix",
        "hold",
        ["tenant_id", "opened_at", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "paper_page",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("scan_cipher", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("paper_page_pk")),
        sa.UniqueConstraint(
            "tenant_id", "paper_id", "number", name=op.f("paper_page_tenant_id_paper_id_number_uq")
        ),
        info={
            "append_only": False,
            "updatable": ("scan_cipher",),
            "deletable": True,
            "by_hand": False,
        },
    )
    op.create_table(
        "signature",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("name_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("ink_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("meaning_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("shown_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_code", sa.Text(), nullable=False),
        sa.Column("user_agent_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.CheckConstraint("method IN ('ink', 'typed', 'paper')", name=op.f("signature_method_ck")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("signature_pk")),
        sa.UniqueConstraint(
            "tenant_id", "consent_id", name=op.f("signature_tenant_id_consent_id_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "treatment_completion",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("treatment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_by", sa.Uuid(), nullable=False),
        sa.Column("device_model", sa.Text(), nullable=False),
        sa.Column("device_serial", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("lot_expires_on", sa.Date(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("topicals", sa.JSON(), nullable=False),
        sa.Column("beyond_consent", sa.Boolean(), nullable=False),
        sa.Column("note_cipher", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("treatment_completion_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "treatment_id",
            "number",
            name=op.f("treatment_completion_tenant_id_treatment_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "attestation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("signature_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("stepped_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("attestation_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "consent_id",
            "staff_id",
            name=op.f("attestation_tenant_id_consent_id_staff_id_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "hold_decision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("terms_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("delay_until", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("qualification_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(delay_until IS NOT NULL) = (kind = 'delay')", name=op.f("hold_decision_delay_ck")
        ),
        sa.CheckConstraint(
            "kind IN ('safe', 'not_safe', 'delay')", name=op.f("hold_decision_kind_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("hold_decision_pk")),
        sa.UniqueConstraint(
            "tenant_id",
            "consent_id",
            "number",
            name=op.f("hold_decision_tenant_id_consent_id_number_uq"),
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_table(
        "outside_review",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("email_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("person_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("identified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'answered', 'cancelled')", name=op.f("outside_review_state_ck")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("outside_review_pk")),
        info={"append_only": False, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.create_index(
        "outside_review_consent_ix", "outside_review", ["tenant_id", "consent_id"], unique=False
    )
    op.create_table(
        "hold_agreement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("qualification_id", sa.Uuid(), nullable=True),
        sa.Column("outside_review_id", sa.Uuid(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("reason_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "staff_id IS NOT NULL OR outside_review_id IS NOT NULL",
            name=op.f("hold_agreement_somebody_ck"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("hold_agreement_pk")),
        sa.UniqueConstraint(
            "tenant_id", "decision_id", name=op.f("hold_agreement_tenant_id_decision_id_uq")
        ),
        info={"append_only": True, "updatable": None, "deletable": False, "by_hand": False},
    )
    op.spread_tables()
    op.add_tenant_fk(
        "form_version_translation_of_fk",
        "form_version",
        "form_version",
        ["tenant_id", "translation_of"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "audit_link_event_id_fk",
        "audit_link",
        "audit_event",
        ["tenant_id", "event_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "blank_form_form_version_id_fk",
        "blank_form",
        "form_version",
        ["tenant_id", "form_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "blank_form_location_id_fk",
        "blank_form",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "blank_form_printed_by_fk",
        "blank_form",
        "staff_member",
        ["tenant_id", "printed_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "clinic_export_part_export_id_fk",
        "clinic_export_part",
        "clinic_export",
        ["tenant_id", "export_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "clinic_settings_logo_id_fk",
        "clinic_settings",
        "clinic_logo",
        ["tenant_id", "logo_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "device_location_id_fk",
        "device",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "form_draft_copied_from_fk",
        "form_draft",
        "form_version",
        ["tenant_id", "copied_from"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "form_draft_translation_of_fk",
        "form_draft",
        "form_version",
        ["tenant_id", "translation_of"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "form_draft_written_by_fk",
        "form_draft",
        "staff_member",
        ["tenant_id", "written_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "form_step_form_version_id_fk",
        "form_step",
        "form_version",
        ["tenant_id", "form_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "form_step_staff_id_fk",
        "form_step",
        "staff_member",
        ["tenant_id", "staff_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "message_location_id_fk",
        "message",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "package_location_id_fk",
        "package",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_location_id_fk",
        "patient",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_merged_into_fk",
        "patient",
        "patient",
        ["tenant_id", "merged_into"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_import_location_id_fk",
        "patient_import",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "policy_decision_decided_by_fk",
        "policy_decision",
        "staff_member",
        ["tenant_id", "decided_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "qualification_staff_id_fk",
        "qualification",
        "staff_member",
        ["tenant_id", "staff_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "qualification_verified_by_fk",
        "qualification",
        "staff_member",
        ["tenant_id", "verified_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "safety_notice_ended_by_fk",
        "safety_notice",
        "staff_member",
        ["tenant_id", "ended_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "safety_notice_entered_by_fk",
        "safety_notice",
        "staff_member",
        ["tenant_id", "entered_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "shared_device_enrolled_by_fk",
        "shared_device",
        "staff_member",
        ["tenant_id", "enrolled_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "staff_invitation_created_by_fk",
        "staff_invitation",
        "staff_member",
        ["tenant_id", "created_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "staff_invitation_staff_id_fk",
        "staff_invitation",
        "staff_member",
        ["tenant_id", "staff_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "staff_location_location_id_fk",
        "staff_location",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "staff_location_staff_id_fk",
        "staff_location",
        "staff_member",
        ["tenant_id", "staff_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "staff_pin_staff_id_fk",
        "staff_pin",
        "staff_member",
        ["tenant_id", "staff_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "standing_decision_decided_by_fk",
        "standing_decision",
        "staff_member",
        ["tenant_id", "decided_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "transfer_credit_account_fk",
        "transfer",
        "ledger_account",
        ["tenant_id", "credit_account", "currency"],
        ["tenant_id", "id", "currency"],
    )
    op.add_tenant_fk(
        "transfer_debit_account_fk",
        "transfer",
        "ledger_account",
        ["tenant_id", "debit_account", "currency"],
        ["tenant_id", "id", "currency"],
    )
    op.add_tenant_fk(
        "cartridge_lot_device_id_fk",
        "cartridge_lot",
        "device",
        ["tenant_id", "device_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "data_export_patient_id_fk",
        "data_export",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_addendum_patient_id_fk",
        "patient_addendum",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_contact_patient_id_fk",
        "patient_contact",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_former_name_patient_id_fk",
        "patient_former_name",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_import_row_import_id_fk",
        "patient_import_row",
        "patient_import",
        ["tenant_id", "import_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_limit_patient_id_fk",
        "patient_limit",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_merge_alias_id_fk",
        "patient_merge",
        "patient",
        ["tenant_id", "alias_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_merge_kept_id_fk",
        "patient_merge",
        "patient",
        ["tenant_id", "kept_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_token_patient_id_fk",
        "patient_token",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "plan_location_id_fk", "plan", "location", ["tenant_id", "location_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "plan_patient_id_fk", "plan", "patient", ["tenant_id", "patient_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "purchase_location_id_fk",
        "purchase",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "purchase_package_id_fk",
        "purchase",
        "package",
        ["tenant_id", "package_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "purchase_patient_id_fk",
        "purchase",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "qualification_evidence_qualification_id_fk",
        "qualification_evidence",
        "qualification",
        ["tenant_id", "qualification_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "qualification_scope_location_id_fk",
        "qualification_scope",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "qualification_scope_qualification_id_fk",
        "qualification_scope",
        "qualification",
        ["tenant_id", "qualification_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "rights_request_patient_id_fk",
        "rights_request",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "sealing_operation_patient_id_fk",
        "sealing_operation",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "stripe_customer_patient_id_fk",
        "stripe_customer",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "data_export_part_export_id_fk",
        "data_export_part",
        "data_export",
        ["tenant_id", "export_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "document_operation_id_fk",
        "document",
        "sealing_operation",
        ["tenant_id", "operation_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "document_patient_id_fk",
        "document",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "document_predecessor_id_fk",
        "document",
        "document",
        ["tenant_id", "predecessor_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "document_settings_id_fk",
        "document",
        "clinic_settings",
        ["tenant_id", "settings_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "payment_attempt_patient_id_fk",
        "payment_attempt",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "payment_attempt_purchase_id_fk",
        "payment_attempt",
        "purchase",
        ["tenant_id", "purchase_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "plan_version_catalogue_version_id_fk",
        "plan_version",
        "catalogue_version",
        ["tenant_id", "catalogue_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "plan_version_device_id_fk",
        "plan_version",
        "device",
        ["tenant_id", "device_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "plan_version_patient_id_fk",
        "plan_version",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "plan_version_plan_id_fk",
        "plan_version",
        "plan",
        ["tenant_id", "plan_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "plan_version_practitioner_id_fk",
        "plan_version",
        "staff_member",
        ["tenant_id", "practitioner_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "refund_quote_patient_id_fk",
        "refund_quote",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "refund_quote_purchase_id_fk",
        "refund_quote",
        "purchase",
        ["tenant_id", "purchase_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "rights_decision_patient_id_fk",
        "rights_decision",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "rights_decision_request_id_fk",
        "rights_decision",
        "rights_request",
        ["tenant_id", "request_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "session_credit_patient_id_fk",
        "session_credit",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "session_credit_purchase_id_fk",
        "session_credit",
        "purchase",
        ["tenant_id", "purchase_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "visit_location_id_fk",
        "visit",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "visit_outside_hours_by_fk",
        "visit",
        "staff_member",
        ["tenant_id", "outside_hours_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "visit_patient_id_fk", "visit", "patient", ["tenant_id", "patient_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "visit_plan_id_fk", "visit", "plan", ["tenant_id", "plan_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "visit_practitioner_id_fk",
        "visit",
        "staff_member",
        ["tenant_id", "practitioner_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "acute_check_patient_id_fk",
        "acute_check",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "acute_check_visit_id_fk",
        "acute_check",
        "visit",
        ["tenant_id", "visit_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_form_version_id_fk",
        "consent",
        "form_version",
        ["tenant_id", "form_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_location_id_fk",
        "consent",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_patient_id_fk",
        "consent",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_plan_id_fk", "consent", "plan", ["tenant_id", "plan_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "consent_plan_version_id_fk",
        "consent",
        "plan_version",
        ["tenant_id", "plan_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "discussion_held_by_fk",
        "discussion",
        "staff_member",
        ["tenant_id", "held_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "discussion_plan_version_id_fk",
        "discussion",
        "plan_version",
        ["tenant_id", "plan_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "document_file_document_id_fk",
        "document_file",
        "document",
        ["tenant_id", "document_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "incident_device_id_fk",
        "incident",
        "device",
        ["tenant_id", "device_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "incident_location_id_fk",
        "incident",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "incident_lot_id_fk",
        "incident",
        "cartridge_lot",
        ["tenant_id", "lot_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "incident_named_staff_id_fk",
        "incident",
        "staff_member",
        ["tenant_id", "named_staff_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "incident_patient_id_fk",
        "incident",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "incident_recorded_by_fk",
        "incident",
        "staff_member",
        ["tenant_id", "recorded_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "incident_visit_id_fk", "incident", "visit", ["tenant_id", "visit_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "photo_copied_from_fk", "photo", "photo", ["tenant_id", "copied_from"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "photo_location_id_fk",
        "photo",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "photo_patient_id_fk", "photo", "patient", ["tenant_id", "patient_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "photo_plan_id_fk", "photo", "plan", ["tenant_id", "plan_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "photo_visit_id_fk", "photo", "visit", ["tenant_id", "visit_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "plan_area_plan_version_id_fk",
        "plan_area",
        "plan_version",
        ["tenant_id", "plan_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "plan_spot_plan_version_id_fk",
        "plan_spot",
        "plan_version",
        ["tenant_id", "plan_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "receipt_attempt_id_fk",
        "receipt",
        "payment_attempt",
        ["tenant_id", "attempt_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "receipt_document_id_fk",
        "receipt",
        "document",
        ["tenant_id", "document_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "redemption_credit_id_fk",
        "redemption",
        "session_credit",
        ["tenant_id", "credit_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "redemption_patient_id_fk",
        "redemption",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_answers_consent_id_fk",
        "consent_answers",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_answers_entered_by_fk",
        "consent_answers",
        "staff_member",
        ["tenant_id", "entered_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_decline_consent_id_fk",
        "consent_decline",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_decline_recorded_by_fk",
        "consent_decline",
        "staff_member",
        ["tenant_id", "recorded_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_draft_consent_id_fk",
        "consent_draft",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_party_added_by_fk",
        "consent_party",
        "staff_member",
        ["tenant_id", "added_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_party_consent_id_fk",
        "consent_party",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_party_taken_by_fk",
        "consent_party",
        "staff_member",
        ["tenant_id", "taken_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_reminder_consent_id_fk",
        "consent_reminder",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_reminder_message_id_fk",
        "consent_reminder",
        "message",
        ["tenant_id", "message_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_void_consent_id_fk",
        "consent_void",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_void_voided_by_fk",
        "consent_void",
        "staff_member",
        ["tenant_id", "voided_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_way_consent_id_fk",
        "consent_way",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_way_device_id_fk",
        "consent_way",
        "shared_device",
        ["tenant_id", "device_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "consent_way_host_id_fk",
        "consent_way",
        "staff_member",
        ["tenant_id", "host_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "paper_form_blank_id_fk",
        "paper_form",
        "blank_form",
        ["tenant_id", "blank_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "paper_form_confirmed_by_fk",
        "paper_form",
        "staff_member",
        ["tenant_id", "confirmed_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "paper_form_consent_id_fk",
        "paper_form",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "paper_form_printed_by_fk",
        "paper_form",
        "staff_member",
        ["tenant_id", "printed_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "paper_form_scanned_by_fk",
        "paper_form",
        "staff_member",
        ["tenant_id", "scanned_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "paper_form_seen_by_fk",
        "paper_form",
        "staff_member",
        ["tenant_id", "seen_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_question_answered_by_fk",
        "patient_question",
        "staff_member",
        ["tenant_id", "answered_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "patient_question_consent_id_fk",
        "patient_question",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "photo_file_patient_id_fk",
        "photo_file",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "photo_file_photo_id_fk",
        "photo_file",
        "photo",
        ["tenant_id", "photo_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_acute_check_id_fk",
        "treatment",
        "acute_check",
        ["tenant_id", "acute_check_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_consent_id_fk",
        "treatment",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_device_id_fk",
        "treatment",
        "device",
        ["tenant_id", "device_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_location_id_fk",
        "treatment",
        "location",
        ["tenant_id", "location_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_lot_id_fk",
        "treatment",
        "cartridge_lot",
        ["tenant_id", "lot_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_patient_id_fk",
        "treatment",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_plan_version_id_fk",
        "treatment",
        "plan_version",
        ["tenant_id", "plan_version_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_practitioner_id_fk",
        "treatment",
        "staff_member",
        ["tenant_id", "practitioner_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_visit_id_fk",
        "treatment",
        "visit",
        ["tenant_id", "visit_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "withdrawal_consent_id_fk",
        "withdrawal",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "aftercare_given_document_id_fk",
        "aftercare_given",
        "document",
        ["tenant_id", "document_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "aftercare_given_incident_id_fk",
        "aftercare_given",
        "incident",
        ["tenant_id", "incident_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "aftercare_given_patient_id_fk",
        "aftercare_given",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "aftercare_given_treatment_id_fk",
        "aftercare_given",
        "treatment",
        ["tenant_id", "treatment_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "aftercare_given_visit_id_fk",
        "aftercare_given",
        "visit",
        ["tenant_id", "visit_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_answers_id_fk",
        "hold",
        "consent_answers",
        ["tenant_id", "answers_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_consent_id_fk", "hold", "consent", ["tenant_id", "consent_id"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "hold_opened_by_fk", "hold", "staff_member", ["tenant_id", "opened_by"], ["tenant_id", "id"]
    )
    op.add_tenant_fk(
        "paper_page_paper_id_fk",
        "paper_page",
        "paper_form",
        ["tenant_id", "paper_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "signature_answers_id_fk",
        "signature",
        "consent_answers",
        ["tenant_id", "answers_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "signature_consent_id_fk",
        "signature",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "signature_document_id_fk",
        "signature",
        "document",
        ["tenant_id", "document_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "signature_patient_id_fk",
        "signature",
        "patient",
        ["tenant_id", "patient_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_completion_completed_by_fk",
        "treatment_completion",
        "staff_member",
        ["tenant_id", "completed_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "treatment_completion_treatment_id_fk",
        "treatment_completion",
        "treatment",
        ["tenant_id", "treatment_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "attestation_consent_id_fk",
        "attestation",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "attestation_discussion_id_fk",
        "attestation",
        "discussion",
        ["tenant_id", "discussion_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "attestation_document_id_fk",
        "attestation",
        "document",
        ["tenant_id", "document_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "attestation_qualification_id_fk",
        "attestation",
        "qualification",
        ["tenant_id", "qualification_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "attestation_signature_id_fk",
        "attestation",
        "signature",
        ["tenant_id", "signature_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "attestation_staff_id_fk",
        "attestation",
        "staff_member",
        ["tenant_id", "staff_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_decision_answers_id_fk",
        "hold_decision",
        "consent_answers",
        ["tenant_id", "answers_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_decision_consent_id_fk",
        "hold_decision",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_decision_decided_by_fk",
        "hold_decision",
        "staff_member",
        ["tenant_id", "decided_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_decision_hold_id_fk",
        "hold_decision",
        "hold",
        ["tenant_id", "hold_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_decision_qualification_id_fk",
        "hold_decision",
        "qualification",
        ["tenant_id", "qualification_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "outside_review_asked_by_fk",
        "outside_review",
        "staff_member",
        ["tenant_id", "asked_by"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "outside_review_consent_id_fk",
        "outside_review",
        "consent",
        ["tenant_id", "consent_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "outside_review_decision_id_fk",
        "outside_review",
        "hold_decision",
        ["tenant_id", "decision_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_agreement_decision_id_fk",
        "hold_agreement",
        "hold_decision",
        ["tenant_id", "decision_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_agreement_outside_review_id_fk",
        "hold_agreement",
        "outside_review",
        ["tenant_id", "outside_review_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_agreement_qualification_id_fk",
        "hold_agreement",
        "qualification",
        ["tenant_id", "qualification_id"],
        ["tenant_id", "id"],
    )
    op.add_tenant_fk(
        "hold_agreement_staff_id_fk",
        "hold_agreement",
        "staff_member",
        ["tenant_id", "staff_id"],
        ["tenant_id", "id"],
    )
    op.raise_tenant_wall("audit_event", append_only=True)
    op.raise_tenant_wall("audit_head")
    op.raise_tenant_wall("catalogue_version", append_only=True)
    op.raise_tenant_wall("clinic")
    op.raise_tenant_wall("clinic_export")
    op.raise_tenant_wall("clinic_logo", append_only=True)
    op.raise_tenant_wall("expiry_reminder", append_only=True)
    op.raise_tenant_wall("form_version", updatable=("state", "published_at", "retired_at"))
    op.raise_tenant_wall(
        "idempotency_key", updatable=("state", "status", "body", "location"), deletable=True
    )
    op.raise_tenant_wall("ledger_account", updatable=("debits_minor", "credits_minor"))
    op.raise_tenant_wall("ledger_closing", append_only=True)
    op.raise_tenant_wall("location")
    op.raise_tenant_wall("staff_member")
    op.raise_tenant_wall("stripe_account")
    op.raise_tenant_wall("stripe_event", updatable=("handled_at", "problem", "attempts"))
    op.raise_tenant_wall(
        "stripe_operation", updatable=("state", "stripe_id", "attempts", "first_sent_at", "problem")
    )
    op.raise_tenant_wall("audit_link", append_only=True)
    op.raise_tenant_wall("blank_form", append_only=True)
    op.raise_tenant_wall("clinic_export_part", append_only=True, deletable=True)
    op.raise_tenant_wall("clinic_settings", append_only=True)
    op.raise_tenant_wall("device")
    op.raise_tenant_wall("form_draft", deletable=True)
    op.raise_tenant_wall("form_step", append_only=True)
    op.raise_tenant_wall(
        "message", updatable=("state", "attempts", "not_before", "sent_at", "last_error")
    )
    op.raise_tenant_wall("package")
    op.raise_tenant_wall("patient")
    op.raise_tenant_wall(
        "patient_import",
        updatable=("state", "mapping", "location_id", "done", "finished_at", "version"),
    )
    op.raise_tenant_wall("policy_decision", append_only=True)
    op.raise_tenant_wall("qualification")
    op.raise_tenant_wall("safety_notice", updatable=("ended_at", "ended_by"))
    op.raise_tenant_wall("shared_device", updatable=("last_used_at", "revoked_at"))
    op.raise_tenant_wall("staff_invitation")
    op.raise_tenant_wall("staff_location", append_only=True, deletable=True)
    op.raise_tenant_wall("staff_pin", updatable=("pin_hash", "set_at"))
    op.raise_tenant_wall("standing_decision", append_only=True)
    op.raise_tenant_wall("transfer", append_only=True)
    op.raise_tenant_wall("cartridge_lot")
    op.raise_tenant_wall(
        "data_export",
        updatable=(
            "state",
            "retention",
            "total",
            "done",
            "cursor_id",
            "ready_at",
            "expires_at",
            "sent_at",
        ),
    )
    op.raise_tenant_wall("patient_addendum", append_only=True)
    op.raise_tenant_wall(
        "patient_contact", updatable=("is_preferred", "verified_at", "verified_by"), deletable=True
    )
    op.raise_tenant_wall("patient_former_name", append_only=True)
    op.raise_tenant_wall("patient_import_row", append_only=True, deletable=True)
    op.raise_tenant_wall("patient_limit", updatable=("lifted_at", "lifted_by"))
    op.raise_tenant_wall("patient_merge", updatable=("undone_at", "undone_by"))
    op.raise_tenant_wall("patient_token", append_only=True, deletable=True)
    op.raise_tenant_wall("plan")
    op.raise_tenant_wall("purchase", append_only=True)
    op.raise_tenant_wall("qualification_evidence", append_only=True)
    op.raise_tenant_wall("qualification_scope")
    op.raise_tenant_wall(
        "rights_request", updatable=("state", "decided_at", "closed_at", "version")
    )
    op.raise_tenant_wall("sealing_operation", updatable=("state", "finished_at"))
    op.raise_tenant_wall("stripe_customer", append_only=True)
    op.raise_tenant_wall("data_export_part", append_only=True, deletable=True)
    op.raise_tenant_wall("document", append_only=True)
    op.raise_tenant_wall("payment_attempt")
    op.raise_tenant_wall("plan_version", append_only=True)
    op.raise_tenant_wall("refund_quote", updatable=("handled_at", "handled_by"))
    op.raise_tenant_wall(
        "rights_decision",
        updatable=(
            "state",
            "reason",
            "basis",
            "jurisdiction",
            "years",
            "counted_from",
            "due_on",
            "carried_out_at",
            "files_removed_at",
        ),
    )
    op.raise_tenant_wall("session_credit", append_only=True)
    op.raise_tenant_wall("visit")
    op.raise_tenant_wall("acute_check", append_only=True)
    op.raise_tenant_wall("consent")
    op.raise_tenant_wall("discussion", append_only=True)
    op.raise_tenant_wall("document_file", append_only=True)
    op.raise_tenant_wall("incident", append_only=True)
    op.raise_tenant_wall("photo", updatable=("location_id", "removed_at", "removed_by"))
    op.raise_tenant_wall("plan_area", append_only=True)
    op.raise_tenant_wall("plan_spot", append_only=True)
    op.raise_tenant_wall("receipt", updatable=("document_id",))
    op.raise_tenant_wall("redemption", append_only=True)
    op.raise_tenant_wall("consent_answers", append_only=True)
    op.raise_tenant_wall("consent_decline", append_only=True)
    op.raise_tenant_wall("consent_draft")
    op.raise_tenant_wall(
        "consent_party", updatable=("details_cipher", "stated_at", "taken_by", "removed_at")
    )
    op.raise_tenant_wall("consent_reminder", append_only=True)
    op.raise_tenant_wall("consent_void", append_only=True)
    op.raise_tenant_wall(
        "consent_way", updatable=("opened_at", "touched_at", "covered_at", "ended_at")
    )
    op.raise_tenant_wall(
        "paper_form",
        updatable=(
            "scanned_at",
            "scanned_by",
            "confirmed_at",
            "confirmed_by",
            "seen_by",
            "signed_at",
            "original_cipher",
            "ended_at",
        ),
    )
    op.raise_tenant_wall(
        "patient_question",
        updatable=("answer_cipher", "answered_by", "answered_at", "taken_back_at"),
    )
    op.raise_tenant_wall("photo_file", append_only=True)
    op.raise_tenant_wall("treatment", append_only=True)
    op.raise_tenant_wall("withdrawal", append_only=True)
    op.raise_tenant_wall("aftercare_given", append_only=True)
    op.raise_tenant_wall("hold")
    op.raise_tenant_wall("paper_page", updatable=("scan_cipher",), deletable=True)
    op.raise_tenant_wall("signature", append_only=True)
    op.raise_tenant_wall("treatment_completion", append_only=True)
    op.raise_tenant_wall("attestation", append_only=True)
    op.raise_tenant_wall("hold_decision", append_only=True)
    op.raise_tenant_wall("outside_review")
    op.raise_tenant_wall("hold_agreement", append_only=True)


def downgrade() -> None:
    """Take the change back."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.drop_table("hold_agreement")
    op.drop_index("outside_review_consent_ix", table_name="outside_review")
    op.drop_table("outside_review")
    op.drop_table("hold_decision")
    op.drop_table("attestation")
    op.drop_table("treatment_completion")
    op.drop_table("signature")
    op.drop_table("paper_page")
    op.drop_index("hold_open_ix", table_name="hold", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_index(
        "hold_one_open_uq", table_name="hold", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index("hold_consent_ix", table_name="hold")
    op.drop_table("hold")
    op.drop_index("aftercare_given_visit_ix", table_name="aftercare_given")
    op.drop_index("aftercare_given_patient_ix", table_name="aftercare_given")
    op.drop_table("aftercare_given")
    op.drop_index("withdrawal_at_ix", table_name="withdrawal")
    op.drop_table("withdrawal")
    op.drop_index("treatment_patient_ix", table_name="treatment")
    op.drop_table("treatment")
    op.drop_index("photo_file_patient_ix", table_name="photo_file")
    op.drop_table("photo_file")
    op.drop_index("patient_question_consent_ix", table_name="patient_question")
    op.drop_table("patient_question")
    op.drop_index("paper_form_consent_ix", table_name="paper_form")
    op.drop_index(
        "paper_form_blank_uq", table_name="paper_form", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("paper_form")
    op.drop_index("consent_way_consent_ix", table_name="consent_way")
    op.drop_table("consent_way")
    op.drop_table("consent_void")
    op.drop_table("consent_reminder")
    op.drop_index("consent_party_consent_ix", table_name="consent_party")
    op.drop_table("consent_party")
    op.drop_table("consent_draft")
    op.drop_table("consent_decline")
    op.drop_table("consent_answers")
    op.drop_table("redemption")
    op.drop_table("receipt")
    op.drop_table("plan_spot")
    op.drop_table("plan_area")
    op.drop_index("photo_patient_ix", table_name="photo")
    op.drop_index(
        "photo_gallery_ix",
        table_name="photo",
        postgresql_where=sa.text("purpose = 'marketing' AND removed_at IS NULL"),
    )
    op.drop_index(
        "photo_gallery_at_ix",
        table_name="photo",
        postgresql_where=sa.text("purpose = 'marketing' AND removed_at IS NULL"),
    )
    op.drop_table("photo")
    op.drop_index("incident_patient_ix", table_name="incident")
    op.drop_table("incident")
    op.drop_table("document_file")
    op.drop_index("discussion_plan_version_ix", table_name="discussion")
    op.drop_table("discussion")
    op.drop_index(
        "consent_withdrawn_ix",
        table_name="consent",
        postgresql_where=sa.text("state = 'withdrawn'"),
    )
    op.drop_index(
        "consent_withdrawn_at_ix",
        table_name="consent",
        postgresql_where=sa.text("state = 'withdrawn'"),
    )
    op.drop_index("consent_plan_ix", table_name="consent")
    op.drop_index("consent_patient_ix", table_name="consent")
    op.drop_index(
        "consent_locked_ix", table_name="consent", postgresql_where=sa.text("locked_at IS NOT NULL")
    )
    op.drop_table("consent")
    op.drop_index("acute_check_visit_ix", table_name="acute_check")
    op.drop_index("acute_check_patient_ix", table_name="acute_check")
    op.drop_table("acute_check")
    op.drop_index(
        "visit_to_follow_ix",
        table_name="visit",
        postgresql_where=sa.text("after_withdrawal AND state IN ('planned', 'arrived')"),
    )
    op.drop_index("visit_plan_ix", table_name="visit")
    op.drop_index("visit_patient_ix", table_name="visit")
    op.drop_index("visit_day_ix", table_name="visit")
    op.drop_table("visit")
    op.drop_index("session_credit_patient_ix", table_name="session_credit")
    op.drop_table("session_credit")
    op.drop_index("rights_decision_patient_ix", table_name="rights_decision")
    op.drop_index("rights_decision_due_ix", table_name="rights_decision")
    op.drop_table("rights_decision")
    op.drop_index("refund_quote_patient_ix", table_name="refund_quote")
    op.drop_index(
        "refund_quote_open_ix",
        table_name="refund_quote",
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.drop_table("refund_quote")
    op.drop_table("plan_version")
    op.drop_index("payment_attempt_purchase_ix", table_name="payment_attempt")
    op.drop_index(
        "payment_attempt_one_open_uq",
        table_name="payment_attempt",
        postgresql_where=sa.text("state IN ('new', 'open', 'unknown')"),
    )
    op.drop_table("payment_attempt")
    op.drop_index("document_subject_ix", table_name="document")
    op.drop_index("document_patient_ix", table_name="document")
    op.drop_table("document")
    op.drop_table("data_export_part")
    op.drop_table("stripe_customer")
    op.drop_index(
        "sealing_operation_one_at_a_time_uq",
        table_name="sealing_operation",
        postgresql_where=sa.text("state = 'started'"),
    )
    op.drop_table("sealing_operation")
    op.drop_index("rights_request_patient_ix", table_name="rights_request")
    op.drop_index("rights_request_open_ix", table_name="rights_request")
    op.drop_table("rights_request")
    op.drop_table("qualification_scope")
    op.drop_index("qualification_evidence_ix", table_name="qualification_evidence")
    op.drop_table("qualification_evidence")
    op.drop_index("purchase_patient_ix", table_name="purchase")
    op.drop_table("purchase")
    op.drop_index("plan_patient_ix", table_name="plan")
    op.drop_table("plan")
    op.drop_index("patient_token_patient_ix", table_name="patient_token")
    op.drop_table("patient_token")
    op.drop_index(
        "patient_merge_open_uq",
        table_name="patient_merge",
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.drop_table("patient_merge")
    op.drop_index("patient_limit_patient_ix", table_name="patient_limit")
    op.drop_index(
        "patient_limit_in_force_uq",
        table_name="patient_limit",
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.drop_table("patient_limit")
    op.drop_table("patient_import_row")
    op.drop_index("patient_former_name_patient_ix", table_name="patient_former_name")
    op.drop_table("patient_former_name")
    op.drop_index("patient_contact_patient_ix", table_name="patient_contact")
    op.drop_table("patient_contact")
    op.drop_index("patient_addendum_patient_ix", table_name="patient_addendum")
    op.drop_table("patient_addendum")
    op.drop_index("data_export_patient_ix", table_name="data_export")
    op.drop_index("data_export_kind_ix", table_name="data_export")
    op.drop_table("data_export")
    op.drop_index("cartridge_lot_expires_ix", table_name="cartridge_lot")
    op.drop_table("cartridge_lot")
    op.drop_index("transfer_debit_ix", table_name="transfer")
    op.drop_index("transfer_credit_ix", table_name="transfer")
    op.drop_index("transfer_booked_ix", table_name="transfer")
    op.drop_table("transfer")
    op.drop_table("standing_decision")
    op.drop_table("staff_pin")
    op.drop_table("staff_location")
    op.drop_index(
        "staff_invitation_open_ix",
        table_name="staff_invitation",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index(
        "staff_invitation_one_open_uq",
        table_name="staff_invitation",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index("staff_invitation_created_ix", table_name="staff_invitation")
    op.drop_table("staff_invitation")
    op.drop_index("shared_device_enrolled_ix", table_name="shared_device")
    op.drop_table("shared_device")
    op.drop_index("safety_notice_said_ix", table_name="safety_notice")
    op.drop_table("safety_notice")
    op.drop_index("qualification_staff_ix", table_name="qualification")
    op.drop_index("qualification_expires_ix", table_name="qualification")
    op.drop_table("qualification")
    op.drop_table("policy_decision")
    op.drop_index("patient_import_created_ix", table_name="patient_import")
    op.drop_table("patient_import")
    op.drop_index(
        "patient_name_ix",
        table_name="patient",
        postgresql_where=sa.text("merged_into IS NULL AND erased_at IS NULL"),
    )
    op.drop_index("patient_merged_ix", table_name="patient")
    op.drop_table("patient")
    op.drop_table("package")
    op.drop_index("message_patient_ix", table_name="message")
    op.drop_index("message_location_ix", table_name="message")
    op.drop_index("message_created_ix", table_name="message")
    op.drop_table("message")
    op.drop_index("form_step_version_ix", table_name="form_step")
    op.drop_table("form_step")
    op.drop_table("form_draft")
    op.drop_table("device")
    op.drop_table("clinic_settings")
    op.drop_index("clinic_export_part_source_ix", table_name="clinic_export_part")
    op.drop_table("clinic_export_part")
    op.drop_table("blank_form")
    op.drop_table("audit_link")
    op.drop_index("stripe_operation_subject_ix", table_name="stripe_operation")
    op.drop_table("stripe_operation")
    op.drop_table("stripe_event")
    op.drop_table("stripe_account")
    op.drop_table("staff_member")
    op.drop_table("location")
    op.drop_table("ledger_closing")
    op.drop_table("ledger_account")
    op.drop_table("idempotency_key")
    op.drop_index("form_version_list_ix", table_name="form_version")
    op.drop_index(
        "form_version_current_ix",
        table_name="form_version",
        postgresql_where=sa.text("state NOT IN ('retired', 'returned')"),
    )
    op.drop_table("form_version")
    op.drop_table("expiry_reminder")
    op.drop_table("clinic_logo")
    op.drop_index("clinic_export_asked_ix", table_name="clinic_export")
    op.drop_table("clinic_export")
    op.drop_table("clinic")
    op.drop_table("catalogue_version")
    op.drop_table("audit_head")
    op.drop_index("audit_event_subject_ix", table_name="audit_event")
    op.drop_index("audit_event_patient_ix", table_name="audit_event")
    op.drop_index(
        "audit_event_looks_by_ix",
        table_name="audit_event",
        postgresql_where=sa.text("action ~ '[^a-z_]read$|^chart[^a-z_]reason[^a-z_]give$'"),
    )
    op.drop_index(
        "audit_event_looks_at_ix",
        table_name="audit_event",
        postgresql_where=sa.text("action ~ '[^a-z_]read$|^chart[^a-z_]reason[^a-z_]give$'"),
    )
    op.drop_index("audit_event_at_ix", table_name="audit_event")
    op.drop_index("audit_event_actor_ix", table_name="audit_event")
    op.drop_index("audit_event_action_ix", table_name="audit_event")
    op.drop_table("audit_event")
