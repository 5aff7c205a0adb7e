"""Outcomes of the clinics' room."""

from app.errors import Conflict, NotFound


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
