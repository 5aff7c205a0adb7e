"""Whether an independent authority has attested the time of a sealed file. Never dressed up."""

from enum import StrEnum


class StampState(StrEnum):
    """Pages and verifiers show it in words; the file itself cannot say it of itself."""

    STAMPED = "stamped"
    NOT_STAMPED = "not_time_stamped"
