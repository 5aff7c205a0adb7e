"""What a plan says, and the facts that rules may ask of it.

Everything that a condition can test is worked out here once, from the plan, the device's labels for
the location's own market, and the catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.catalogue.answers import age_on
from app.catalogue.content import Catalogue, DeviceLabel, Energy, Market
from app.catalogue.expressions import FactValue, Situation


@dataclass(frozen=True)
class PlannedDevice:
    """The device of a plan. ``labels`` may be of several markets; only the location's counts.

    ``rf_limits_um`` are the depth limits that the clinic has entered for this device, by area.
    """

    kind: str
    name: str
    labels: tuple[DeviceLabel, ...] = ()
    rf_limits_um: Mapping[str, int] = field(default_factory=dict)

    def labels_in(self, market: str) -> tuple[DeviceLabel, ...]:
        """Return the labels of one market."""
        return tuple(label for label in self.labels if label.market == market)

    def cap_um_in(self, market: str) -> int | None:
        """Return the shallowest depth limit of one market's labels; None where none names one."""
        caps = [label.cap_um for label in self.labels_in(market) if label.cap_um is not None]
        return min(caps, default=None)


@dataclass(frozen=True)
class PlanFacts:
    """One plan for one patient, as the rules see it.

    ``areas`` maps area ids to the deepest planned depth in µm; ``last_treatment`` maps area ids to
    the day of the last treatment there; ``anaesthetic`` is none, otc, pharmacy or prescription;
    ``policies`` maps rule ids to the option that the clinic chose.
    """

    procedure: str
    energy: Energy
    areas: Mapping[str, int]
    device: PlannedDevice
    indication: str
    market: Market
    jurisdiction: str
    skin_type: int | None
    date_of_birth: date
    anaesthetic: str = "none"
    add_ons: frozenset[str] = frozenset()
    last_treatment: Mapping[str, date] = field(default_factory=dict)
    intimate: bool = False
    policies: Mapping[str, str] = field(default_factory=dict)

    @property
    def max_depth_um(self) -> int:
        """The deepest planned depth of all areas."""
        return max(self.areas.values(), default=0)


def derive_facts(
    catalogue: Catalogue, plan: PlanFacts, visit_date: date
) -> Mapping[str, FactValue]:
    """Return the value of every fact in the language; a fact that is not known is None."""
    areas = frozenset(plan.areas)
    indicated = plan.device.labels_in(plan.market)
    return {
        "age": age_on(plan.date_of_birth, visit_date),
        "market": plan.market,
        "jurisdiction": plan.jurisdiction,
        "procedure": plan.procedure,
        "energy": plan.energy,
        "indication": plan.indication,
        "device_kind": plan.device.kind,
        "areas": areas,
        "area_groups": frozenset(catalogue.area[one].group for one in areas),
        "max_depth_um": plan.max_depth_um,
        "skin_type": plan.skin_type,
        "add_ons": plan.add_ons,
        "has_anaesthetic": plan.anaesthetic != "none",
        "anaesthetic_legal_class": plan.anaesthetic,
        "intimate": plan.intimate,
        "injects_substance": bool(plan.add_ons),
        "labelled_for_indication": any(
            plan.indication in use.indications for label in indicated for use in label.uses
        ),
        "areas_over_label": _areas_over_label(plan),
        "areas_over_range": _areas_over_range(catalogue, plan),
        "areas_beyond_rf_limit": _areas_beyond_rf_limit(plan),
        "areas_too_soon": frozenset(
            area for area, day in earliest_by_interval(catalogue, plan).items() if visit_date < day
        ),
    }


def earliest_by_interval(catalogue: Catalogue, plan: PlanFacts) -> Mapping[str, date]:
    """Return, for each area treated before, the first day after the shortest interval."""
    course = catalogue.indication[plan.indication].sessions
    if course is None:
        return {}
    gap = timedelta(weeks=course.interval_weeks[0])
    return {area: day + gap for area, day in plan.last_treatment.items() if area in plan.areas}


def make_situation(
    catalogue: Catalogue, facts: Mapping[str, FactValue], visit_date: date
) -> Situation:
    """Return a situation without answers, for conditions that speak of the plan alone."""
    groups = {area.id: area.group for area in catalogue.areas}
    return Situation(facts, {}, visit_date, groups, catalogue.points)


def _areas_over_label(plan: PlanFacts) -> frozenset[str]:
    cap = plan.device.cap_um_in(plan.market)
    if cap is None:
        return frozenset()
    return frozenset(area for area, depth in plan.areas.items() if depth > cap)


def _areas_over_range(catalogue: Catalogue, plan: PlanFacts) -> frozenset[str]:
    ranges = catalogue.area
    return frozenset(one for one, um in plan.areas.items() if um > ranges[one].depth_um[1])


def _areas_beyond_rf_limit(plan: PlanFacts) -> frozenset[str]:
    if plan.energy != "radiofrequency":
        return frozenset()
    limits = plan.device.rf_limits_um
    return frozenset(area for area, depth in plan.areas.items() if depth > limits.get(area, 0))
