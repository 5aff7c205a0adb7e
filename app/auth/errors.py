"""Why somebody who is signed in is not let in, beyond what every room says."""

from app.errors import Forbidden, StepUpRequired


class ClinicLeaving(Forbidden):
    """The clinic has asked to be deleted; owners may read, export and call it off."""

    code = "clinic_leaving"
    title = "This clinic is about to be deleted"


class SecondFactorRequired(StepUpRequired):
    """The password was right and the person's second factor has not been shown yet."""

    code = "second_factor_required"
    title = "Please show your second factor"


class EmailNotVerified(Forbidden):
    """The person may look around, but act towards others only once their address is proved."""

    code = "email_not_verified"
    title = "Confirm your email address first"


class NotOnSharedDevice(Forbidden):
    """A shared device holds its sign-ins to its clinic; a person's account lies outside of it."""

    code = "not_on_shared_device"
    title = "Not on a shared device"
