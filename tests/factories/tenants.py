"""Clinics with staff, for tests."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from app.auth.services import create_person
from app.database import Actor, TenantScope, tenant_scope, unit_of_work
from app.kit.ids import new_id
from app.tenants.models import Role
from app.tenants.services import manage_clinic
from app.tenants.services.join_staff import Joining, add_member
from app.tenants.services.manage_location import NewLocation, add_location
from app.tenants.services.manage_qualification import (
    NewQualification,
    NewScope,
    add_qualification,
)
from app.tenants.services.sign_up_clinic import PROCESSOR_AGREEMENT, NewClinic, sign_up_clinic

PASSWORD = "four random words here"
PROCEDURE = "mechanical_microneedling"


@dataclass
class Staff:
    """A member of staff who can sign in with ``PASSWORD``."""

    id: uuid.UUID
    person_id: uuid.UUID
    email: str
    name: str


@dataclass
class MadeClinic:
    """A clinic with one location, an owner, and staff by role."""

    tenant_id: uuid.UUID
    location_id: uuid.UUID
    owner: Staff
    staff: dict[str, Staff] = field(default_factory=dict)

    @contextmanager
    def scope(self, who: Staff | None = None) -> Iterator[TenantScope]:
        """Enter the clinic as somebody, the owner by default; commits at the end."""
        acting = who or self.owner
        with tenant_scope(self.tenant_id, Actor("staff", acting.id, acting.person_id)) as scope:
            yield scope


def unique_email(prefix: str = "person") -> str:
    """Return an address that no other test has."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}@clinic.example"


def make_clinic(
    *,
    name: str = "Tern & Thistle",
    zone: str = "Europe/London",
    currency: str = "GBP",
    jurisdiction: str = "GB-SCT",
    market: str = "UK",
    registration: str | None = "TEST-HIS-01",
) -> MadeClinic:
    """Make a clinic with an owner and one location, whose premises are registered."""
    email = unique_email("owner")
    with unit_of_work() as work:
        person_id = create_person(
            work.session,
            email=email,
            name="Morven Achterberg",
            password=PASSWORD,
        )
        wanted = NewClinic(name, "1 Quay Street", "Morven Achterberg", email, PROCESSOR_AGREEMENT)
        scope = sign_up_clinic(work, wanted, person_id=person_id)
        owner_id = scope.actor.id
        assert owner_id is not None
        location = add_location(
            scope,
            NewLocation(
                name="Harbour",
                address="1 Quay Street",
                zone=zone,
                currency=currency,
                jurisdiction=jurisdiction,
                market=market,
                premises_kind="independent clinic",
                premises_registration=registration,
                emergency_contact="0131 496 0000",
            ),
        )
    owner = Staff(owner_id, person_id, email, "Morven Achterberg")
    return MadeClinic(scope.tenant_id, location.id, owner, {"owner": owner})


def add_staff(
    clinic: MadeClinic,
    role: Role,
    name: str = "Tadhg Ó Dálaigh",
    *,
    at: tuple[uuid.UUID, ...] = (),
    email: str = "",
) -> Staff:
    """Add a member of staff with an account, limited to some locations if ``at`` names any.

    An ``email`` of somebody who works elsewhere adds the same person.
    """
    email = email or unique_email(role.value)
    with clinic.scope() as scope:
        person_id = create_person(scope.session, email=email, name=name, password=PASSWORD)
        member = add_member(
            scope,
            staff_id=new_id(),
            joining=Joining(person_id, name),
            email=email,
            role=role,
            location_ids=at,
        )
    staff = Staff(member.id, person_id, email, name)
    clinic.staff[role.value] = staff
    return staff


def qualify(
    clinic: MadeClinic,
    who: Staff,
    *,
    max_depth_um: int = 2500,
    expires_on: date = date(2099, 12, 31),
    procedure_id: str = PROCEDURE,
    areas: tuple[str, ...] | None = None,
    registration_number: str = "TEST-NMC-1",
    kind: str = "nurse",
) -> uuid.UUID:
    """Enter a qualification for the clinic's location; return its id."""
    with clinic.scope() as scope:
        row = add_qualification(
            scope,
            staff_id=who.id,
            wanted=NewQualification(
                kind=kind,
                body="NMC",
                registration_number=registration_number,
                is_prescriber=True,
                expires_on=expires_on,
                scopes=(
                    NewScope(
                        clinic.location_id, procedure_id, max_depth_um, "clinic policy", areas
                    ),
                ),
            ),
        )
    return row.id


def make_device(clinic: MadeClinic, *, cap_um: int = 2500) -> tuple[uuid.UUID, uuid.UUID]:
    """Add a pen and a lot of cartridges; return (device id, lot id)."""
    with clinic.scope() as scope:
        device = manage_clinic.add_device(
            scope,
            location_id=clinic.location_id,
            kind="pen",
            model="Test Pen",
            serial=uuid.uuid4().hex[:8],
            label=[
                {
                    "market": "UK",
                    "cap_um": cap_um,
                    "areas": ["face_cheeks", "face_forehead"],
                    "indications": ["acne_scars_atrophic"],
                    "age_min": 18,
                    "skin_types": [1, 2, 3, 4, 5, 6],
                }
            ],
        )
        lot = manage_clinic.add_lot(
            scope, device_id=device.id, lot="LOT-1", expires_on=date(2099, 1, 31)
        )
    return device.id, lot.id
