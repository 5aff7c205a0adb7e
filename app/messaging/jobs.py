"""The job that empties the outbox."""

import uuid

from app import jobs
from app.database import TenantScope
from app.messaging import services


@jobs.handler("messaging.send", outlives="what a message asks for decides, not the job")
def send(scope: TenantScope, *, message_id: uuid.UUID) -> None:
    """Send one message; sent twice it stays sent once."""
    services.send_message(scope, message_id=message_id)
