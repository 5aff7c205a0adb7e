-- Leaving: a clinic asks, waits, and is erased. Nobody else's history can ever be deleted: each door
-- looks at the clinic that was entered, and the server's own clock says whether its time has come.

CREATE FUNCTION door.begin_leaving() RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
DECLARE
    leaver uuid := current_setting('app.tenant_id')::uuid;
    ends timestamptz;
BEGIN
    UPDATE control.tenant SET state = 'leaving', leaving_at = clock_timestamp(),
        delete_after = clock_timestamp() + interval '30 days'
    WHERE id = leaver AND state = 'active' RETURNING delete_after INTO ends;
    IF ends IS NOT NULL THEN
        UPDATE control.secret SET revoked_at = clock_timestamp()
        WHERE tenant_id = leaver AND revoked_at IS NULL;
    END IF;
    RETURN ends;
END $$;

CREATE FUNCTION door.cancel_leaving() RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH kept AS (
        UPDATE control.tenant SET state = 'active', leaving_at = NULL, delete_after = NULL
        WHERE id = current_setting('app.tenant_id')::uuid AND state = 'leaving'
          AND erasing_since IS NULL RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM kept)
$$;

CREATE FUNCTION door.find_leaving()
RETURNS TABLE (leaving_at timestamptz, delete_after timestamptz, erasing_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT t.leaving_at, t.delete_after, t.erasing_since FROM control.tenant t
    WHERE t.id = current_setting('app.tenant_id')::uuid AND t.state = 'leaving'
$$;

CREATE FUNCTION door.leaving_tenants() RETURNS TABLE (tenant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT id FROM control.tenant
    WHERE state = 'leaving' AND delete_after <= clock_timestamp() ORDER BY id
$$;

-- From here on nothing can be cancelled. False while the time has not come, or after it is over.
CREATE FUNCTION door.begin_erasing() RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH begun AS (
        UPDATE control.tenant SET erasing_since = coalesce(erasing_since, clock_timestamp())
        WHERE id = current_setting('app.tenant_id')::uuid
          AND state = 'leaving' AND delete_after <= clock_timestamp() RETURNING 1)
    SELECT EXISTS (SELECT 1 FROM begun)
$$;

CREATE FUNCTION door.erase_table(wanted_table text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    leaver uuid := current_setting('app.tenant_id')::uuid;
    gone bigint;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM control.tenant t WHERE t.id = leaver AND t.state = 'leaving'
                   AND t.erasing_since IS NOT NULL AND t.delete_after <= clock_timestamp()) THEN
        RAISE EXCEPTION 'this clinic is not being erased' USING ERRCODE = '42501';
    END IF;
    EXECUTE format('DELETE FROM public.%I WHERE tenant_id = $1', wanted_table) USING leaver;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;

-- Jobs that wait or have failed; the one that asks is under way and goes when it is done.
CREATE FUNCTION door.forget_jobs() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
DECLARE
    leaver uuid := current_setting('app.tenant_id')::uuid;
    gone bigint;
BEGIN
    DELETE FROM queue.procrastinate_jobs j USING control.tenant t
    WHERE t.id = leaver AND t.state = 'leaving' AND t.erasing_since IS NOT NULL
      AND t.delete_after <= clock_timestamp()
      AND j.args ->> 'tenant_id' = leaver::text AND j.status <> 'doing';
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;

-- The last door: what the control plane knows of the clinic, and people who work nowhere else.
-- What stays is the tombstone: no names, only that there was a clinic and that it is gone.
CREATE FUNCTION door.finish_leaving(
    new_name_sha256 bytea, last_seq bigint, last_hash bytea, backups_end timestamptz
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
DECLARE
    leaver uuid := current_setting('app.tenant_id')::uuid;
    ours control.tenant%ROWTYPE;
    alone uuid[];
    one text;
BEGIN
    SELECT * INTO ours FROM control.tenant WHERE id = leaver AND state = 'leaving'
        AND erasing_since IS NOT NULL AND delete_after <= clock_timestamp() FOR UPDATE;
    IF ours.id IS NULL THEN
        RETURN false;
    END IF;
    SELECT coalesce(array_agg(m.person_id), '{}') INTO alone FROM control.membership m
    WHERE m.tenant_id = leaver AND NOT EXISTS (
        SELECT 1 FROM control.membership o WHERE o.person_id = m.person_id AND o.tenant_id <> leaver);
    DELETE FROM control.quarantined_event q USING control.stripe_account s
    WHERE s.tenant_id = leaver AND q.account_id = s.account_id;
    FOR one IN SELECT c.table_name FROM information_schema.columns c
               WHERE c.table_schema = 'control' AND c.column_name = 'tenant_id'
                 AND c.table_name <> 'tombstone' ORDER BY 1 LOOP
        EXECUTE format('DELETE FROM control.%I WHERE tenant_id = $1', one) USING leaver;
    END LOOP;
    FOR one IN SELECT c.table_name FROM information_schema.columns c
               WHERE c.table_schema = 'control' AND c.column_name = 'person_id' ORDER BY 1 LOOP
        EXECUTE format('DELETE FROM control.%I WHERE person_id = ANY($1)', one) USING alone;
    END LOOP;
    UPDATE control.login_session SET ended_at = clock_timestamp()
    WHERE only_tenant_id = leaver AND ended_at IS NULL;
    UPDATE control.login_session SET only_tenant_id = NULL WHERE only_tenant_id = leaver;
    DELETE FROM control.person WHERE id = ANY(alone);
    INSERT INTO control.tombstone (tenant_id, name_sha256, signed_up_at, asked_at, erasing_since,
                                   erased_at, backups_end_at, audit_seq, audit_hash)
    VALUES (leaver, new_name_sha256, ours.created_at, ours.leaving_at, ours.erasing_since,
            clock_timestamp(), backups_end, last_seq, last_hash);
    DELETE FROM control.tenant WHERE id = leaver;
    RETURN true;
END $$;

-- Whom the anchors remember and the installation has let go: where each record of acts ended.
CREATE FUNCTION door.all_gone()
RETURNS TABLE (tenant_id uuid, audit_seq bigint, audit_hash bytea, erased_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT tenant_id, audit_seq, audit_hash, erased_at FROM control.tombstone ORDER BY tenant_id
$$;
