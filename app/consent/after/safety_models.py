"""Safety communications that make older consents out of date, as the clinic entered them."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, TenantOwned, one_of, tenant_fk, tenant_table


class About(StrEnum):
    """What a safety communication is about: a kind of device, one device, or a material."""

    DEVICE_KIND = "device_kind"
    DEVICE = "device"
    ADD_ON = "add_on"
    ANAESTHETIC = "anaesthetic"


class SafetyNotice(TenantOwned, Base):
    """That something was said on a day about a device or a material, and what was said.

    ``subject`` is an id of the kind that ``about`` names. Consents that were asked for before are
    asked for anew while ``ended_at`` is NULL; ending one is for what was entered by mistake.
    """

    __tablename__ = "safety_notice"
    __table_args__ = tenant_table(
        tenant_fk("entered_by", "staff_member"),
        tenant_fk("ended_by", "staff_member"),
        one_of("about", [one.value for one in About]),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        Index("safety_notice_said_ix", "tenant_id", "said_on"),
        updatable=("ended_at", "ended_by"),
    )

    about: Mapped[str]
    subject: Mapped[str]
    said_on: Mapped[date]
    says: Mapped[str]
    source: Mapped[str]
    entered_by: Mapped[uuid.UUID]
    entered_at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
