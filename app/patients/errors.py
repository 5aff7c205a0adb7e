"""Outcomes of the patients' room."""

from app.errors import Gone, NotFound


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
