"""A clinic approves a version of the clinical catalogue; only then is it used."""

from hashlib import sha256

from app import audit
from app.catalogue import queries
from app.catalogue.models import CatalogueVersion
from app.catalogue.shipped import shipped_catalogue
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id


def approve_shipped_catalogue(scope: TenantScope) -> CatalogueVersion:
    """Approve the catalogue that comes with this release as the clinic's next version."""
    content, _ = shipped_catalogue()
    version = CatalogueVersion(
        tenant_id=scope.tenant_id,
        id=new_id(),
        number=queries.count_catalogue_versions(scope) + 1,
        content=content,
        sha256=sha256(content.encode()).digest(),
        approved_by=scope.actor.id,
        approved_at=now(),
        in_force_from=now(),
    )
    scope.session.add(version)
    audit.record(scope, "catalogue:version:approve", subject_id=version.id, number=version.number)
    return version
