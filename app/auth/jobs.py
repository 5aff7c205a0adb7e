"""The job that sends letters to people about their own accounts."""

import uuid

from app import jobs
from app.auth import journal, letters


@jobs.handler_for_person("auth.send_letter")
def send_letter(subject_id: uuid.UUID) -> None:
    """Send one letter; sent twice it stays sent once."""
    letters.send_letter(subject_id)


@jobs.handler_for_person("auth.note_sign_in")
def note_sign_in(subject_id: uuid.UUID) -> None:
    """Record a sign-in in the person's clinics."""
    journal.note_sign_in(subject_id)
