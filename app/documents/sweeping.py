"""Sweep up stored files that no row names: of requests that were killed before their commit."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from app.database import TenantScope
from app.documents.files import store
from app.kit.clock import now
from app.kit.ids import made_at
from app.storage.object_store import folder_within

# A request that is under way has its file before its row.
YOUNG = timedelta(hours=1)


def sweep_files(scope: TenantScope, kind: str, *, needed: Collection[str]) -> int:
    """Delete the clinic's files of a kind that nobody needs; return how many there were."""
    swept = 0
    for name in store().list_names(folder_within(kind, scope.tenant_id)):
        row_id = uuid.UUID(hex=name.rpartition("/")[2])
        if name not in needed and made_at(row_id) < now() - YOUNG:
            store().delete(name)
            swept += 1
    return swept
