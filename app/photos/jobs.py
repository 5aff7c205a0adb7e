"""What this room does at night: sweep up files of uploads that were killed before their commit."""

from app import jobs
from app.database import TenantScope
from app.documents.sweeping import sweep_files
from app.photos.queries import list_file_names


@jobs.handler("photos.sweep", nightly=True)
def sweep(scope: TenantScope) -> None:
    """Delete files that no photograph has."""
    sweep_files(scope, "photos", needed=list_file_names(scope))
