"""After an incident a plan is talked over anew before anybody is asked, or signs, or is treated."""

import uuid

from app.consent.errors import NotDiscussed
from app.consent.safety_queries import find_incident_hold
from app.database import TenantScope
from app.kit.clock import day_in
from app.kit.in_words import date_in_words
from app.kit.speech import say
from app.plans.models import Discussion


def require_talk_after_incident(
    scope: TenantScope, plan_id: uuid.UUID, talk: Discussion | None, zone: str
) -> None:
    """Raise NotDiscussed while the newest talk about a plan is older than its newest incident."""
    hold = find_incident_hold(scope, plan_id)
    if hold is None or (talk is not None and talk.held_at > hold.opened_at):
        return
    raise NotDiscussed(
        say(
            "Something happened on %(day)s that has to be talked over first. A practitioner"
            " records that talk, then this can go on.",
            day=date_in_words(day_in(hold.opened_at, zone)),
        )
    )
