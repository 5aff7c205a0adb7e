"""Says in plain sentences where a plan goes beyond the device's label.

Only a label of the location's own market counts. Where the clinic has entered none, that itself is
said: a label of another country proves nothing here, neither for nor against.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from app.catalogue.answers import age_on
from app.catalogue.content import Catalogue, DeviceLabel, LabelUse
from app.catalogue.facts import PlanFacts
from app.kit.in_words import millimetres
from app.kit.speech import mark, say

_MARKET_WORDS = {
    "US": mark("the United States"),
    "UK": mark("the UK"),
    "EU": mark("the EU"),
    "JP": mark("Japan"),
}
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI")


def off_label_reasons(
    catalogue: Catalogue, plan: PlanFacts, market: str, *, visit_date: date
) -> tuple[str, ...]:
    """Return one sentence per way in which the plan is outside the label; empty when inside.

    ``market`` is that of the location. Age is judged on the day of the visit.
    """
    labels = plan.device.labels_in(market)
    if not labels:
        return (
            say(
                "The clinic holds no label of the %(device)s for %(market)s, so this use is treated"
                " as outside its label.",
                device=plan.device.name,
                market=say(_MARKET_WORDS[market]) if market in _MARKET_WORDS else market,
            ),
        )
    judged = [tuple(_reasons(catalogue, plan, one, visit_date)) for one in _joined(labels)]
    return min(judged, key=len)


def _joined(labels: tuple[DeviceLabel, ...]) -> list[DeviceLabel]:
    """Join labels that differ in their uses only: one plan may need two uses of one label."""
    joined: dict[tuple[str, int | None, int | None], DeviceLabel] = {}
    for label in labels:
        key = (label.device, label.cap_um, label.age_min)
        before = joined.get(key)
        uses = label.uses if before is None else (*before.uses, *label.uses)
        joined[key] = replace(label, uses=uses)
    return list(joined.values())


def _reasons(
    catalogue: Catalogue, plan: PlanFacts, label: DeviceLabel, visit_date: date
) -> Iterator[str]:
    uses = [use for use in label.uses if plan.indication in use.indications]
    if not uses:
        title = catalogue.indication[plan.indication].title
        yield say(
            "The label of the %(device)s does not name this reason for treatment: %(reason)s.",
            device=label.device,
            reason=title,
        )
    else:
        yield from _area_reasons(catalogue, plan, label, uses)
    if label.cap_um is not None and plan.max_depth_um > label.cap_um:
        cap = millimetres(label.cap_um)
        yield say(
            "The label of the %(device)s ends at %(depth)s; this plan goes deeper.",
            device=label.device,
            depth=cap,
        )
    if label.age_min is not None and age_on(plan.date_of_birth, visit_date) < label.age_min:
        yield say(
            "The label of the %(device)s is for people from %(age)s years on.",
            device=label.device,
            age=label.age_min,
        )


def _area_reasons(
    catalogue: Catalogue, plan: PlanFacts, label: DeviceLabel, uses: list[LabelUse]
) -> Iterator[str]:
    for area in plan.areas:
        fitting = [use for use in uses if area in use.areas]
        title = catalogue.area[area].title
        if not fitting:
            yield say(
                "The label of the %(device)s does not name this area: %(area)s.",
                device=label.device,
                area=title,
            )
        elif plan.skin_type is not None and not any(
            plan.skin_type in use.skin_types for use in fitting
        ):
            kind = _ROMAN[plan.skin_type]
            yield say(
                "The label of the %(device)s does not name skin type %(type)s here: %(area)s.",
                device=label.device,
                type=kind,
                area=title,
            )
