"""After an incident a plan is talked over anew before anybody is asked, or signs, or is treated."""

import uuid

from app.consent.errors import NotDiscussed
from app.database import TenantScope
from app.kit.clock import day_in
from app.kit.in_words import date_in_words
from app.kit.speech import say
from app.plans.models import Discussion, Plan
from app.plans.queries import get_plan


def waits_for_talk(plan: Plan, talk: Discussion | None) -> bool:
    """Return whether the newest talk about a plan is older than its newest incident."""
    since = plan.talk_again_since
    return since is not None and (talk is None or talk.held_at <= since)


def require_talk_after_incident(
    scope: TenantScope, plan_id: uuid.UUID, talk: Discussion | None, zone: str
) -> None:
    """Raise NotDiscussed while the newest talk about a plan is older than its newest incident."""
    plan = get_plan(scope, plan_id)
    if plan.talk_again_since is None or not waits_for_talk(plan, talk):
        return
    raise NotDiscussed(
        say(
            "Something happened on %(day)s that has to be talked over first. A practitioner"
            " records that talk, then this can go on.",
            day=date_in_words(day_in(plan.talk_again_since, zone)),
        )
    )
