"""The job that sends letters to people about their own accounts."""

import uuid

from app import jobs
from app.auth import letters


@jobs.handler_for_person("auth.send_letter")
def send_letter(subject_id: uuid.UUID) -> None:
    """Send one letter; sent twice it stays sent once."""
    letters.send_letter(subject_id)
