"""Tells risks: the patient's own first, then serious ones however rare, then the usual ones."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.catalogue.content import Catalogue, Risk
from app.catalogue.facts import PlanFacts
from app.consent.forms.content import FormBlock
from app.consent.forms.shown import ShownBlock
from app.kit.speech import mark, say

_LIKELIHOOD: Mapping[str, str] = {
    "expected": mark("almost everybody"),
    "common": mark("many people"),
    "common_ish": mark("quite common"),
    "uncommon": mark("some people"),
    "rare": mark("few people"),
    "very_rare": mark("very few people"),
    "unknown": mark("nobody knows how often"),
}
_DARKENS_FROM_TYPE = 4
_SKIN_TYPE_REASON = mark("Your skin type forms dark marks more easily. They can last for months.")


@dataclass(frozen=True)
class PersonalRisk:
    """A risk that is likelier for this patient, and the sentence that says why."""

    risk_id: str
    because: str


@dataclass(frozen=True)
class RiskTelling:
    """What decides which risks are told, and how likely they are called."""

    catalogue: Catalogue
    plan: PlanFacts
    personal: tuple[PersonalRisk, ...]

    def reasons(self) -> Mapping[str, tuple[str, ...]]:
        """Return the patient's own risks with their reasons; the skin type adds one by itself."""
        found: dict[str, tuple[str, ...]] = {}
        own = list(self.personal)
        if (self.plan.skin_type or 0) >= _DARKENS_FROM_TYPE:
            own.append(PersonalRisk("pih", say(_SKIN_TYPE_REASON)))
        for risk in own:
            told = found.get(risk.risk_id, ())
            if risk.because not in told:
                found[risk.risk_id] = (*told, risk.because)
        return found


def applies(risk: Risk, plan: PlanFacts) -> bool:
    """Return whether a risk concerns the plan's energy, areas and anaesthetic."""
    scope = "rf" if plan.energy == "radiofrequency" else "mech"
    if risk.scope not in ("all", scope):
        return False
    if risk.needs == "anaesthetic" and plan.anaesthetic == "none":
        return False
    return not risk.areas or not set(risk.areas).isdisjoint(plan.areas)


def risk_blocks(block: FormBlock, telling: RiskTelling) -> Iterator[ShownBlock]:
    """Yield the group's heading and one block a risk; nothing for an empty group."""
    reasons = telling.reasons()
    names = tuple(reasons) if block.group == "personal" else block.risks
    risks = [telling.catalogue.risk[name] for name in names]
    told = [
        risk
        for risk in risks
        if block.group == "personal" or (applies(risk, telling.plan) and risk.id not in reasons)
    ]
    if not told:
        return
    yield ShownBlock(kind="heading", clause=block.id, title=block.title, group=block.group or "")
    for risk in told:
        because = reasons.get(risk.id, ()) if block.group == "personal" else ()
        yield ShownBlock(
            kind="risk",
            clause=f"{block.id}.{risk.id}",
            title=risk.title,
            text=" ".join((*because, risk.text, *_lasting(risk))),
            group="serious" if risk.serious and block.group == "personal" else block.group or "",
            likelihood=_likelihood(risk, telling.plan),
        )


def _lasting(risk: Risk) -> Iterator[str]:
    if risk.lasts is not None:
        yield say("How long: %(lasts)s.", lasts=risk.lasts)


def _likelihood(risk: Risk, plan: PlanFacts) -> str:
    word = risk.likelihood_by_skin_type.get(str(plan.skin_type), risk.likelihood)
    note = f" ({risk.likelihood_note})" if risk.likelihood_note else ""
    return f"{say(_LIKELIHOOD[word])}{note}"
