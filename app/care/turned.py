"""What barred a treatment at a visit and is answered otherwise now, at the same visit.

A word from whoever asks is no reason to treat after all: a clinician looks at both answers and
decides, as before the signature.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.care.models import AcuteCheck
from app.catalogue.rules import Action
from app.consent.screening.outcome import FiredRule, ScreeningOutcome

EarlierOutcome = tuple[AcuteCheck, ScreeningOutcome]
_TOLD = "At {time} (UTC) of this visit the answer was another one: {rule}"


def with_turned(outcome: ScreeningOutcome, earlier: Sequence[EarlierOutcome]) -> ScreeningOutcome:
    """Return an outcome that also asks for a look at each rule that barred earlier at the visit.

    ``earlier`` are the other checks of the visit, each with what the rules made of it.
    """
    fires_now = {one.rule_id for one in outcome.fired}
    barred = {one.rule_id: one for one in _barred(earlier)}
    turned = tuple(one for name, one in barred.items() if name not in fires_now)
    # The strongest stands first, as in every outcome: what reads the first reads the strongest.
    fired = sorted((*outcome.fired, *turned), key=lambda one: one.action.strength, reverse=True)
    return replace(outcome, action=fired[0].action, fired=tuple(fired)) if turned else outcome


def _barred(earlier: Sequence[EarlierOutcome]) -> Iterator[FiredRule]:
    """Yield, to be looked at, what was a block or a "not sure" that only evidence clears."""
    for check, outcome in earlier:
        for one in outcome.fired:
            if one.action is Action.BLOCK or one.needs_evidence:
                told = _TOLD.format(time=f"{check.made_at:%H:%M}", rule=one.clinician)
                yield replace(
                    one, action=Action.REVIEW, clinician=told, unsure=False, needs_evidence=False
                )
