"""Outcomes of the patients' room."""

from app.errors import NotFound


class PatientUnknown(NotFound):
    """The clinic has no such patient."""

    code = "patient_unknown"
