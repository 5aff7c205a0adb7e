"""The place in a list of events after which the next page begins, as an opaque text."""

import base64
import binascii
import uuid
from datetime import datetime

from app.audit.queries import Place
from app.errors import Invalid


def write_place(place: Place | None) -> str:
    """Return a place as a text for an address, empty where the list has ended."""
    if place is None:
        return ""
    at, event_id = place
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{event_id}".encode()).decode()


def read_place(text: str) -> Place | None:
    """Return the place that a text stands for; raises Invalid."""
    if not text:
        return None
    try:
        at, _, event_id = base64.urlsafe_b64decode(text.encode()).decode().partition("|")
        moment, key = datetime.fromisoformat(at), uuid.UUID(event_id)
    except (ValueError, binascii.Error) as bad:
        raise Invalid("This page does not exist.", fields={"before": "unknown"}) from bad
    if moment.tzinfo is None:
        raise Invalid("This page does not exist.", fields={"before": "unknown"})
    return moment, key
