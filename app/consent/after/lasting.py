"""How long a consent lasts: by its purpose, and for what is confirmed by the location's policy."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.catalogue.answers import add_months
from app.consent.models import Consent
from app.consent.purposes import rules_of
from app.database import TenantScope
from app.kit.clock import day_in
from app.policies.queries import get_policies
from app.tenants.models import Location


def months_of(scope: TenantScope, purpose: str, location: Location, *, signed_on: date) -> int:
    """Return how many months a consent of a purpose lasts that is signed on a day; 0 for no end."""
    rules = rules_of(purpose)
    if rules.attested:
        return get_policies(scope, location, on=signed_on).number("consent_months")
    return rules.months or 0


def end_of_attested(
    scope: TenantScope, consent: Consent, location: Location, signed_at: datetime
) -> datetime:
    """Return when a consent ends that a practitioner confirms, however late they do.

    It is the beginning of the day at the location, so many months after the day of the signature
    as the policy of that day says; where the month has no such day, its last day.
    """
    signed_on = day_in(signed_at, location.zone)
    months = months_of(scope, consent.purpose, location, signed_on=signed_on)
    return datetime.combine(add_months(signed_on, months), time(), ZoneInfo(location.zone))


def end_of_unattested(consent: Consent, zone: str) -> datetime | None:
    """Return when a consent ends that nobody confirms; None for no end, or one confirmed later.

    It is counted from the day on which it was asked for, since the form names the day.
    """
    rules = rules_of(consent.purpose)
    if rules.attested or rules.months is None:
        return None
    last = add_months(day_in(consent.created_at, zone), rules.months)
    return datetime.combine(last, time(), ZoneInfo(zone))
