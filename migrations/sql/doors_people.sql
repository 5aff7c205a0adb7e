-- People: accounts and attempt counters.

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

-- One try was a right one, so it does not count.
CREATE FUNCTION door.uncount_attempt(wanted text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.attempt SET count = count - 1 WHERE key = wanted AND count > 0
$$;

CREATE FUNCTION door.clear_attempts(wanted text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    DELETE FROM control.attempt WHERE key = wanted
$$;

-- Returns the existing account's id where the address is known already; its password stays.
CREATE FUNCTION door.ensure_person(
    new_id uuid, new_email text, new_name text, new_password_hash text, at_time timestamptz,
    verified timestamptz
) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH made AS (
        INSERT INTO control.person (id, email, name, password_hash, created_at, email_verified_at)
        VALUES (new_id, new_email, new_name, new_password_hash, at_time, verified)
        ON CONFLICT (email) DO NOTHING RETURNING id)
    SELECT id FROM made
    UNION ALL SELECT id FROM control.person WHERE email = new_email
    LIMIT 1
$$;

CREATE FUNCTION door.find_login(wanted_email text)
RETURNS TABLE (person_id uuid, password_hash text, name text, has_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT p.id, p.password_hash, p.name,
           p.totp_cipher IS NOT NULL
           OR EXISTS (SELECT 1 FROM control.passkey k WHERE k.person_id = p.id)
    FROM control.person p
    WHERE p.email = wanted_email AND p.disabled_at IS NULL
$$;

CREATE FUNCTION door.my_memberships(wanted_person uuid)
RETURNS TABLE (tenant_id uuid, name text, staff_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT m.tenant_id, t.name, m.staff_id
    FROM control.membership m JOIN control.tenant t ON t.id = m.tenant_id
    WHERE m.person_id = wanted_person AND m.active ORDER BY t.name
$$;
