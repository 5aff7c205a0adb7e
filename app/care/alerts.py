"""Tell the owners that there is something to read, and nothing of what it is."""

from app.care.links import clinic_page_url
from app.database import TenantScope
from app.kit.clock import now
from app.messaging.services import queue_message
from app.pages_setup import moment
from app.tenants.models import Location
from app.tenants.queries import get_clinic, get_staff, list_owners


def alert_owners(scope: TenantScope, *, path: str, location: Location) -> int:
    """Queue a message to every owner with a link to a page of the clinic; return how many.

    ``path`` is below the clinic. Who, what and whose body is only told behind the sign-in.
    """
    clinic, staff_id = get_clinic(scope), scope.actor.id
    values = {
        "clinic": clinic.legal_name,
        "when": moment(now(), location.zone),
        "recorded_by": get_staff(scope, staff_id).name if staff_id else "the system",
        "link": clinic_page_url(scope, path),
    }
    owners = list_owners(scope)
    for owner in owners:
        queue_message(
            scope,
            to=owner.email,
            channel="email",
            template="incident_alert",
            values=values,
            location_id=location.id,
        )
    return len(owners)
