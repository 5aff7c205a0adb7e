"""The nightly job of this room."""

from app import jobs
from app.database import TenantScope
from app.policies.services.remind_of_endings import remind_of_endings


@jobs.handler("policies.remind", nightly=True)
def remind(scope: TenantScope) -> None:
    """Tell people what of theirs ends; a second run in the same night says nothing again."""
    remind_of_endings(scope)
