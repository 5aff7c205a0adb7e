"""Outcomes of the patients' room."""

from app.errors import Conflict, Gone, NotFound


class PatientUnknown(NotFound):
    """The clinic has no such patient."""

    code = "patient_unknown"


class LimitUnknown(NotFound):
    """The clinic has set no such limit."""

    code = "limit_unknown"


class RecordErased(Gone):
    """The record was erased; what it held cannot be read by anybody."""

    code = "record_erased"
    title = "This record was erased"


class ContactUnknown(NotFound):
    """The patient has no such contact."""

    code = "contact_unknown"


class MergeUnknown(NotFound):
    """There is no such merge that could be undone."""

    code = "merge_unknown"


class PossibleDuplicate(Conflict):
    """The person may be on the books already; ``extra["patients"]`` says who and why."""

    code = "possible_duplicate"
    title = "This may be somebody who is on your books already"


class SamePatient(Conflict):
    """The two records belong to one person already."""

    code = "same_patient"
    title = "These records belong together already"


class PatientDeceased(Conflict):
    """The patient has died: nothing new is sent to them or asked of them."""

    code = "patient_deceased"
    title = "This patient has died"


class ImportUnknown(NotFound):
    """The clinic has no such import."""

    code = "import_unknown"


class ImportMoved(Conflict):
    """The import is at another step; ``state`` says which."""

    code = "import_moved"
    title = "This import is at another step"


class ListUnknown(NotFound):
    """The clinic has no such list of patients."""

    code = "list_unknown"


class ListNotReady(Conflict):
    """The list is still being written, or was deleted when its time was over."""

    code = "list_not_ready"
    title = "There is no list to fetch"
