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
    fired = {one.rule_id: one for one in _barred(earlier)}
    silent = {one.rule_id for one in outcome.fired}
    turned = tuple(one for name, one in fired.items() if name not in silent)
    if not turned:
        return outcome
    strongest = max(outcome.action, Action.REVIEW, key=lambda one: one.strength)
    return replace(outcome, action=strongest, fired=(*outcome.fired, *turned))


def _barred(earlier: Sequence[EarlierOutcome]) -> Iterator[FiredRule]:
    """Yield, to be looked at, what was a block or a "not sure" that only evidence clears."""
    for check, outcome in earlier:
        for one in outcome.fired:
            if one.action is Action.BLOCK or one.needs_evidence:
                told = _TOLD.format(time=f"{check.made_at:%H:%M}", rule=one.clinician)
                yield replace(
                    one, action=Action.REVIEW, clinician=told, unsure=False, needs_evidence=False
                )
