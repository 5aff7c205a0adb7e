"""The jobs of leaving."""

import uuid

from app import jobs
from app.database import TenantScope
from app.leaving.services.ask_export import drop_exports, expire_exports, resume_exports
from app.leaving.services.erase_clinic import enqueue_due, erase_step
from app.leaving.services.make_export import take_step


# The step asks again by itself: its snapshot has to begin before anything else is read.
@jobs.handler("leaving.export_step", outlives="it asks for its owner in its own snapshot")
def export_step(scope: TenantScope, *, export_id: uuid.UUID) -> None:
    """Take the next step of an export; taken twice it does no harm."""
    take_step(scope, export_id=export_id)


@jobs.handler("leaving.expire_exports", nightly=True)
def expire(scope: TenantScope) -> None:
    """Throw away exports whose time is over, and push on those that came to a stop."""
    expire_exports(scope)
    resume_exports(scope)


# The rights' room enqueues it with each erasure; it lies below and knows this room by name alone.
@jobs.handler("leaving.drop_exports", outlives="a patient's right was decided")
def drop(scope: TenantScope) -> None:
    """Drop exports that still hold a patient who was erased."""
    drop_exports(scope)


@jobs.regular("leaving.erase_due", nightly=True)
def erase_what_is_due() -> None:
    """Enqueue the erasing of clinics whose time is over: the job that each left may have died."""
    enqueue_due()


@jobs.handler("leaving.erase_step", outlives="the end of a clinic outlives its staff")
def erase(scope: TenantScope) -> None:
    """Take the next step of erasing a clinic whose time is over; taken twice it does no harm."""
    erase_step(scope)
