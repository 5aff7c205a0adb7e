-- People: accounts, sign-ins and attempt counters.

CREATE FUNCTION door.count_attempt(wanted text, seconds integer, at_time timestamptz) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.attempt AS a (key, window_ends_at, count)
    VALUES (wanted, at_time + make_interval(secs => seconds), 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN a.window_ends_at <= at_time THEN 1 ELSE a.count + 1 END,
        window_ends_at = CASE WHEN a.window_ends_at <= at_time
            THEN at_time + make_interval(secs => seconds) ELSE a.window_ends_at END
    RETURNING count
$$;

CREATE FUNCTION door.clear_attempts(wanted text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    DELETE FROM control.attempt WHERE key = wanted
$$;

-- Returns the existing account's id where the address is known already; its password stays.
CREATE FUNCTION door.ensure_person(
    new_id uuid, new_email text, new_name text, new_password_hash text, at_time timestamptz
) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH made AS (
        INSERT INTO control.person (id, email, name, password_hash, created_at)
        VALUES (new_id, new_email, new_name, new_password_hash, at_time)
        ON CONFLICT (email) DO NOTHING RETURNING id)
    SELECT id FROM made
    UNION ALL SELECT id FROM control.person WHERE email = new_email
    LIMIT 1
$$;

CREATE FUNCTION door.find_login(wanted_email text)
RETURNS TABLE (person_id uuid, password_hash text, totp_cipher bytea, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT p.id, p.password_hash, p.totp_cipher, p.name FROM control.person p
    WHERE p.email = wanted_email AND p.disabled_at IS NULL
$$;

CREATE FUNCTION door.set_totp(wanted_person uuid, cipher bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.person SET totp_cipher = cipher, totp_last_step = 0 WHERE id = wanted_person
$$;

CREATE FUNCTION door.find_totp(wanted_person uuid) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT totp_cipher FROM control.person WHERE id = wanted_person AND disabled_at IS NULL
$$;

-- A time step is accepted once: the second use of one code finds no row to update.
CREATE FUNCTION door.use_totp_step(wanted_person uuid, step bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH used AS (
        UPDATE control.person SET totp_last_step = step
        WHERE id = wanted_person AND totp_last_step < step RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM used)
$$;

CREATE FUNCTION door.open_login_session(
    new_id uuid, new_hash bytea, wanted_person uuid, at_time timestamptz, ends timestamptz
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.login_session (id, token_hash, person_id, created_at, last_seen_at, expires_at)
    VALUES (new_id, new_hash, wanted_person, at_time, at_time, ends)
$$;

-- Finds a sign-in; an ended, idle or expired one returns no row. It is refreshed at most once a
-- minute, so that reading a page does not write.
CREATE FUNCTION door.find_login_session(wanted_hash bytea, at_time timestamptz, idle_seconds integer)
RETURNS TABLE (session_id uuid, person_id uuid, person_name text, stepped_up_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH found AS (
        SELECT s.id, s.person_id, p.name, s.stepped_up_at, s.last_seen_at
        FROM control.login_session s JOIN control.person p ON p.id = s.person_id
        WHERE s.token_hash = wanted_hash AND p.disabled_at IS NULL
          AND s.ended_at IS NULL AND s.expires_at > at_time
          AND s.last_seen_at > at_time - make_interval(secs => idle_seconds)),
    refreshed AS (
        UPDATE control.login_session s SET last_seen_at = at_time FROM found
        WHERE s.id = found.id AND found.last_seen_at < at_time - interval '1 minute')
    SELECT id, person_id, name, stepped_up_at FROM found
$$;

-- The same, together with the person's place in a clinic: one statement for every staff request.
CREATE FUNCTION door.enter_clinic(
    wanted_hash bytea, wanted_tenant uuid, at_time timestamptz, idle_seconds integer)
RETURNS TABLE (
    session_id uuid, person_id uuid, person_name text, stepped_up_at timestamptz, staff_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT s.session_id, s.person_id, s.person_name, s.stepped_up_at, m.staff_id
    FROM door.find_login_session(wanted_hash, at_time, idle_seconds) s
    LEFT JOIN control.membership m
      ON m.tenant_id = wanted_tenant AND m.person_id = s.person_id AND m.active
$$;

-- A new token at every change of privilege; the old one is dead at once.
CREATE FUNCTION door.renew_login_session(wanted_session uuid, new_hash bytea, stepped_up timestamptz)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.login_session SET token_hash = new_hash, stepped_up_at = stepped_up
    WHERE id = wanted_session AND ended_at IS NULL
$$;

CREATE FUNCTION door.end_login_session(wanted_session uuid, at_time timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.login_session SET ended_at = at_time WHERE id = wanted_session AND ended_at IS NULL
$$;

CREATE FUNCTION door.my_memberships(wanted_person uuid)
RETURNS TABLE (tenant_id uuid, name text, staff_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT m.tenant_id, t.name, m.staff_id
    FROM control.membership m JOIN control.tenant t ON t.id = m.tenant_id
    WHERE m.person_id = wanted_person AND m.active ORDER BY t.name
$$;
