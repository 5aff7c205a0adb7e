"""May we, where, how deep, until when, and why not: one answer from the grants.

The gate in the database decides in the end; this answer is for people, in words that a front desk
understands, and tells nothing of what a patient answered.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.consent import queries
from app.consent.after.reconsent import reasons_to_ask_again
from app.consent.models import Consent, ConsentGrant, ConsentState
from app.consent.still_current import too_old
from app.database import TenantScope
from app.kit.clock import now
from app.kit.speech import mark, say
from app.plans.facts import areas_of, catalogue_of
from app.plans.queries import get_latest_version, get_plan, get_plan_version

_REASONS: Mapping[ConsentState, str] = {
    ConsentState.SENT: mark("The patient has not opened the consent form yet."),
    ConsentState.OPENED: mark("The patient has not finished the questions about their health."),
    ConsentState.HELD: mark("A clinician has to look at the patient's answers first."),
    ConsentState.CLEARED: mark("The patient has not signed yet."),
    ConsentState.SIGNED: mark("The patient has signed; a practitioner has to confirm it."),
    ConsentState.DECLINED: mark("The patient has said no."),
    ConsentState.WITHDRAWN: mark("The patient has taken their consent back."),
    ConsentState.SUPERSEDED: mark("A newer consent was asked for."),
    ConsentState.VOIDED: mark("The consent form was called back. Send a new one."),
    ConsentState.NOT_SAFE: mark("A clinician has decided that this treatment is not safe."),
    ConsentState.PAUSED: mark("The consent is on hold. A clinician has to decide first."),
    ConsentState.EXPIRED: mark("The consent has run out. Ask for a new one."),
}
_NEVER_SIGNED = mark("The form has run out without being signed. Send a new one.")
_IN_FORCE = mark("The consent is in force.")
_NONE = "No consent has been asked for yet."
_ENDED = "The consent has run out. Ask for a new one."
_NOT_BEGUN = "The consent begins on {day}."


@dataclass(frozen=True)
class Standing:
    """What the patient's consent allows at one moment.

    ``areas`` maps area ids to the deepest needle in µm. ``reasons`` are whole sentences: why not,
    or what of the plan is not covered. Empty when everything planned is allowed. ``confirmed_for``
    are the practitioners who may treat under it: who was planned, and whoever confirmed it.
    """

    allowed: bool
    consent_id: uuid.UUID | None
    areas: Mapping[str, int]
    valid_until: datetime | None
    reasons: tuple[str, ...]
    confirmed_for: frozenset[uuid.UUID] = frozenset()


def consent_standing(
    scope: TenantScope, *, patient_id: uuid.UUID, plan_id: uuid.UUID, at: datetime
) -> Standing:
    """Return what a plan's consent allows at an aware moment; raises PlanUnknown."""
    consents = queries.list_consents_of_plan(scope, patient_id=patient_id, plan_id=plan_id)
    ids = [one.id for one in consents]
    grants = queries.list_grants_at(scope, patient_id=patient_id, consent_ids=ids, at=at)
    for consent in consents:
        own = [grant for grant in grants if grant.consent_id == consent.id]
        if own:
            return _open(scope, plan_id, consent, own)
    newest = consents[0] if consents else None
    return Standing(False, newest.id if newest else None, {}, None, _why_not(scope, newest, at))


def _open(
    scope: TenantScope, plan_id: uuid.UUID, consent: Consent, grants: Sequence[ConsentGrant]
) -> Standing:
    met = reasons_to_ask_again(scope, consent)
    stops = tuple(one.text for one in met if one.stops)
    if stops:
        return Standing(False, consent.id, {}, None, stops)
    areas = {grant.area: grant.max_depth_um for grant in grants}
    ends = [grant.valid.upper for grant in grants if grant.valid.upper is not None]
    reasons = (*_not_covered(scope, plan_id, areas), *(one.text for one in met))
    planned = get_plan_version(scope, consent.plan_version_id).practitioner_id
    confirmed = (one.staff_id for one in queries.list_attestations(scope, consent.id))
    people = frozenset((planned, *confirmed))
    return Standing(True, consent.id, areas, min(ends, default=None), reasons, people)


def _not_covered(
    scope: TenantScope, plan_id: uuid.UUID, granted: Mapping[str, int]
) -> tuple[str, ...]:
    """Name what the plan in force wants and the consent does not allow."""
    version = get_latest_version(scope, get_plan(scope, plan_id))
    titles = catalogue_of(scope, version).area
    reasons = []
    for area, wanted_um in areas_of(scope, version.id).items():
        title, allowed_um = titles[area].title, granted.get(area)
        if allowed_um is None:
            reasons.append(f"{title}: not part of the consent.")
        elif wanted_um > allowed_um:
            reasons.append(f"{title}: agreed to {allowed_um / 1000:g} mm and no deeper.")
    return tuple(reasons)


def _why_not(scope: TenantScope, newest: Consent | None, at: datetime) -> tuple[str, ...]:
    if newest is None:
        return (_NONE,)
    state = ConsentState(newest.state)
    if state is not ConsentState.ACTIVE:
        old = too_old(scope, newest)
        return (say(_REASONS[state]), *([] if old is None else [old.why]))
    begins = [grant.valid.lower for grant in queries.list_grants(scope, newest.id)]
    later = [begin for begin in begins if begin is not None and begin > at]
    if later:
        return (_NOT_BEGUN.format(day=f"{min(later):%d %B %Y}"),)
    return (_ENDED,)


def state_in_words(consent: Consent) -> str:
    """Return where a consent stands in one sentence that everybody at the clinic may read."""
    state = ConsentState(consent.state)
    if state is ConsentState.EXPIRED and consent.signed_at is None:
        return say(_NEVER_SIGNED)
    if state is ConsentState.ACTIVE and _is_over(consent):
        return say(_REASONS[ConsentState.EXPIRED])
    return say(_IN_FORCE if state is ConsentState.ACTIVE else _REASONS[state])


def _is_over(consent: Consent) -> bool:
    """Return whether its last day has passed, also before the night in which that is noted."""
    return consent.valid_until is not None and consent.valid_until <= now()
