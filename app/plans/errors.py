"""Outcomes of the plans' room."""

from app.errors import Conflict, Invalid, NotFound


class PlanUnknown(NotFound):
    """The clinic has no such plan."""

    code = "plan_unknown"


class VisitUnknown(NotFound):
    """The clinic has no such visit."""

    code = "visit_unknown"


class PlanNotPossible(Invalid):
    """Parts of the plan do not go together; ``fields`` says which and why."""

    code = "plan_not_possible"
    title = "Parts of this plan do not go together"


class OutsideOpeningHours(Conflict):
    """The location is closed at that time, and nobody has confirmed that it is meant."""

    code = "outside_opening_hours"
    title = "The location is closed at that time"


class VisitMoved(Conflict):
    """The visit is in a state in which this cannot be done."""

    code = "visit_moved"
