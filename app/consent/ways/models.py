"""How a form came before a person: which way it was opened, by whose hand and on which device."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class OpenedBy(StrEnum):
    """A way to a form. The first three are secrets that open it, each of the kind of that name."""

    LINK = "sign_link"
    SHORT_CODE = "short_code"
    QR = "qr_link"
    TABLET = "tablet"


class ConsentWay(TenantOwned, Base):
    """One time that a form was shown or handed to its patient.

    ``host_id`` is who showed the code or handed over the device, ``device_id`` the clinic's shared
    device where it was one. On a tablet ``touched_at`` is when somebody last did something, and
    ``covered_at`` since when the page hides itself.
    """

    __tablename__ = "consent_way"
    __table_args__ = tenant_table(
        tenant_fk("consent_id", "consent"),
        tenant_fk("host_id", "staff_member"),
        tenant_fk("device_id", "shared_device"),
        one_of("opened_by", [one.value for one in OpenedBy]),
        Index("consent_way_consent_ix", "tenant_id", "consent_id", "offered_at"),
        updatable=("opened_at", "touched_at", "covered_at", "ended_at"),
    )

    consent_id: Mapped[uuid.UUID]
    opened_by: Mapped[str]
    host_id: Mapped[uuid.UUID | None]
    device_id: Mapped[uuid.UUID | None]
    offered_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    touched_at: Mapped[datetime | None]
    covered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
