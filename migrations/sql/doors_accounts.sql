-- What a person keeps about their own account: password, second factors, links, letters.

CREATE FUNCTION door.find_account(wanted_person uuid)
RETURNS TABLE (
    person_id uuid, email text, name text, password_hash text, email_verified_at timestamptz,
    has_totp boolean, passkeys integer, codes_left integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT p.id, p.email, p.name, p.password_hash, p.email_verified_at,
        p.totp_cipher IS NOT NULL,
        (SELECT count(*)::integer FROM control.passkey k WHERE k.person_id = p.id),
        (SELECT count(*)::integer FROM control.recovery_code c
         WHERE c.person_id = p.id AND c.used_at IS NULL)
    FROM control.person p WHERE p.id = wanted_person AND p.disabled_at IS NULL
$$;

CREATE FUNCTION door.set_password(wanted_person uuid, new_hash text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.person SET password_hash = new_hash WHERE id = wanted_person
$$;

CREATE FUNCTION door.verify_email(wanted_person uuid, at_time timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.person SET email_verified_at = coalesce(email_verified_at, at_time)
    WHERE id = wanted_person
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

-- New recovery codes; the old ones are worth nothing from now on.
CREATE FUNCTION door.put_recovery_code(
    wanted_person uuid, wanted_slot integer, new_hash text, at_time timestamptz
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.recovery_code (person_id, slot, hash, created_at)
    VALUES (wanted_person, wanted_slot, new_hash, at_time)
    ON CONFLICT (person_id, slot) DO UPDATE
        SET hash = new_hash, created_at = at_time, used_at = NULL
$$;

CREATE FUNCTION door.drop_recovery_codes(wanted_person uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    DELETE FROM control.recovery_code WHERE person_id = wanted_person
$$;

CREATE FUNCTION door.find_recovery_code(wanted_person uuid, wanted_slot integer) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT hash FROM control.recovery_code
    WHERE person_id = wanted_person AND slot = wanted_slot AND used_at IS NULL
$$;

CREATE FUNCTION door.use_recovery_code(
    wanted_person uuid, wanted_slot integer, wanted_hash text, at_time timestamptz
) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH used AS (
        UPDATE control.recovery_code SET used_at = at_time
        WHERE person_id = wanted_person AND slot = wanted_slot AND hash = wanted_hash
          AND used_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM used)
$$;

CREATE FUNCTION door.add_passkey(
    new_id uuid, wanted_person uuid, new_credential bytea, new_key bytea, count bigint,
    new_name text, backed_up boolean, at_time timestamptz
) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH made AS (
        INSERT INTO control.passkey (
            id, person_id, credential_id, public_key, sign_count, name, is_backed_up, created_at)
        VALUES (new_id, wanted_person, new_credential, new_key, count, new_name, backed_up, at_time)
        ON CONFLICT (credential_id) DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM made)
$$;

CREATE FUNCTION door.list_passkeys(wanted_person uuid)
RETURNS TABLE (
    passkey_id uuid, credential_id bytea, name text, is_backed_up boolean,
    created_at timestamptz, last_used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT k.id, k.credential_id, k.name, k.is_backed_up, k.created_at, k.last_used_at
    FROM control.passkey k WHERE k.person_id = wanted_person ORDER BY k.created_at, k.id
$$;

-- Locked, so that two uses at once compare the counter one after the other.
CREATE FUNCTION door.find_passkey(wanted_credential bytea)
RETURNS TABLE (passkey_id uuid, person_id uuid, public_key bytea, sign_count bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT k.id, k.person_id, k.public_key, k.sign_count
    FROM control.passkey k JOIN control.person p ON p.id = k.person_id
    WHERE k.credential_id = wanted_credential AND p.disabled_at IS NULL FOR UPDATE OF k
$$;

CREATE FUNCTION door.use_passkey(wanted_passkey uuid, count bigint, at_time timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.passkey SET sign_count = count, last_used_at = at_time
    WHERE id = wanted_passkey
$$;

CREATE FUNCTION door.remove_passkey(wanted_person uuid, wanted_passkey uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH gone AS (
        DELETE FROM control.passkey WHERE id = wanted_passkey AND person_id = wanted_person
        RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM gone)
$$;

-- A challenge belongs to one browser and one purpose. Those that ran out go with the next new one.
CREATE FUNCTION door.put_challenge(
    new_hash bytea, bound_to bytea, why text, at_time timestamptz, ends timestamptz
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH old AS (DELETE FROM control.challenge WHERE expires_at <= at_time)
    INSERT INTO control.challenge (hash, binding, purpose, expires_at)
    VALUES (new_hash, bound_to, why, ends)
$$;

CREATE FUNCTION door.take_challenge(
    wanted_hash bytea, bound_to bytea, why text, at_time timestamptz
) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH taken AS (
        DELETE FROM control.challenge WHERE hash = wanted_hash AND binding = bound_to
          AND purpose = why AND expires_at > at_time RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM taken)
$$;

-- A new link ends the earlier ones of its kind.
CREATE FUNCTION door.put_account_link(
    new_kind text, new_hash bytea, wanted_person uuid, at_time timestamptz, ends timestamptz
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH old AS (
        UPDATE control.account_link SET used_at = at_time
        WHERE person_id = wanted_person AND kind = new_kind AND used_at IS NULL)
    INSERT INTO control.account_link (kind, hash, person_id, created_at, expires_at)
    VALUES (new_kind, new_hash, wanted_person, at_time, ends)
$$;

CREATE FUNCTION door.find_account_link(wanted_kind text, wanted_hash bytea, at_time timestamptz)
RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT l.person_id FROM control.account_link l JOIN control.person p ON p.id = l.person_id
    WHERE l.kind = wanted_kind AND l.hash = wanted_hash AND l.used_at IS NULL
      AND l.expires_at > at_time AND p.disabled_at IS NULL
$$;

-- One winner: the second use finds no row.
CREATE FUNCTION door.use_account_link(wanted_kind text, wanted_hash bytea, at_time timestamptz)
RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.account_link l SET used_at = at_time
    FROM control.person p
    WHERE l.kind = wanted_kind AND l.hash = wanted_hash AND l.used_at IS NULL
      AND l.expires_at > at_time AND p.id = l.person_id AND p.disabled_at IS NULL
    RETURNING l.person_id
$$;

CREATE FUNCTION door.end_account_links(wanted_person uuid, wanted_kind text, at_time timestamptz)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.account_link SET used_at = at_time
    WHERE person_id = wanted_person AND kind = wanted_kind AND used_at IS NULL
$$;

-- A sign-up waits for its address to be proved. Those that ran out go with the next new one.
CREATE FUNCTION door.put_sign_up(new_id uuid, sealed bytea, at_time timestamptz, ends timestamptz)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH old AS (DELETE FROM control.sign_up WHERE expires_at <= at_time)
    INSERT INTO control.sign_up (id, cipher, expires_at) VALUES (new_id, sealed, ends)
$$;

CREATE FUNCTION door.link_sign_up(wanted_sign_up uuid, new_hash bytea) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH linked AS (
        UPDATE control.sign_up SET link_hash = new_hash WHERE id = wanted_sign_up RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM linked)
$$;

CREATE FUNCTION door.find_sign_up(wanted_hash bytea, at_time timestamptz)
RETURNS TABLE (sign_up_id uuid, cipher bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT s.id, s.cipher FROM control.sign_up s
    WHERE s.link_hash = wanted_hash AND s.expires_at > at_time
$$;

-- One winner: the second use finds no row.
CREATE FUNCTION door.take_sign_up(wanted_sign_up uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH taken AS (DELETE FROM control.sign_up WHERE id = wanted_sign_up RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM taken)
$$;

CREATE FUNCTION door.put_letter(
    new_id uuid, new_template text, new_detail text, cipher bytea, at_time timestamptz
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.letter (id, template, detail, to_cipher, state, attempts, created_at)
    VALUES (new_id, new_template, new_detail, cipher, 'queued', 0, at_time)
$$;

CREATE FUNCTION door.take_letter(wanted_letter uuid)
RETURNS TABLE (letter_id uuid, template text, detail text, to_cipher bytea, created_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.letter l SET attempts = l.attempts + 1
    WHERE l.id = wanted_letter AND l.state = 'queued'
    RETURNING l.id, l.template, l.detail, l.to_cipher, l.created_at
$$;

-- What became of a letter; one that did not leave stays queued and says why.
CREATE FUNCTION door.note_letter(
    wanted_letter uuid, new_state text, problem text, at_time timestamptz
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.letter SET state = new_state, last_error = problem,
        done_at = CASE WHEN new_state = 'queued' THEN NULL ELSE at_time END
    WHERE id = wanted_letter AND state = 'queued'
$$;
