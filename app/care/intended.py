"""What somebody intends to do at a visit, with everything that decides whether they may."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app.care.acute import AcuteStanding, acute_standing
from app.care.intervals import shortened_on
from app.care.visit_ground import VisitGround, ground_of_visit
from app.database import TenantScope
from app.plans.facts import areas_of
from app.plans.queries import get_latest_version, get_plan
from app.tenants.models import CartridgeLot, Device, StaffMember
from app.tenants.queries import find_lot, get_device, get_staff


@dataclass(frozen=True)
class Intended:
    """Who, with which device and lot, where and how deep.

    ``areas`` maps area ids to µm; None means whatever the plan wants and the consent covers.
    """

    visit_id: uuid.UUID
    practitioner_id: uuid.UUID
    device_id: uuid.UUID
    lot: str
    areas: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Case:
    """An intention with all facts about it, at one instant."""

    ground: VisitGround
    areas: Mapping[str, int]
    practitioner: StaffMember
    device: Device
    planned_device: Device
    lot_text: str
    lot: CartridgeLot | None
    acute: AcuteStanding | None
    shortened_on: date | None = None


def gather_case(scope: TenantScope, intended: Intended, *, at: datetime) -> Case:
    """Return a case at an aware instant; raises NotFound for what the clinic does not have."""
    ground = ground_of_visit(scope, intended.visit_id, at=at)
    device = get_device(scope, intended.device_id)
    return Case(
        ground=ground,
        areas=dict(intended.areas) if intended.areas is not None else _usual(scope, ground),
        practitioner=get_staff(scope, intended.practitioner_id),
        device=device,
        planned_device=get_device(scope, ground.version.device_id),
        lot_text=intended.lot.strip(),
        lot=find_lot(scope, device.id, intended.lot.strip()),
        acute=acute_standing(scope, ground),
        shortened_on=shortened_on(scope, ground),
    )


def _usual(scope: TenantScope, ground: VisitGround) -> dict[str, int]:
    """Return what the plan in force wants, cut down to what the consent covers."""
    latest = get_latest_version(scope, get_plan(scope, ground.visit.plan_id))
    wanted = areas_of(scope, latest.id)
    if not ground.standing.allowed:
        return wanted
    granted = ground.standing.areas
    return {area: min(um, granted[area]) for area, um in wanted.items() if area in granted}
