"""A worker in a process of its own whose job never ends: the test kills it in the middle."""

import sys
import time
import uuid

from app import audit, create_app, jobs
from app.config import read_settings
from app.database import TenantScope
from app.jobs.worker import work


@jobs.handler("trial.slow")
def slow(scope: TenantScope, *, subject_id: uuid.UUID) -> None:
    """Write an event, say so, and never come to the commit."""
    audit.record(scope, "trial:job:ran", subject_id=subject_id)
    scope.session.flush()
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    time.sleep(60)


if __name__ == "__main__":
    settings = read_settings()
    work(create_app(settings), settings.worker_url)
