"""Numbers about the chain, kept in files: the worker measures, and the web's ``/metrics`` tells.

Counters of a process die with it and nobody asks the worker; a file in the installation's home can
be read by both, and by any collector that reads text files. What anchoring and what verifying knows
are two files, so that neither writes over the other's numbers.
"""

from pathlib import Path

from flask import current_app
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

OF_ANCHORS, OF_CHECKS = CollectorRegistry(), CollectorRegistry()
ANCHORED = Gauge(
    "needlepoint_audit_anchored_timestamp_seconds", "Newest anchor", registry=OF_ANCHORS
)
NOT_STAMPED = Gauge(
    "needlepoint_audit_anchors_not_stamped", "Anchors without a time stamp", registry=OF_CHECKS
)
FAILED = Gauge(
    "needlepoint_audit_failed_checks", "Failures of the last verification", registry=OF_CHECKS
)
BROKEN = Gauge(
    "needlepoint_audit_broken_clinics", "Clinics whose chain did not hold", registry=OF_CHECKS
)
VERIFIED = Gauge(
    "needlepoint_audit_verified_timestamp_seconds", "Last verification", registry=OF_CHECKS
)


def metrics_folder() -> Path:
    """Return the folder whose files are part of ``/metrics``."""
    home: Path = current_app.config["SETTINGS"].home
    return home / "metrics"


def publish_gauges(registry: CollectorRegistry) -> None:
    """Write the numbers of a registry as they are now, as a whole or not at all."""
    folder = metrics_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = "audit_anchors" if registry is OF_ANCHORS else "audit_checks"
    write_to_textfile(str(folder / f"{name}.prom"), registry)


def published_gauges() -> bytes:
    """Return what was last written, or nothing."""
    return b"".join(path.read_bytes() for path in sorted(metrics_folder().glob("*.prom")))
