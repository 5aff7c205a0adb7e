"""The job queue: procrastinate's own tables in their own schema, behind one door.

The application may only enqueue, through ``door.enqueue``, which stamps the clinic of the running
transaction whatever the caller says. The worker role works the queue on a connection of its own.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DOOR = """
-- Clinics take turns: the more jobs of a clinic wait for the same time, the later comes its next.
-- So ten thousand jobs of one clinic hold up the first of another by no more than those that run.
-- A job never overtakes one of the same lock, which runs first because it was asked for first.
CREATE INDEX jobs_of_clinic_ix ON queue.procrastinate_jobs ((args ->> 'tenant_id'))
    WHERE status = 'todo';
CREATE INDEX jobs_of_lock_ix ON queue.procrastinate_jobs (lock, priority) WHERE status = 'todo';
CREATE FUNCTION door.enqueue(
    job_name text, job_args jsonb, one_at_a_time text, not_before timestamptz
) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT (queue.procrastinate_defer_jobs_v1(ARRAY[ROW(
        'needlepoint', 'run',
        least(
            (SELECT -count(*)::int FROM (
                SELECT FROM queue.procrastinate_jobs j
                WHERE j.status = 'todo'
                  AND j.args ->> 'tenant_id' = current_setting('app.tenant_id')::uuid::text
                  AND (j.scheduled_at IS NULL OR j.scheduled_at <= coalesce(not_before, now()))
                LIMIT 1000) AS waiting),
            (SELECT min(j.priority) FROM queue.procrastinate_jobs j
             WHERE j.status = 'todo' AND j.lock = one_at_a_time)),
        one_at_a_time, NULL,
        jsonb_build_object(
            'tenant_id', current_setting('app.tenant_id')::uuid,
            'name', job_name, 'args', job_args),
        not_before)::queue.procrastinate_job_to_defer_v1]))[1]
$$;
ALTER FUNCTION door.enqueue(text, jsonb, text, timestamptz) OWNER TO needlepoint_resolver;
REVOKE ALL ON FUNCTION door.enqueue(text, jsonb, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.enqueue(text, jsonb, text, timestamptz) TO needlepoint_app;

-- A job of no clinic, such as a letter to a person. It carries one id and nothing else.
CREATE FUNCTION door.enqueue_for_person(job_name text, subject uuid) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT (queue.procrastinate_defer_jobs_v1(ARRAY[ROW(
        'needlepoint', 'run_for_person', 0, NULL, NULL,
        jsonb_build_object('name', job_name, 'subject_id', subject),
        NULL)::queue.procrastinate_job_to_defer_v1]))[1]
$$;
ALTER FUNCTION door.enqueue_for_person(text, uuid) OWNER TO needlepoint_resolver;
REVOKE ALL ON FUNCTION door.enqueue_for_person(text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.enqueue_for_person(text, uuid) TO needlepoint_app;

-- What happened to a person's account, for the audit trail of each clinic they work in: one job
-- each, in the transaction of what happened, so that neither is ever without the other.
CREATE FUNCTION door.note_in_clinics(wanted_person uuid, job_name text, job_args jsonb) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = queue, pg_temp AS $$
    SELECT queue.procrastinate_defer_jobs_v1(array_agg(ROW(
        'needlepoint', 'run', 0, NULL, NULL,
        jsonb_build_object(
            'tenant_id', m.tenant_id, 'name', job_name,
            'args', job_args || jsonb_build_object(
                '_actor', jsonb_build_array('staff', m.staff_id, m.person_id, ''))),
        NULL)::queue.procrastinate_job_to_defer_v1))
    FROM control.membership m
    WHERE m.person_id = wanted_person AND m.active
      AND job_name IN ('auth.note_change', 'auth.note_refusal', 'auth.note_sign_in',
                       'tenants.follow_address')
    HAVING count(*) > 0
$$;
ALTER FUNCTION door.note_in_clinics(uuid, text, jsonb) OWNER TO needlepoint_resolver;
REVOKE ALL ON FUNCTION door.note_in_clinics(uuid, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.note_in_clinics(uuid, text, jsonb) TO needlepoint_app;
"""


def upgrade() -> None:
    """Create the queue's schema and the door to it."""
    bind = op.get_bind()
    op.execute("CREATE SCHEMA queue")
    op.execute("SET LOCAL search_path = queue")
    bind.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("SET LOCAL search_path = public")
    op.execute("GRANT USAGE ON SCHEMA queue TO needlepoint_worker, needlepoint_resolver")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue"
        " TO needlepoint_worker, needlepoint_resolver"
    )
    op.execute(
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA queue TO needlepoint_worker, needlepoint_resolver"
    )
    op.execute("GRANT USAGE ON SCHEMA queue TO needlepoint_backup")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA queue TO needlepoint_backup")
    op.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA queue TO needlepoint_backup")
    op.execute("GRANT CREATE ON SCHEMA door TO needlepoint_resolver")
    op.execute(DOOR)
    op.execute("REVOKE CREATE ON SCHEMA door FROM needlepoint_resolver")


def downgrade() -> None:
    """Drop the queue."""
    op.execute("DROP FUNCTION door.note_in_clinics(uuid, text, jsonb)")
    op.execute("DROP FUNCTION door.enqueue_for_person(text, uuid)")
    op.execute("DROP FUNCTION door.enqueue(text, jsonb, text, timestamptz)")
    op.execute("DROP SCHEMA queue CASCADE")
