"""What a visit stands on: plan, consent, place, and what the catalogue says of them.

Gathered once, so that asking again, deciding and starting all look at the same facts.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from app.care.last_treated import last_treated_on
from app.catalogue.content import Catalogue
from app.catalogue.facts import PlanFacts
from app.consent.queries import get_consent, list_add_ons_agreed
from app.consent.standing import Standing, consent_standing
from app.database import TenantScope
from app.kit.clock import day_in
from app.plans.facts import catalogue_of, facts_of
from app.plans.models import PlanVersion, Visit
from app.plans.queries import get_latest_version, get_plan, get_plan_version, get_visit
from app.tenants.models import Location
from app.tenants.queries import get_location


@dataclass(frozen=True)
class VisitGround:
    """One visit at one moment. ``version`` is the one that was consented to, else the latest.

    ``today`` is the day at the location; ``at`` is the instant that decides.
    """

    visit: Visit
    version: PlanVersion
    location: Location
    catalogue: Catalogue
    facts: PlanFacts
    standing: Standing
    add_ons_agreed: frozenset[str]
    at: datetime
    today: date

    def title_of(self, area: str) -> str:
        """Return an area's name for people."""
        known = self.catalogue.area.get(area)
        return known.title if known else area.replace("_", " ")


def ground_of_visit(scope: TenantScope, visit_id: uuid.UUID, *, at: datetime) -> VisitGround:
    """Return what a visit stands on at an aware instant; raises VisitUnknown."""
    visit = get_visit(scope, visit_id)
    location = get_location(scope, visit.location_id)
    standing = consent_standing(scope, patient_id=visit.patient_id, plan_id=visit.plan_id, at=at)
    version = _version(scope, visit, standing)
    last = last_treated_on(scope, visit.patient_id, zone=location.zone)
    return VisitGround(
        visit=visit,
        version=version,
        location=location,
        catalogue=catalogue_of(scope, version),
        facts=facts_of(scope, version, last_treatment=last),
        standing=standing,
        add_ons_agreed=frozenset(list_add_ons_agreed(scope, visit.plan_id, at)),
        at=at,
        today=day_in(at, location.zone),
    )


def _version(scope: TenantScope, visit: Visit, standing: Standing) -> PlanVersion:
    if standing.allowed and standing.consent_id is not None:
        return get_plan_version(scope, get_consent(scope, standing.consent_id).plan_version_id)
    return get_latest_version(scope, get_plan(scope, visit.plan_id))
