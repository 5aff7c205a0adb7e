"""Outcomes of the clinics' room."""

from app.errors import Conflict, Forbidden, NotFound


class StaffUnknown(NotFound):
    """No such member of staff works here."""

    code = "staff_unknown"


class LocationUnknown(NotFound):
    """The clinic has no such location."""

    code = "location_unknown"


class LocationClosed(Conflict):
    """Nobody is treated at the location on that day any more."""

    code = "location_closed"
    title = "This location is closed"


class LocationHasVisits(Conflict):
    """People are still expected at the location after the day on which it is to close."""

    code = "location_has_visits"
    title = "Visits are planned here after that day"


class VisitsOutsideHours(Conflict):
    """Visits are planned at times that the new hours leave out, and nobody has confirmed them."""

    code = "visits_outside_hours"
    title = "Visits are planned outside these hours"


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


class SettingsUnknown(NotFound):
    """The clinic has no such version of its settings."""

    code = "settings_unknown"


class OwnQualification(Forbidden):
    """Nobody checks their own qualification."""

    code = "own_qualification"
    title = "Somebody else has to check your qualification"


class QualificationEnded(Conflict):
    """The qualification was ended and is kept for the record only."""

    code = "qualification_ended"


class InvitationUnknown(NotFound):
    """The clinic has no such invitation."""

    code = "invitation_unknown"


class InvitationOpen(Conflict):
    """The address has an invitation that waits for an answer already."""

    code = "invitation_open"
    title = "There is an open invitation for this address"


class InvitationEnded(Conflict):
    """The invitation was accepted or cancelled already."""

    code = "invitation_ended"
    title = "This invitation has ended"


class AccountExists(Conflict):
    """The invited address has an account, which must sign in as itself first."""

    code = "account_exists"
    title = "There is an account with this address. Sign in with it first"


class LastOwner(Conflict):
    """Nobody could manage the clinic afterwards."""

    code = "last_owner"
    title = "A clinic keeps at least one owner"


class BeyondOwnRole(Forbidden):
    """Nobody gives away, or gives themselves, what they may not do."""

    code = "beyond_own_role"
    title = "You cannot give a role that reaches further than your own"
