"""The job of this room."""

from app import jobs
from app.database import TenantScope
from app.documents.sweeping import sweep_files
from app.tenants.place_queries import list_evidence_names


@jobs.handler("tenants.sweep_evidence", nightly=True)
def sweep_evidence(scope: TenantScope) -> None:
    """Delete evidence that no qualification has: its request was killed before its commit."""
    sweep_files(scope, "evidence", needed=list_evidence_names(scope))
