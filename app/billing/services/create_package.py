"""The clinic puts a package on offer, or takes it off."""

import uuid
from dataclasses import dataclass

from app import audit
from app.billing import queries
from app.billing.models import Package
from app.billing.quote import DepositRule, deposit_of
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.names import BadName, clean_name
from app.tenants.queries import get_open_location

MOST_SESSIONS = 24


@dataclass(frozen=True)
class NewPackage:
    """A package in the currency of its location; ``price_minor`` is for all sessions together."""

    location_id: uuid.UUID
    code: str
    name: str
    procedure_id: str
    sessions: int
    price_minor: int
    deposit: DepositRule
    terms: str


def create_package(scope: TenantScope, wanted: NewPackage) -> Package:
    """Put a package on offer; raises Invalid, or DepositNotPossible when its rule cannot work."""
    location = get_open_location(scope, wanted.location_id)
    _check(scope, wanted)
    deposit_of(wanted.price_minor, location.currency, wanted.deposit)
    package = Package(
        tenant_id=scope.tenant_id,
        id=new_id(),
        location_id=location.id,
        code=wanted.code.strip(),
        name=_checked_name(wanted.name),
        procedure_id=wanted.procedure_id,
        sessions=wanted.sessions,
        price_minor=wanted.price_minor,
        currency=location.currency,
        deposit_kind=wanted.deposit.kind,
        deposit_value=wanted.deposit.value,
        deposit_round_down_to=wanted.deposit.round_down_to,
        terms=wanted.terms.strip(),
        created_at=now(),
    )
    scope.session.add(package)
    audit.record(scope, "billing:package:create", subject_id=package.id)
    return package


def retire_package(scope: TenantScope, *, package_id: uuid.UUID) -> Package:
    """Take a package off the offer; what was sold of it stays as it was. Twice is once."""
    package = queries.get_package_even_retired(scope, package_id)
    if package.retired_at is not None:
        return package
    package.retired_at = now()
    audit.record(scope, "billing:package:retire", subject_id=package.id)
    return package


def rule_of(package: Package) -> DepositRule:
    """Return the deposit rule of a package."""
    return DepositRule(package.deposit_kind, package.deposit_value, package.deposit_round_down_to)


def _check(scope: TenantScope, wanted: NewPackage) -> None:
    catalogue = content_of(get_catalogue_in_force(scope))
    if wanted.procedure_id not in catalogue.procedure:
        raise Invalid("There is no such procedure.", fields={"procedure_id": "unknown"})
    if not 1 <= wanted.sessions <= MOST_SESSIONS:
        raise Invalid(
            f"A package has 1 to {MOST_SESSIONS} sessions.", fields={"sessions": "out of range"}
        )
    if wanted.price_minor < wanted.sessions:
        raise Invalid(
            "The price is at least one minor unit a session.", fields={"price_minor": "too low"}
        )
    if not wanted.code.strip():
        raise Invalid("A package needs a code.", fields={"code": "empty"})


def _checked_name(text: str) -> str:
    try:
        return clean_name(text)
    except BadName as bad:
        raise Invalid(bad.reason, fields={"name": bad.reason}) from bad
