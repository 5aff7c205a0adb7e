"""Outcomes of the rights' room."""

from app.errors import Conflict, Gone, NotFound


class RequestUnknown(NotFound):
    """The clinic has no such request."""

    code = "rights_request_unknown"


class RequestDecided(Conflict):
    """The request was decided before."""

    code = "rights_request_decided"
    title = "This request was decided already"


class ExportUnknown(NotFound):
    """The clinic has no such export."""

    code = "export_unknown"


class ExportNotReady(Conflict):
    """The file is still being made, could not be made, or was deleted when its time was over."""

    code = "export_not_ready"
    title = "There is no file to fetch"


class NothingLeft(Gone):
    """Everything that a copy could hold was erased."""

    code = "nothing_left"
    title = "Nothing is left to copy"
