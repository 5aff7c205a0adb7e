"""Questions about a clinic's approved catalogue."""

import uuid
from functools import lru_cache

from sqlalchemy import func, select

from app.catalogue.content import Catalogue
from app.catalogue.errors import CatalogueNotApproved
from app.catalogue.models import CatalogueVersion
from app.catalogue.shipped import catalogue_from_json, shipped_catalogue
from app.database import TenantScope
from app.kit.clock import now


def get_catalogue_in_force(scope: TenantScope) -> CatalogueVersion:
    """Return the newest approved version whose day has come; raises CatalogueNotApproved."""
    statement = (
        select(CatalogueVersion)
        .where(
            CatalogueVersion.tenant_id == scope.tenant_id, CatalogueVersion.in_force_from <= now()
        )
        .order_by(CatalogueVersion.number.desc())
        .limit(1)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise CatalogueNotApproved
    return found


def get_catalogue_version(scope: TenantScope, version_id: uuid.UUID) -> CatalogueVersion:
    """Return one version; raises CatalogueNotApproved."""
    found = scope.session.get(CatalogueVersion, (scope.tenant_id, version_id))
    if found is None:
        raise CatalogueNotApproved
    return found


def count_catalogue_versions(scope: TenantScope) -> int:
    """Return how many versions the clinic has approved."""
    statement = select(func.count()).where(CatalogueVersion.tenant_id == scope.tenant_id)
    return scope.session.execute(statement).scalar_one()


def content_of(version: CatalogueVersion) -> Catalogue:
    """Return a version's content, parsed once per content and process."""
    return _parsed(version.sha256, version.content)


def get_catalogue(scope: TenantScope) -> Catalogue:
    """Return the clinic's catalogue in force; before one is approved, the one that is shipped."""
    try:
        return content_of(get_catalogue_in_force(scope))
    except CatalogueNotApproved:
        return shipped_catalogue()[1]


@lru_cache(maxsize=32)
def _parsed(_sha256: bytes, content: str) -> Catalogue:
    return catalogue_from_json(content)
