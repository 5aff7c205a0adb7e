"""How far an export has come, as a person or a program wants to know it."""

from app.leaving.models import ClinicExport, ExportState

NEARLY = 99
# What a page says of a state, and how it looks.
WORDS = {
    ExportState.QUEUED: ("Waiting to begin", "wait"),
    ExportState.RUNNING: ("Being made", "wait"),
    ExportState.WAITING: ("Waiting for room", "wait"),
    ExportState.DONE: ("Ready", "good"),
    ExportState.FAILED: ("Failed", "stop"),
    ExportState.DISCARDED: ("Thrown away", "plain"),
}


def percent_of(export: ClinicExport) -> int:
    """Return whole percents; 100 only when the file can be downloaded."""
    if export.state == ExportState.DONE:
        return 100
    return min(NEARLY, 100 * export.rows_done // max(export.rows_expected, 1))


def manifest_of(export: ClinicExport) -> str | None:
    """Return the SHA-256 of the manifest in hexadecimal, once there is one."""
    return export.manifest_sha256.hex() if export.manifest_sha256 else None
