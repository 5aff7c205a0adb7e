"""From a plan's facts to the work that qualifications and places are asked about."""

from collections.abc import Mapping

from app.catalogue.facts import PlanFacts
from app.policies.may_perform import Work


def planned_work(
    procedure_id: str, facts: PlanFacts, areas: Mapping[str, int] | None = None
) -> Work:
    """Return a plan as work; ``areas`` in micrometres where others than the planned are meant."""
    return Work(
        procedure_id=procedure_id,
        areas=tuple((facts.areas if areas is None else areas).items()),
        prescribed_anaesthetic=facts.anaesthetic == "prescription",
        energy=facts.energy,
        device_kind=facts.device.kind,
        is_intimate=facts.intimate,
        injects_substance=bool(facts.add_ons),
    )
