"""Idempotency keys: the same unsafe request sent twice gets the first answer again."""

import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from app.database.base import Base, TenantOwned, one_of, tenant_table


class IdempotencyKey(TenantOwned, Base):
    """A key, scoped to actor, clinic and route, with the hash of the body that came with it."""

    __tablename__ = "idempotency_key"
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "actor_id", "route", "key"),
        one_of("state", ["started", "done"]),
        updatable=("state", "status", "body", "location"),
        deletable=True,
    )

    actor_id: Mapped[uuid.UUID]
    route: Mapped[str]
    key: Mapped[str]
    request_sha256: Mapped[bytes]
    state: Mapped[str]
    status: Mapped[int | None]
    body: Mapped[bytes | None]
    location: Mapped[str | None]
    created_at: Mapped[datetime]
