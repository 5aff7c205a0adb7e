"""Outcomes of messaging."""

from app.errors import Conflict


class ProcessingRestricted(Conflict):
    """The patient asked that their data be kept and not used; only what the law needs goes on."""

    code = "processing_restricted"
    title = "This patient's data may only be kept"
