"""Whether the clinic's tablet stands locked on a form, for whoever looks from the desk."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.consent import queries
from app.consent.ways.services.hand_over import find_tablet, is_covered
from app.consent.ways.services.open_link import SESSION_LASTS
from app.database import TenantScope
from app.kit.clock import now


@dataclass(frozen=True)
class TabletState:
    """A device in a patient's hands; everything but the first two is None where there is none.

    ``host_id`` is who handed it over, ``device_id`` the shared device where it is one, and
    ``touched_at`` when somebody last did something on it.
    """

    is_handed_over: bool
    is_covered: bool = False
    handed_over_at: datetime | None = None
    touched_at: datetime | None = None
    host_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None


def tablet_state(scope: TenantScope, consent_id: uuid.UUID) -> TabletState:
    """Return where the tablet of a form stands; raises ConsentUnknown."""
    way, at = find_tablet(scope, queries.get_consent(scope, consent_id).id), now()
    if way is None:
        return TabletState(is_handed_over=False)
    touched = way.touched_at or way.offered_at
    if touched <= at - SESSION_LASTS:  # Its session has run out by itself.
        return TabletState(is_handed_over=False)
    return TabletState(
        is_handed_over=True,
        is_covered=is_covered(way, at),
        handed_over_at=way.offered_at,
        touched_at=touched,
        host_id=way.host_id,
        device_id=way.device_id,
    )
