"""An owner saves the clinic's settings: always a new version, never a changed one."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from app import audit
from app.database import TenantScope
from app.errors import Invalid, Stale
from app.kit.clock import now
from app.kit.colours import colour_problem, parse_colour
from app.kit.ids import new_id
from app.tenants import place_queries
from app.tenants.services.sign_up_clinic import RETENTION_YEARS, checked_name
from app.tenants.settings_models import ClinicSettings

MOST_YEARS = 100
LONGEST_NOTICE = 6000


@dataclass(frozen=True)
class NewSettings:
    """Everything that a version of the settings says; ``quiet_*`` are "HH:MM" or both None."""

    legal_name: str
    address: str
    brand_colour: str
    languages: tuple[str, ...]
    retention_years: Mapping[str, int]
    logo_id: uuid.UUID | None = None
    quiet_from: str | None = None
    quiet_until: str | None = None
    privacy_notice: str = ""
    reason: str | None = None


def save_settings(scope: TenantScope, wanted: NewSettings, *, version: int) -> ClinicSettings:
    """Save the next version of the settings and put it in force.

    Raises Invalid with every field that cannot be, and Stale when somebody saved since ``version``
    of the clinic was read. Papers that were made before keep the version that they pin.
    """
    clinic = place_queries.get_clinic_for_update(scope)
    if clinic.version != version:
        raise Stale("Somebody else has saved the settings since you opened them. Read them again.")
    check_settings(wanted)
    if wanted.logo_id is not None:
        place_queries.get_logo(scope, wanted.logo_id)
    newest = place_queries.list_settings(scope, most=1)[0]
    saved = ClinicSettings(
        tenant_id=scope.tenant_id,
        id=new_id(),
        number=newest.number + 1,
        legal_name=checked_name(wanted.legal_name, "legal_name"),
        address=wanted.address.strip(),
        brand_colour=parse_colour(wanted.brand_colour) or wanted.brand_colour,
        logo_id=wanted.logo_id,
        languages=list(dict.fromkeys(wanted.languages)),
        quiet_from=wanted.quiet_from,
        quiet_until=wanted.quiet_until,
        retention_years=dict(wanted.retention_years),
        privacy_notice=wanted.privacy_notice.strip(),
        reason=wanted.reason,
        made_by=scope.actor.id,
        made_at=now(),
    )
    scope.session.add(saved)
    clinic.settings_id, clinic.legal_name = saved.id, saved.legal_name
    clinic.address, clinic.brand_colour = saved.address, saved.brand_colour
    clinic.logo_id = saved.logo_id
    clinic.version += 1
    audit.record(scope, "tenants:settings:save", subject_id=saved.id, number=saved.number)
    return saved


def check_settings(wanted: NewSettings) -> None:
    """Raise Invalid with every field that cannot be."""
    wrong: dict[str, str] = {}
    problem = colour_problem(wanted.brand_colour)
    if problem is not None:
        wrong["brand_colour"] = problem.text
    if (wanted.quiet_from is None) != (wanted.quiet_until is None):
        wrong["quiet_from"] = "Quiet hours need a beginning and an end, or neither."
    elif wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_until:
        wrong["quiet_until"] = "Quiet hours that never end would let no message out."
    if set(wanted.retention_years) != set(RETENTION_YEARS):
        wrong["retention_years"] = f"Give years for {', '.join(sorted(RETENTION_YEARS))}."
    elif any(not 0 <= years <= MOST_YEARS for years in wanted.retention_years.values()):
        wrong["retention_years"] = f"Give 0 to {MOST_YEARS} years."
    if len(wanted.privacy_notice) > LONGEST_NOTICE:
        wrong["privacy_notice"] = f"Use at most {LONGEST_NOTICE} characters."
    if not wanted.languages:
        wrong["languages"] = "Choose at least one language."
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
