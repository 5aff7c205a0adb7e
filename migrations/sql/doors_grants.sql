-- The one way to narrow grants. Those not yet begun go; the others end now, yet never before the last
-- treatment that they allowed, so that no past treatment loses its grant. Row-level security applies.

CREATE FUNCTION door.close_grants(wanted_consent uuid) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted_tenant uuid := current_setting('app.tenant_id')::uuid;
    ends timestamptz := clock_timestamp();
    gone integer;
    cut integer;
BEGIN
    DELETE FROM public.consent_grant g
    WHERE g.tenant_id = wanted_tenant AND g.consent_id = wanted_consent AND lower(g.valid) >= ends;
    GET DIAGNOSTICS gone = ROW_COUNT;

    SELECT greatest(ends, max(t.at) + interval '1 microsecond') INTO ends
    FROM public.treatment_area t
    WHERE t.tenant_id = wanted_tenant AND t.consent_id = wanted_consent;

    UPDATE public.consent_grant g SET valid = tstzrange(lower(g.valid), ends, '[)')
    WHERE g.tenant_id = wanted_tenant AND g.consent_id = wanted_consent
      AND (upper_inf(g.valid) OR upper(g.valid) > ends);
    GET DIAGNOSTICS cut = ROW_COUNT;
    RETURN gone + cut;
END $$;
