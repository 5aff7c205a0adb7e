"""The control plane: clinics, people, memberships, sign-ins, secrets and routing.

The application has no rights on these tables; it goes through the doors of 0003. On a distributed
server they become reference tables. Foreign keys among them are plain, since they hold no clinic's
data but only what is needed to find the clinic.
"""

from alembic import op

import app.database.ddl  # noqa: F401 - registers the migration words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE SCHEMA control;
CREATE SCHEMA door;

CREATE TABLE control.tenant (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'leaving')),
    created_at timestamptz NOT NULL,
    leaving_at timestamptz,
    delete_after timestamptz,
    erasing_since timestamptz,
    CHECK ((state = 'leaving') = (delete_after IS NOT NULL))
);

-- What stays of a clinic that has left: that it was here and is gone. The name is a salted hash.
CREATE TABLE control.tombstone (
    tenant_id uuid PRIMARY KEY,
    name_sha256 bytea NOT NULL,
    signed_up_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL,
    erasing_since timestamptz NOT NULL,
    erased_at timestamptz NOT NULL,
    backups_end_at timestamptz NOT NULL,
    audit_seq bigint NOT NULL,
    audit_hash bytea NOT NULL
);

CREATE TABLE control.person (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    totp_cipher bytea,
    totp_last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    email_verified_at timestamptz,
    disabled_at timestamptz
);

CREATE TABLE control.membership (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    active boolean NOT NULL DEFAULT true,
    last_seen_at timestamptz,
    PRIMARY KEY (tenant_id, person_id)
);
CREATE INDEX membership_person_ix ON control.membership (person_id);

CREATE TABLE control.login_session (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    person_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    stepped_up_at timestamptz,
    ended_at timestamptz,
    -- How it was opened, and where: words and a shortened address, for the person's own list.
    method text NOT NULL CHECK (method IN ('password', 'passkey', 'pin')),
    device_words text NOT NULL,
    near_address text NOT NULL,
    -- True until a person who has a second factor has shown it.
    needs_factor boolean NOT NULL,
    -- On a shared device: a shorter idle time, the device, and the one clinic that it belongs to.
    idle_seconds integer,
    shared_device_id uuid,
    only_tenant_id uuid
);
CREATE INDEX login_session_person_ix ON control.login_session (person_id);

CREATE TABLE control.known_device (
    hash bytea NOT NULL,
    person_id uuid NOT NULL,
    last_seen_at timestamptz NOT NULL,
    PRIMARY KEY (hash, person_id)
);
CREATE INDEX known_device_person_ix ON control.known_device (person_id);

CREATE TABLE control.passkey (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    credential_id bytea NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL,
    is_backed_up boolean NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX passkey_person_ix ON control.passkey (person_id);

CREATE TABLE control.recovery_code (
    person_id uuid NOT NULL,
    slot integer NOT NULL CHECK (slot BETWEEN 0 AND 9),
    hash text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (person_id, slot)
);

CREATE TABLE control.challenge (
    hash bytea PRIMARY KEY,
    binding bytea NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('register', 'sign_in', 'step_up')),
    expires_at timestamptz NOT NULL
);
CREATE INDEX challenge_expires_ix ON control.challenge (expires_at);

CREATE TABLE control.account_link (
    kind text NOT NULL CHECK (kind IN ('password_reset')),
    hash bytea NOT NULL,
    person_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (kind, hash)
);
CREATE INDEX account_link_person_ix ON control.account_link (person_id, kind);

-- An address that a person wants instead of theirs: proved by a link to it, stopped by one to the
-- address so far, and in force only once it is due. Of one person there is one, the newest.
CREATE TABLE control.email_change (
    person_id uuid PRIMARY KEY,
    new_email text NOT NULL,
    asked_at timestamptz NOT NULL,
    link_hash bytea UNIQUE,
    stop_hashes bytea[] NOT NULL DEFAULT '{}',
    proved_at timestamptz,
    due_at timestamptz,
    CHECK ((proved_at IS NULL) = (due_at IS NULL))
);

CREATE TABLE control.letter (
    id uuid PRIMARY KEY,
    template text NOT NULL,
    detail text NOT NULL,
    to_cipher bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'dropped')),
    attempts integer NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    done_at timestamptz
);

-- Somebody wants to sign a clinic up. Nothing of it exists before the address is proved; what they
-- typed is sealed, and the hash is that of the link, made when its letter leaves.
CREATE TABLE control.sign_up (
    id uuid PRIMARY KEY,
    cipher bytea NOT NULL,
    link_hash bytea UNIQUE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_up_expires_ix ON control.sign_up (expires_at);

CREATE TABLE control.attempt (
    key text PRIMARY KEY,
    window_ends_at timestamptz NOT NULL,
    count integer NOT NULL
);

CREATE TABLE control.secret (
    kind text NOT NULL CHECK (kind IN
        ('sign_link', 'sign_session', 'short_code', 'qr_link', 'invitation', 'document_link', 'document_asking', 'document_session', 'pay_link', 'shared_device', 'data_link', 'data_asking', 'data_session', 'review_link', 'review_session')),
    hash bytea NOT NULL,
    tenant_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (kind, hash)
);
CREATE INDEX secret_subject_ix ON control.secret (tenant_id, kind, subject_id);

CREATE TABLE control.stripe_account (
    account_id text PRIMARY KEY,
    tenant_id uuid NOT NULL
);

CREATE TABLE control.quarantined_event (
    event_id text PRIMARY KEY,
    account_id text,
    reason text NOT NULL,
    received_at timestamptz NOT NULL
);
"""

# Added after the tables, since a distributed server copies a table only while it has no keys.
KEYS = """
ALTER TABLE control.membership
    ADD FOREIGN KEY (tenant_id) REFERENCES control.tenant (id),
    ADD FOREIGN KEY (person_id) REFERENCES control.person (id);
ALTER TABLE control.login_session ADD FOREIGN KEY (person_id) REFERENCES control.person (id);
ALTER TABLE control.known_device ADD FOREIGN KEY (person_id) REFERENCES control.person (id);
ALTER TABLE control.passkey ADD FOREIGN KEY (person_id) REFERENCES control.person (id);
ALTER TABLE control.recovery_code ADD FOREIGN KEY (person_id) REFERENCES control.person (id);
ALTER TABLE control.account_link ADD FOREIGN KEY (person_id) REFERENCES control.person (id);
ALTER TABLE control.email_change ADD FOREIGN KEY (person_id) REFERENCES control.person (id);
ALTER TABLE control.secret ADD FOREIGN KEY (tenant_id) REFERENCES control.tenant (id);
ALTER TABLE control.stripe_account ADD FOREIGN KEY (tenant_id) REFERENCES control.tenant (id);
"""


def upgrade() -> None:
    """Create the control plane."""
    op.execute(TABLES)
    op.spread_tables()
    op.execute(KEYS)
    op.execute("GRANT USAGE ON SCHEMA control TO needlepoint_resolver")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA control"
        " TO needlepoint_resolver"
    )
    op.execute("GRANT USAGE ON SCHEMA control TO needlepoint_backup")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA control TO needlepoint_backup")
    # A dump that a single table refuses is no dump; later tables are granted as they are made.
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO needlepoint_backup")
    op.execute("GRANT USAGE ON SCHEMA door TO needlepoint_app, needlepoint_resolver")


def downgrade() -> None:
    """Drop the control plane."""
    op.execute("DROP SCHEMA door CASCADE")
    op.execute("DROP SCHEMA control CASCADE")
