"""A form that is out may grow too old to be signed: something became known since it was asked for.

What was signed would be out of date from its first second. So nothing more is asked for it, and
staff read in words what helps: to talk again, or to ask anew.
"""

from dataclasses import dataclass
from typing import Literal

from app.consent import queries
from app.consent.after.after_incident import require_talk_after_incident
from app.consent.after.reconsent import reasons_not_to_sign
from app.consent.consent_facts import is_latest
from app.consent.errors import AskedBeforeNews, FormReplaced, NotDiscussed, PlanChanged
from app.consent.forms import queries as form_queries
from app.consent.models import Consent
from app.consent.purposes import rules_of
from app.database import TenantScope
from app.plans.queries import find_discussion, get_plan_version
from app.tenants.queries import get_location


@dataclass(frozen=True)
class TooOld:
    """Why a form cannot be signed as it is, and the one thing that helps."""

    why: str
    helps: Literal["talk", "ask"]


def require_no_news(scope: TenantScope, consent: Consent) -> None:
    """Raise AskedBeforeNews, or NotDiscussed after an incident, for a form that nobody signed.

    Photographs are no treatment: what becomes known about one changes nothing in them.
    """
    if consent.state not in queries.UNSIGNED or not rules_of(consent.purpose).discussed:
        return
    talk = find_discussion(scope, consent.plan_version_id)
    zone = get_location(scope, consent.location_id).zone
    require_talk_after_incident(scope, consent.plan_id, talk, zone)
    met = reasons_not_to_sign(scope, consent)
    if met:
        raise AskedBeforeNews(met[0].text, triggers=[one.trigger.id for one in met])


def require_current(scope: TenantScope, consent: Consent) -> None:
    """Raise PlanChanged, FormReplaced, AskedBeforeNews or NotDiscussed: signing needs another."""
    version = get_plan_version(scope, consent.plan_version_id)
    if rules_of(consent.purpose).discussed and not is_latest(scope, version):
        raise PlanChanged("The clinic has changed your plan and sends you a new form.")
    form = form_queries.get_form_version(scope, consent.form_version_id)
    if form_queries.find_material_change(scope, form) is not None:
        raise FormReplaced("The clinic has changed this form and sends you the new one.")
    require_no_news(scope, consent)


def too_old(scope: TenantScope, consent: Consent) -> TooOld | None:
    """Return, for staff, why a form that is out cannot be signed any more; None where it can."""
    if consent.state not in queries.UNSIGNED:
        return None
    try:
        require_current(scope, consent)
    except PlanChanged:
        return TooOld("The plan was changed after this form was made from it.", "ask")
    except FormReplaced:
        return TooOld("The form was changed in substance after this one was sent.", "ask")
    except NotDiscussed as refusal:
        return TooOld(refusal.message, "talk")
    except AskedBeforeNews as refusal:
        return TooOld(refusal.message, "ask")
    return None
