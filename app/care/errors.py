"""Outcomes of the care room. A refusal tells what to do next, and nothing of anybody's health."""

from app.errors import Conflict, Invalid, NotFound


class TreatmentUnknown(NotFound):
    """The clinic has no such treatment."""

    code = "treatment_unknown"


class IncidentUnknown(NotFound):
    """The clinic has no such incident."""

    code = "incident_unknown"


class StartRefused(Conflict):
    """The treatment may not start. ``reasons`` say why and what to do, the strongest first.

    ``incident_route`` is where to record that it happened all the same.
    """

    code = "start_refused"
    title = "This treatment may not start"


class AcuteAnswersIncomplete(Invalid):
    """Some of the short questions are not answered yet; ``questions`` are their ids."""

    code = "acute_answers_incomplete"
    title = "Some questions are still open"


class FlipUnexplained(Invalid):
    """An answer that stood in the way is gone: somebody has to say what changed."""

    code = "flip_unexplained"
    title = "Say what changed since the answers that stood in the way"


class VisitClosed(Conflict):
    """The visit is in a state in which this cannot be done."""

    code = "visit_closed"


class RecordNotPossible(Invalid):
    """The shape of a record is wrong; ``fields`` says where. Never raised for clinical reasons."""

    code = "record_not_possible"


class AftercareNotPossible(Conflict):
    """There is nothing yet that a sheet could be about."""

    code = "aftercare_not_possible"


class NothingToHold(Conflict):
    """Nothing in the newest short questions stands in the way of the treatment."""

    code = "nothing_to_hold"
    title = "Nothing stands in the way"
