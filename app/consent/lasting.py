"""How long a consent lasts that nobody has to confirm."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.catalogue.answers import add_months
from app.consent.models import Consent
from app.consent.purposes import rules_of
from app.kit.clock import day_in


def end_of_unattested(consent: Consent, zone: str) -> datetime | None:
    """Return when a consent ends that nobody confirms; None for no end, or one confirmed later.

    It is counted from the day on which it was asked for, since the form names the day.
    """
    rules = rules_of(consent.purpose)
    if rules.attested or rules.months is None:
        return None
    last = add_months(day_in(consent.created_at, zone), rules.months)
    return datetime.combine(last, time(), ZoneInfo(zone))
