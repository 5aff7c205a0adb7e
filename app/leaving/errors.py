"""Outcomes of leaving."""

from app.errors import Conflict, Gone, Invalid


class ExportUnderWay(Conflict):
    """An export is being made already; a second one would only make both slower."""

    code = "export_under_way"
    title = "An export is being made already"


class ExportNotReady(Conflict):
    """The export is not finished, or it failed; half a file is never given out."""

    code = "export_not_ready"
    title = "This export cannot be downloaded"


class ExportGone(Gone):
    """The export was thrown away, by somebody or because its time was over."""

    code = "export_gone"
    title = "This export is no longer kept"


class ExportRefused(Invalid):
    """A file cannot be imported; ``extra["problems"]`` says why, one sentence each."""

    code = "export_refused"
    title = "This file cannot be imported"


class AlreadyLeaving(Conflict):
    """The clinic has asked to be deleted already."""

    code = "already_leaving"
    title = "The clinic is leaving already"


class NotLeaving(Conflict):
    """There is nothing to call off: the clinic is not leaving, or its deletion has begun."""

    code = "not_leaving"
    title = "There is nothing to call off"
