"""May we, where, how deep, until when, and why not: all reasons at once, the strongest first."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime

from app.care import checks, checks_of_means
from app.care.answer import MayStart, Reason, strongest_first
from app.care.intended import Case, Intended, gather_case
from app.database import TenantScope
from app.kit.clock import now


def may_start(
    scope: TenantScope,
    *,
    visit_id: uuid.UUID,
    practitioner_id: uuid.UUID,
    device_id: uuid.UUID,
    lot: str,
    areas: Mapping[str, int] | None = None,
) -> MayStart:
    """Answer for this very moment; nothing is locked, so a start asks again.

    ``areas`` maps area ids to µm; None means what the plan wants and the consent covers. Raises
    NotFound for what the clinic does not have.
    """
    intended = Intended(visit_id, practitioner_id, device_id, lot, areas)
    return judge_start(scope, intended, at=now())[0]


def judge_start(scope: TenantScope, intended: Intended, *, at: datetime) -> tuple[MayStart, Case]:
    """Return the answer at an aware instant together with the facts behind it."""
    case = gather_case(scope, intended, at=at)
    reasons = strongest_first(_reasons(scope, case))
    standing = case.ground.standing
    if reasons:
        return MayStart(False, {}, reasons), case
    answer = MayStart(
        allowed=True,
        areas={area: standing.areas[area] for area in case.areas},
        reasons=(),
        until=standing.valid_until,
        notes=standing.reasons,
    )
    return answer, case


def _reasons(scope: TenantScope, case: Case) -> Iterator[Reason]:
    yield from checks.check_use(scope, case)
    yield from checks.check_visit(case)
    yield from checks.check_consent(case)
    yield from checks.check_add_ons(case)
    yield from checks.check_health(case)
    yield from checks.check_areas(case)
    yield from checks_of_means.check_practitioner(scope, case)
    yield from checks_of_means.check_confirmed(case)
    yield from checks_of_means.check_premises(scope, case)
    yield from checks_of_means.check_age(scope, case)
    yield from checks.check_intervals(case)
    yield from checks_of_means.check_device(case)
    yield from checks_of_means.check_lot(case)
