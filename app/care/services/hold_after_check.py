"""The answers at a visit stand in the way: the plan is stopped, and the hold is ready to decide."""

import uuid

from app.care.acute import acute_standing, all_answers
from app.care.errors import NothingToHold
from app.care.intervals import too_soon
from app.care.visit_ground import ground_of_visit
from app.catalogue.rules import Action
from app.consent.holds.models import Hold, HoldOrigin
from app.consent.screening.stored_answers import as_plain
from app.consent.services.pause_consent import Finding, pause_plan
from app.database import TenantScope
from app.kit.clock import now


def hold_after_check(scope: TenantScope, *, visit_id: uuid.UUID, reason: str) -> Hold:
    """Stop the plan of a visit because of its newest short questions.

    Raises VisitUnknown, NothingToHold where nothing stands in the way, ConsentMoved without a
    consent in force, or DecisionRefused without a reason.
    """
    ground = ground_of_visit(scope, visit_id, at=now())
    standing = acute_standing(scope, ground)
    held = [] if standing is None else standing.outcome.fired
    fired = [one.as_dict() for one in held if one.action.strength >= Action.REVIEW.strength]
    fired += too_soon(ground)
    if not fired:
        raise NothingToHold("Nothing in the newest answers stands in the way.")
    answers = {} if standing is None else as_plain(all_answers(scope, ground, standing.check))
    finding = Finding(HoldOrigin.ACUTE_CHECK, reason, fired, answers)
    return pause_plan(scope, plan_id=ground.visit.plan_id, finding=finding)
