-- Links, codes and sessions that find a clinic. Only hashes are kept.

CREATE FUNCTION door.put_secret(
    new_kind text, new_hash bytea, subject uuid, at_time timestamptz, ends timestamptz
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.secret (kind, hash, tenant_id, subject_id, created_at, expires_at)
    VALUES (new_kind, new_hash, current_setting('app.tenant_id')::uuid, subject, at_time, ends)
$$;

CREATE FUNCTION door.find_secret(wanted_kind text, wanted_hash bytea, at_time timestamptz)
RETURNS TABLE (tenant_id uuid, subject_id uuid, expires_at timestamptz, used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT s.tenant_id, s.subject_id, s.expires_at, s.used_at
    FROM control.secret s JOIN control.tenant t ON t.id = s.tenant_id
    WHERE s.kind = wanted_kind AND s.hash = wanted_hash
      AND s.revoked_at IS NULL AND s.expires_at > at_time
$$;

-- One winner: the second use of a single-use secret finds no row.
CREATE FUNCTION door.use_secret(wanted_kind text, wanted_hash bytea, at_time timestamptz)
RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH used AS (
        UPDATE control.secret SET used_at = at_time
        WHERE kind = wanted_kind AND hash = wanted_hash
          AND used_at IS NULL AND revoked_at IS NULL AND expires_at > at_time RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM used)
$$;

CREATE FUNCTION door.revoke_secrets(wanted_kind text, subject uuid, at_time timestamptz)
RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH gone AS (
        UPDATE control.secret SET revoked_at = at_time
        WHERE tenant_id = current_setting('app.tenant_id')::uuid
          AND kind = wanted_kind AND subject_id = subject AND revoked_at IS NULL RETURNING 1)
    SELECT count(*)::integer FROM gone
$$;
