"""Standing decisions as values: where one may be made, what is offered, and what it does.

Pure. A standing decision turns a review into a caution: the patient reads it with its risk, and
the practitioner confirms it at the visit. It never touches a block, a wait or a "not sure".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.catalogue.content import Catalogue
from app.catalogue.rules import Action, Rule
from app.consent.screening.outcome import FiredRule, ScreeningOutcome


@dataclass(frozen=True)
class Standing:
    """What is decided about a rule; ``number`` is the version, 0 for one that is only offered."""

    rule_id: str
    patient: str
    confirm: str
    basis: str
    risk_id: str | None = None
    max_depth_um: int | None = None
    without: tuple[str, ...] = ()
    number: int = 0


def may_stand(rule: Rule) -> bool:
    """Return whether a standing decision may be made about a rule.

    One that asks for a review, of confidence C or D, or one whose data allow it.
    """
    if rule.standing == "by_confidence":
        return rule.action == "review" and rule.confidence[0] in "CD"
    return rule.standing == "allowed"


def apply_standing(
    outcome: ScreeningOutcome, catalogue: Catalogue, standing: Mapping[str, Standing]
) -> ScreeningOutcome:
    """Return an outcome in which what stands decided is a caution and stops nobody."""
    if not standing:
        return outcome
    fired = [
        _as_caution(one, standing[one.rule_id])
        if one.rule_id in standing and _is_plain_review(one, catalogue)
        else one
        for one in outcome.fired
    ]
    fired.sort(key=lambda one: -one.action.strength)
    risks = (one.adds_risk for one in fired if one.adds_risk is not None)
    return replace(
        outcome,
        action=fired[0].action if fired else Action.CLEAR,
        fired=tuple(fired),
        extra_risks=tuple(dict.fromkeys(risks)),
    )


def to_confirm(outcome: Mapping[str, Any]) -> list[str]:
    """Return what a stored outcome leaves to the practitioner at the visit."""
    return list(confirmations(outcome["fired"]).values())


def confirmations(fired: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what rules that fired leave to the practitioner, by the decision's rule and number."""
    return {
        f"{rule['rule_id']}:{rule['standing_number']}": str(rule["confirm"])
        for rule in fired
        if rule.get("standing_number")
    }


def _is_plain_review(fired: FiredRule, catalogue: Catalogue) -> bool:
    is_review = fired.action is Action.REVIEW and not fired.unsure
    return is_review and may_stand(catalogue.rule[fired.rule_id])


def _as_caution(fired: FiredRule, standing: Standing) -> FiredRule:
    return replace(
        fired,
        action=Action.WARN,
        patient=standing.patient,
        adds_risk=standing.risk_id or fired.adds_risk,
        standing_number=standing.number,
        confirm=standing.confirm,
        max_depth_um=standing.max_depth_um,
        without=standing.without,
    )


OFFERED = (
    Standing(
        "hsv_history_area",
        "You have had cold sores near this skin, and needling can bring them back. You get medicine"
        " that protects you, as your clinic always does. Tell us at once if you feel one starting.",
        "No cold sore or tingling today. Antiviral cover is prescribed and taken, or a prescriber"
        " has noted why not.",
        "The clinic's own protocol on antiviral cover.",
        risk_id="hsv_reactivation",
    ),
    Standing(
        "allergy_metal",
        "You told us that your skin reacts to nickel. The needles are steel, which holds a little"
        " nickel and touches you for moments only. A rash is possible.",
        "A contact allergy to nickel alone: no reaction to steel, implants or injections.",
        "Needles are medical steel; contact is short. Confidence B for the rule, D for the ease.",
        risk_id="irritant_allergic_dermatitis",
    ),
    Standing(
        "allergy_other",
        "You told us about an allergy. We check that nothing that touches your skin contains it.",
        "What it is, written down; disinfectant, gloves, plasters, numbing cream and aftercare"
        " checked against it.",
        "The clinic's list of what it uses, with ingredients.",
        risk_id="irritant_allergic_dermatitis",
    ),
    Standing(
        "koebner",
        "Your skin illness can show up where skin is hurt, also where we needle.",
        "No active patch in the area and none new in three months; a small area first.",
        "The clinic's own protocol. Confidence D.",
    ),
    Standing(
        "pih_melasma_hx",
        "Your skin has formed dark marks before, so it may do so again. We work less deep, and you"
        " protect your skin from the sun before and after.",
        "Sun protection agreed; no tan; a small area first for skin types IV to VI.",
        "Chu 2021 on adverse events; the depth is the clinic's own caution.",
        risk_id="pih",
        max_depth_um=1000,
    ),
    Standing(
        "keloid_family",
        "Thick scars run in your family, so your own risk is a little higher.",
        "The patient's own scars were looked at: none is thick or grew beyond the wound.",
        "The clinic's own protocol. Confidence D.",
        risk_id="scar_keloid",
    ),
    Standing(
        "anticoagulant",
        "You take a medicine that thins your blood. Do not stop it for this treatment. You may"
        " bleed and bruise more, so we work less deep.",
        "Which medicine; that the patient goes on taking it; nobody told them to stop.",
        "The clinic's own protocol. Confidence C.",
        risk_id="pinpoint_bleed_bruise",
        max_depth_um=1000,
    ),
)
OFFERS: Mapping[str, Standing] = {one.rule_id: one for one in OFFERED}
