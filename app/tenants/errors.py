"""Outcomes of the clinics' room."""

from app.errors import Conflict, Forbidden, NotFound


class StaffUnknown(NotFound):
    """No such member of staff works here."""

    code = "staff_unknown"


class LocationUnknown(NotFound):
    """The clinic has no such location."""

    code = "location_unknown"


class DeviceUnknown(NotFound):
    """The clinic has no such device."""

    code = "device_unknown"


class AlreadyStaff(Conflict):
    """The person works here already."""

    code = "already_staff"
    title = "This person works at the clinic already"


class QualificationUnknown(NotFound):
    """The clinic has no such qualification, or no such file of it."""

    code = "qualification_unknown"


class LogoUnknown(NotFound):
    """The clinic has no such logo."""

    code = "logo_unknown"


class OwnQualification(Forbidden):
    """Nobody checks their own qualification."""

    code = "own_qualification"
    title = "Somebody else has to check your qualification"


class QualificationEnded(Conflict):
    """The qualification was ended and is kept for the record only."""

    code = "qualification_ended"
