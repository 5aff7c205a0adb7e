"""Safety communications, for tests."""

import uuid

from app.consent.after.services.enter_safety_notice import NewNotice, enter_safety_notice
from app.kit.clock import today_in
from tests.factories.tenants import MadeClinic


def make_safety_notice(
    clinic: MadeClinic, about: str = "device_kind", subject: str = "rf"
) -> uuid.UUID:
    """Enter what was said today, about a kind of device that no plan uses unless told otherwise."""
    says = "The regulator has reports of burns and asks for care."
    wanted = NewNotice(about, subject, today_in("Europe/London"), says, "Notice of the regulator")
    with clinic.scope() as scope:
        return enter_safety_notice(scope, wanted).id
