-- Sign-ins: opened, found, renewed, listed, ended. Only hashes of their tokens are kept.

CREATE FUNCTION door.open_login_session(
    new_id uuid, new_hash bytea, wanted_person uuid, at_time timestamptz, ends timestamptz,
    how text, words text, near text, pending boolean, stepped_up timestamptz,
    idle integer, device uuid, only_tenant uuid
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.login_session (
        id, token_hash, person_id, created_at, last_seen_at, expires_at, method, device_words,
        near_address, needs_factor, stepped_up_at, idle_seconds, shared_device_id, only_tenant_id)
    VALUES (new_id, new_hash, wanted_person, at_time, at_time, ends, how, words,
            near, pending, stepped_up, idle, device, only_tenant)
$$;

-- Finds a sign-in; an ended, idle or expired one returns no row, nor does one on a shared device
-- that was taken away. It is refreshed at most once a minute (eight times within a shorter idle
-- time), so that reading a page does not write.
CREATE FUNCTION door.find_login_session(wanted_hash bytea, at_time timestamptz, idle_for integer)
RETURNS TABLE (
    session_id uuid, person_id uuid, person_name text, stepped_up_at timestamptz,
    needs_factor boolean, device_id uuid, only_tenant_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH found AS (
        SELECT s.id, s.person_id, p.name, s.stepped_up_at, s.last_seen_at, s.needs_factor,
               s.shared_device_id, s.only_tenant_id, least(s.idle_seconds, idle_for) AS idle
        FROM control.login_session s JOIN control.person p ON p.id = s.person_id
        WHERE s.token_hash = wanted_hash AND p.disabled_at IS NULL
          AND s.ended_at IS NULL AND s.expires_at > at_time
          AND s.last_seen_at > at_time - make_interval(secs => least(s.idle_seconds, idle_for))
          AND (s.shared_device_id IS NULL OR EXISTS (
              SELECT 1 FROM control.secret d
              WHERE d.tenant_id = s.only_tenant_id AND d.kind = 'shared_device'
                AND d.subject_id = s.shared_device_id AND d.revoked_at IS NULL
                AND d.expires_at > at_time))),
    refreshed AS (
        UPDATE control.login_session s SET last_seen_at = at_time FROM found
        WHERE s.id = found.id
          AND found.last_seen_at < at_time - make_interval(secs => least(60, found.idle / 8)))
    SELECT id, person_id, name, stepped_up_at, needs_factor, shared_device_id,
           only_tenant_id FROM found
$$;

-- The same, together with the person's place in a clinic: one statement for every staff request.
CREATE FUNCTION door.enter_clinic(
    wanted_hash bytea, wanted_tenant uuid, at_time timestamptz, idle_seconds integer)
RETURNS TABLE (
    session_id uuid, person_id uuid, person_name text, stepped_up_at timestamptz,
    needs_factor boolean, device_id uuid, only_tenant_id uuid, staff_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH entered AS (
        SELECT s.*, m.staff_id, m.last_seen_at
        FROM door.find_login_session(wanted_hash, at_time, idle_seconds) s
        LEFT JOIN control.membership m
          ON m.tenant_id = wanted_tenant AND m.person_id = s.person_id AND m.active
          AND (s.only_tenant_id IS NULL OR s.only_tenant_id = wanted_tenant)),
    -- Noted at most every five minutes, so that reading a page rarely writes.
    seen AS (
        UPDATE control.membership m SET last_seen_at = at_time FROM entered e
        WHERE m.tenant_id = wanted_tenant AND m.staff_id = e.staff_id AND (
            e.last_seen_at IS NULL OR e.last_seen_at < at_time - interval '5 minutes'))
    SELECT session_id, person_id, person_name, stepped_up_at, needs_factor, device_id,
        only_tenant_id, staff_id
    FROM entered
$$;

-- A new token at every change of privilege; the old one is dead at once.
CREATE FUNCTION door.renew_login_session(wanted_session uuid, new_hash bytea, stepped_up timestamptz)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.login_session SET token_hash = new_hash,
        stepped_up_at = coalesce(stepped_up, stepped_up_at),
        needs_factor = needs_factor AND stepped_up IS NULL
    WHERE id = wanted_session AND ended_at IS NULL
$$;

CREATE FUNCTION door.end_login_session(wanted_session uuid, at_time timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.login_session SET ended_at = at_time WHERE id = wanted_session AND ended_at IS NULL
$$;

CREATE FUNCTION door.list_login_sessions(wanted_person uuid, at_time timestamptz, idle integer)
RETURNS TABLE (
    session_id uuid, created_at timestamptz, last_seen_at timestamptz, method text,
    device_words text, near_address text, is_shared boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT s.id, s.created_at, s.last_seen_at, s.method, s.device_words, s.near_address,
           s.shared_device_id IS NOT NULL
    FROM control.login_session s
    WHERE s.person_id = wanted_person AND s.ended_at IS NULL AND s.expires_at > at_time
      AND s.last_seen_at > at_time - make_interval(secs => least(s.idle_seconds, idle))
    ORDER BY s.last_seen_at DESC, s.id
$$;

CREATE FUNCTION door.end_own_session(wanted_person uuid, wanted_session uuid, at_time timestamptz)
RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH gone AS (
        UPDATE control.login_session SET ended_at = at_time
        WHERE id = wanted_session AND person_id = wanted_person AND ended_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM gone)
$$;

-- Every sign-in of a person but one; with none to keep, all of them.
CREATE FUNCTION door.end_other_sessions(wanted_person uuid, kept uuid, at_time timestamptz)
RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH gone AS (
        UPDATE control.login_session SET ended_at = at_time
        WHERE person_id = wanted_person AND id IS DISTINCT FROM kept AND ended_at IS NULL
        RETURNING 1)
    SELECT count(*)::integer FROM gone
$$;

-- A browser that has signed in to an account before has a budget of tries of its own there.
CREATE FUNCTION door.knows_device(wanted_hash bytea, wanted_email text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM control.known_device d JOIN control.person p ON p.id = d.person_id
        WHERE d.hash = wanted_hash AND p.email = wanted_email)
$$;

CREATE FUNCTION door.know_device(wanted_hash bytea, wanted_person uuid, at_time timestamptz)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.known_device (hash, person_id, last_seen_at)
    VALUES (wanted_hash, wanted_person, at_time)
    ON CONFLICT (hash, person_id) DO UPDATE SET last_seen_at = at_time
$$;

CREATE FUNCTION door.forget_devices(wanted_person uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    DELETE FROM control.known_device WHERE person_id = wanted_person
$$;
