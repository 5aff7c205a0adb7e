"""A clinic comes into being: with its owner, its first catalogue left to the rooms above."""

import uuid
from dataclasses import dataclass

from app import audit
from app.auth.services import normal_email
from app.database import Actor, TenantScope, UnitOfWork
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.names import BadName, clean_name
from app.tenants import queries
from app.tenants.models import Clinic, Role, StaffMember
from app.tenants.settings_models import ClinicSettings

PROCESSOR_AGREEMENT = "2026-11"
# Years after the last visit or sale, by retention class, until the clinic decides otherwise. What
# is for marketing goes once the patient asks, and contacts once nobody needs them.
RETENTION_YEARS = {"clinical": 10, "financial": 7}


@dataclass(frozen=True)
class NewClinic:
    """What somebody types to sign a clinic up. ``processor_agreement`` is the accepted version."""

    legal_name: str
    address: str
    owner_name: str
    owner_email: str
    processor_agreement: str
    brand_colour: str = "#1f5f5b"


def sign_up_clinic(work: UnitOfWork, wanted: NewClinic, *, person_id: uuid.UUID) -> TenantScope:
    """Create a clinic and enter it as its owner. ``person_id`` is the owner's account.

    Raises Invalid for what ``check_new_clinic`` refuses.
    """
    legal_name, owner_name = check_new_clinic(wanted)
    owner_email = normal_email(wanted.owner_email)
    tenant_id, staff_id = new_id(), new_id()
    scope = work.enter(tenant_id, Actor("staff", staff_id, person_id))
    scope.session.execute(queries.CREATE_CLINIC, {"name": legal_name, "at": now()})
    settings = _first_settings(scope, wanted, legal_name)
    scope.session.add(settings)
    scope.session.add(
        Clinic(
            tenant_id=tenant_id,
            id=tenant_id,
            settings_id=settings.id,
            legal_name=legal_name,
            address=wanted.address.strip(),
            brand_colour=wanted.brand_colour,
            processor_agreement=wanted.processor_agreement,
            created_at=now(),
        )
    )
    add_staff_row(scope, staff_id, person_id, owner_name, owner_email, Role.OWNER)
    audit.record(scope, "tenants:clinic:sign_up", subject_id=tenant_id)
    return scope


def check_new_clinic(wanted: NewClinic) -> tuple[str, str]:
    """Return the clinic's and the owner's names as they are kept.

    Raises Invalid when the processor agreement in force was not accepted or a name cannot be one.
    """
    if wanted.processor_agreement != PROCESSOR_AGREEMENT:
        raise Invalid(
            "Please read and accept the processor agreement.",
            fields={"processor_agreement": f"accept version {PROCESSOR_AGREEMENT}"},
        )
    legal_name = checked_name(wanted.legal_name, "legal_name")
    return legal_name, checked_name(wanted.owner_name, "owner_name")


def _first_settings(scope: TenantScope, wanted: NewClinic, legal_name: str) -> ClinicSettings:
    return ClinicSettings(
        tenant_id=scope.tenant_id,
        id=new_id(),
        number=1,
        legal_name=legal_name,
        address=wanted.address.strip(),
        brand_colour=wanted.brand_colour,
        languages=["en"],
        retention_years=dict(RETENTION_YEARS),
        made_by=scope.actor.id,
        made_at=now(),
    )


def add_staff_row(
    scope: TenantScope,
    staff_id: uuid.UUID,
    person_id: uuid.UUID,
    name: str,
    email: str,
    role: Role,
) -> StaffMember:
    """Add a member of staff and the membership by which they are let in."""
    member = StaffMember(
        tenant_id=scope.tenant_id,
        id=staff_id,
        person_id=person_id,
        name=name,
        email=email,
        role=role.value,
        created_at=now(),
    )
    scope.session.add(member)
    values = {"person_id": person_id, "staff_id": staff_id}
    scope.session.execute(queries.ADD_MEMBERSHIP, values)
    return member


def checked_name(text: str, field: str) -> str:
    """Return a name that can be one; raises Invalid naming the field and the character."""
    try:
        return clean_name(text)
    except BadName as bad:
        raise Invalid(bad.reason, fields={field: bad.reason}) from bad
