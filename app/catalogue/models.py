"""A clinic's approved version of the clinical catalogue, kept whole as canonical JSON."""

import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, tenant_table


class CatalogueVersion(TenantOwned, Base):
    """Procedures, indications, areas, devices, rules, risks and aftercare as one approved text."""

    __tablename__ = "catalogue_version"
    __table_args__ = tenant_table(UniqueConstraint("tenant_id", "number"), append_only=True)

    number: Mapped[int]
    content: Mapped[str]
    sha256: Mapped[bytes]
    approved_by: Mapped[uuid.UUID | None]
    approved_at: Mapped[datetime]
    in_force_from: Mapped[datetime]
