-- A person's change of address, and what of accounts is kept no longer than it is needed.

-- Asked for anew, the one before is gone with its link; what stops it stops the new one, too.
CREATE FUNCTION door.put_email_change(wanted_person uuid, wanted_email text, at_time timestamptz)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.email_change (person_id, new_email, asked_at)
    VALUES (wanted_person, wanted_email, at_time)
    ON CONFLICT (person_id) DO UPDATE SET new_email = wanted_email, asked_at = at_time,
        link_hash = NULL, proved_at = NULL, due_at = NULL
$$;

-- The link proves the very address to which its letter goes, never one that was asked for since.
CREATE FUNCTION door.link_email_change(wanted_person uuid, wanted_email text, new_hash bytea)
RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH linked AS (
        UPDATE control.email_change SET link_hash = new_hash
        WHERE person_id = wanted_person AND new_email = wanted_email AND proved_at IS NULL
        RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM linked)
$$;

CREATE FUNCTION door.guard_email_change(wanted_person uuid, new_hash bytea) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH guarded AS (
        UPDATE control.email_change SET stop_hashes = stop_hashes || new_hash
        WHERE person_id = wanted_person RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM guarded)
$$;

CREATE FUNCTION door.find_email_change(wanted_person uuid)
RETURNS TABLE (new_email text, asked_at timestamptz, proved_at timestamptz, due_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT e.new_email, e.asked_at, e.proved_at, e.due_at
    FROM control.email_change e WHERE e.person_id = wanted_person
$$;

-- One winner: the second use finds no row.
CREATE FUNCTION door.prove_email_change(
    wanted_hash bytea, at_time timestamptz, asked_after timestamptz, due timestamptz
) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.email_change SET proved_at = at_time, due_at = due, link_hash = NULL
    WHERE link_hash = wanted_hash AND proved_at IS NULL AND asked_at > asked_after
    RETURNING person_id
$$;

CREATE FUNCTION door.stop_email_change(wanted_hash bytea) RETURNS uuid
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    DELETE FROM control.email_change WHERE wanted_hash = ANY (stop_hashes) RETURNING person_id
$$;

CREATE FUNCTION door.drop_email_change(wanted_person uuid) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH gone AS (DELETE FROM control.email_change WHERE person_id = wanted_person RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM gone)
$$;

CREATE FUNCTION door.due_email_changes(at_time timestamptz) RETURNS TABLE (person_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT e.person_id FROM control.email_change e WHERE e.due_at <= at_time ORDER BY e.due_at
$$;

-- The address so far and the new one; the latter is NULL where somebody else has it by now.
CREATE FUNCTION door.change_email(wanted_person uuid, at_time timestamptz)
RETURNS TABLE (old_email text, new_email text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
DECLARE
    found control.email_change%ROWTYPE;
BEGIN
    DELETE FROM control.email_change e
    WHERE e.person_id = wanted_person AND e.due_at <= at_time RETURNING e.* INTO found;
    SELECT p.email INTO old_email FROM control.person p
    WHERE p.id = found.person_id AND p.disabled_at IS NULL FOR UPDATE;
    IF old_email IS NULL THEN
        RETURN;
    END IF;
    BEGIN
        UPDATE control.person SET email = found.new_email, email_verified_at = found.proved_at
        WHERE id = found.person_id;
        new_email := found.new_email;
    EXCEPTION WHEN unique_violation THEN
        new_email := NULL;
    END;
    RETURN NEXT;
END $$;

-- Counters whose window is over, letters that have left or never will, links and sign-ups that ran
-- out, sign-ins that ended a season ago, browsers that were not seen for a year.
CREATE FUNCTION door.sweep_accounts(at_time timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH attempts AS (
        DELETE FROM control.attempt WHERE window_ends_at <= at_time RETURNING 1),
    letters AS (
        DELETE FROM control.letter
        WHERE coalesce(done_at, created_at) <= at_time - interval '30 days' RETURNING 1),
    links AS (
        DELETE FROM control.account_link
        WHERE expires_at <= at_time - interval '30 days' RETURNING 1),
    sign_ups AS (DELETE FROM control.sign_up WHERE expires_at <= at_time RETURNING 1),
    changes AS (
        DELETE FROM control.email_change
        WHERE proved_at IS NULL AND asked_at <= at_time - interval '7 days' RETURNING 1),
    sessions AS (
        DELETE FROM control.login_session
        WHERE least(ended_at, expires_at) <= at_time - interval '90 days' RETURNING 1),
    devices AS (
        DELETE FROM control.known_device
        WHERE last_seen_at <= at_time - interval '365 days' RETURNING 1)
    SELECT (SELECT count(*) FROM attempts) + (SELECT count(*) FROM letters)
        + (SELECT count(*) FROM links) + (SELECT count(*) FROM sign_ups)
        + (SELECT count(*) FROM changes) + (SELECT count(*) FROM sessions)
        + (SELECT count(*) FROM devices)
$$;
