"""Why somebody is not let in or believed, beyond what every room says."""

from app.errors import Forbidden, Gone, StepUpRequired


class ClinicLeaving(Forbidden):
    """The clinic has asked to be deleted; owners may read, export and call it off."""

    code = "clinic_leaving"
    title = "This clinic is about to be deleted"


class SecondFactorRequired(StepUpRequired):
    """The password was right and the person's second factor has not been shown yet."""

    code = "second_factor_required"
    title = "Please show your second factor"


class NotOnSharedDevice(Forbidden):
    """A shared device holds its sign-ins to its clinic; a person's account lies outside of it."""

    code = "not_on_shared_device"
    title = "Not on a shared device"


class AccountLinkNotUsable(Gone):
    """The link was used, replaced by a newer one, or has run out; which one is never said."""

    code = "account_link_not_usable"
