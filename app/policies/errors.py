"""Outcomes of the policies' room. Each refusal quotes the basis that it rests on."""

from app.errors import Conflict, Invalid, NotFound


class PolicyUnknown(NotFound):
    """There is no such policy."""

    code = "policy_unknown"


class PolicyLaxer(Invalid):
    """The value asks less than a law that somebody has verified."""

    code = "policy_laxer"
    title = "The law asks for more"


class PatientTooYoung(Conflict):
    """The patient is younger than the location allows on this day."""

    code = "patient_too_young"
    title = "The patient is too young for this on that day"


class WaitNotOver(Conflict):
    """The days between the talk and the consent are not over; ``opens_on`` is the first day."""

    code = "wait_not_over"
    title = "The waiting time is not over yet"


class MoneyWaits(Conflict):
    """The days between talk and consent run; ``opens_on`` is the first day on which to pay."""

    code = "money_waits"
    title = "Nothing can be paid before the days after the talk are over"


class TalkNotEnough(Conflict):
    """The talk was held in a way that the location does not accept."""

    code = "talk_not_enough"
    title = "The treatment has to be talked over in another way"


class MayNotPerform(Conflict):
    """The practitioner may not do this there on that day; the message says what to enter."""

    code = "may_not_perform"
    title = "This practitioner may not do this there"
