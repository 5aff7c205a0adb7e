"""What the practitioner confirms at the visit itself, before anything starts.

A standing decision of the clinic turned a review into a caution on a condition, and a decision
about a hold may leave a substance out. Both are promises about the day of the treatment, so that
each is ticked beside that day's short questions, every time anew.
"""

from collections.abc import Mapping

from app.care.visit_ground import VisitGround
from app.consent.holds.decided import decisions_in_force
from app.consent.holds.decision import NO_ANAESTHETIC, NO_PRILOCAINE
from app.consent.holds.standing_rules import confirmations
from app.consent.queries import find_latest_answers, get_consent
from app.consent.screening.outcome import ScreeningOutcome
from app.consent.screening.stored_answers import read_outcome
from app.database import TenantScope

_LEFT_OUT: Mapping[str, str] = {
    NO_ANAESTHETIC: "No numbing cream and no injection is used today: that was decided.",
    NO_PRILOCAINE: "Nothing with prilocaine is used today: that was decided.",
}


def needed_confirmations(
    scope: TenantScope, ground: VisitGround, acute: ScreeningOutcome | None
) -> dict[str, str]:
    """Return every line to confirm at a visit by its key, from consent, decisions and today."""
    consent_id = ground.standing.consent_id if ground.standing.allowed else None
    if consent_id is None:
        return {}
    consent = get_consent(scope, consent_id)
    row = find_latest_answers(scope, consent_id)
    fired = [] if row is None else read_outcome(scope, consent, row)["fired"]
    today = [] if acute is None else [one.as_dict() for one in acute.fired]
    limits = (one.terms.limits for one in decisions_in_force(scope, consent))
    left_out = {name for one in limits for name in one.without}
    left_out.update(name for one in (*fired, *today) for name in _without_of(one))
    return {
        **confirmations((*fired, *today)),
        **{f"without:{name}": _LEFT_OUT[name] for name in sorted(left_out) if name in _LEFT_OUT},
    }


def _without_of(rule: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a standing decision leaves out; other rules wait for a decision of their own."""
    named = rule["without"] if rule.get("standing_number") else ()
    return tuple(str(one) for one in named) if isinstance(named, (list, tuple)) else ()
