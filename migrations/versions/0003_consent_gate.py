"""The consent gate: a treated area lies inside a grant, by a temporal foreign key.

A start is a point in time; its row refers to a grant for that patient, procedure, area and depth
whose period holds the point. The gate is a constraint, so that no code path can walk round it.
"""

from alembic import op

import app.database.ddl  # noqa: F401 - registers the migration words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE consent_grant (
    tenant_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    procedure_id text NOT NULL,
    area text NOT NULL,
    max_depth_um integer NOT NULL,
    consent_id uuid NOT NULL,
    attestation_id uuid NOT NULL,
    valid tstzrange NOT NULL,
    CONSTRAINT consent_grant_pk PRIMARY KEY
        (tenant_id, patient_id, procedure_id, area, max_depth_um, consent_id, valid WITHOUT OVERLAPS),
    CONSTRAINT consent_grant_depth_ck CHECK (max_depth_um > 0)
);
CREATE INDEX consent_grant_consent_ix ON consent_grant (tenant_id, consent_id);

CREATE TABLE treatment_area (
    tenant_id uuid NOT NULL,
    treatment_id uuid NOT NULL,
    line integer NOT NULL,
    patient_id uuid NOT NULL,
    procedure_id text NOT NULL,
    area text NOT NULL,
    granted_um integer NOT NULL,
    consent_id uuid NOT NULL,
    depth_um integer NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    moment tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(at, at, '[]')) STORED,
    CONSTRAINT treatment_area_pk PRIMARY KEY (tenant_id, treatment_id, line),
    CONSTRAINT treatment_area_within_grant_ck CHECK (depth_um BETWEEN 0 AND granted_um),
    CONSTRAINT treatment_area_not_in_the_future_ck CHECK (at <= recorded_at)
);
CREATE INDEX treatment_area_patient_ix ON treatment_area (tenant_id, patient_id, procedure_id, area, at);
CREATE INDEX treatment_area_consent_ix ON treatment_area (tenant_id, consent_id, at);
"""
GATE = """
ALTER TABLE treatment_area ADD CONSTRAINT consent_gate
    FOREIGN KEY (tenant_id, patient_id, procedure_id, area, granted_um, consent_id, PERIOD moment)
    REFERENCES consent_grant
        (tenant_id, patient_id, procedure_id, area, max_depth_um, consent_id, PERIOD valid)
"""


def upgrade() -> None:
    """Create both halves of the gate, then close it."""
    op.execute(TABLES)
    op.spread_tables()
    own = (["tenant_id", "attestation_id"], ["tenant_id", "id"])
    op.add_tenant_fk("consent_grant_attestation_id_fk", "consent_grant", "attestation", *own)
    own = (["tenant_id", "consent_id"], ["tenant_id", "id"])
    op.add_tenant_fk("consent_grant_consent_id_fk", "consent_grant", "consent", *own)
    own = (["tenant_id", "treatment_id"], ["tenant_id", "id"])
    op.add_tenant_fk("treatment_area_treatment_id_fk", "treatment_area", "treatment", *own)
    op.execute(GATE)
    op.raise_tenant_wall("consent_grant", append_only=True)
    op.raise_tenant_wall("treatment_area", append_only=True)


def downgrade() -> None:
    """Drop the gate."""
    op.execute("DROP TABLE treatment_area")
    op.execute("DROP TABLE consent_grant")
