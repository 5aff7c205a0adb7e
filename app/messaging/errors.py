"""Outcomes of messaging."""

from app.errors import Conflict, TooManyTries


class ProcessingRestricted(Conflict):
    """The patient asked that their data be kept and not used; only what the law needs goes on."""

    code = "processing_restricted"
    title = "This patient's data may only be kept"


class TooManyMessages(TooManyTries):
    """The clinic has sent as many links and invitations within an hour as one clinic may."""

    code = "too_many_messages"
    title = "Too many messages in an hour"
