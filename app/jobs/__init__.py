"""Jobs are rows of the caller's own transaction, worked by a process of its own.

Why PostgreSQL and no broker: a job whose row commits together with the change that needs it can
neither be lost nor run for a change that never happened. Handlers are idempotent, since a killed
worker's job runs again, and get ids only, never health data.
"""

from app.jobs.registry import (
    enqueue,
    enqueue_for_person,
    handler,
    handler_for_person,
    note_in_clinics,
    regular,
    run_for_person,
    run_job,
    staff_may_still,
)

__all__ = [
    "enqueue",
    "enqueue_for_person",
    "handler",
    "handler_for_person",
    "note_in_clinics",
    "regular",
    "run_for_person",
    "run_job",
    "staff_may_still",
]
