-- Clinics, memberships and the routing of payments. The clinic is always the one that was entered.

CREATE FUNCTION door.create_clinic(new_name text, at_time timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.tenant (id, name, created_at)
    VALUES (current_setting('app.tenant_id')::uuid, new_name, at_time)
$$;

CREATE FUNCTION door.add_membership(wanted_person uuid, wanted_staff uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.membership (tenant_id, person_id, staff_id)
    VALUES (current_setting('app.tenant_id')::uuid, wanted_person, wanted_staff)
$$;

-- Whoever works nowhere else is signed out everywhere; a sign-in that serves another clinic stays.
CREATE FUNCTION door.end_membership(wanted_staff uuid, at_time timestamptz) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    WITH gone AS (
        UPDATE control.membership SET active = false
        WHERE tenant_id = current_setting('app.tenant_id')::uuid AND staff_id = wanted_staff
        RETURNING tenant_id, person_id)
    UPDATE control.login_session s SET ended_at = at_time FROM gone
    WHERE s.person_id = gone.person_id AND s.ended_at IS NULL AND NOT EXISTS (
        SELECT FROM control.membership m
        WHERE m.person_id = gone.person_id AND m.active AND m.tenant_id <> gone.tenant_id)
$$;

CREATE FUNCTION door.restore_membership(wanted_staff uuid) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    UPDATE control.membership SET active = true
    WHERE tenant_id = current_setting('app.tenant_id')::uuid AND staff_id = wanted_staff
$$;

-- When each member of staff was last in this clinic; what they do elsewhere is not told.
CREATE FUNCTION door.staff_seen() RETURNS TABLE (staff_id uuid, last_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT m.staff_id, m.last_seen_at FROM control.membership m
    WHERE m.tenant_id = current_setting('app.tenant_id')::uuid
$$;

CREATE FUNCTION door.active_tenants() RETURNS TABLE (tenant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT id FROM control.tenant WHERE state = 'active' ORDER BY id
$$;

-- Also of clinics that are suspended or leaving: what happened in them stays sealed and watched.
CREATE FUNCTION door.all_tenants() RETURNS TABLE (tenant_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT id FROM control.tenant ORDER BY id
$$;

CREATE FUNCTION door.bind_stripe_account(wanted_account text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.stripe_account (account_id, tenant_id)
    VALUES (wanted_account, current_setting('app.tenant_id')::uuid)
$$;

CREATE FUNCTION door.find_stripe_account(wanted_account text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    SELECT tenant_id FROM control.stripe_account WHERE account_id = wanted_account
$$;

CREATE FUNCTION door.quarantine_event(
    new_event text, wanted_account text, why text, at_time timestamptz
) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = control, pg_temp AS $$
    INSERT INTO control.quarantined_event (event_id, account_id, reason, received_at)
    VALUES (new_event, wanted_account, why, at_time) ON CONFLICT (event_id) DO NOTHING
$$;
