"""Visits on which somebody may be treated, for tests."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.care.acute import acute_questions
from app.care.answer import MayStart
from app.care.intended import Intended
from app.care.models import AcuteCheck
from app.care.services.may_start import judge_start, may_start
from app.care.services.record_acute_check import Asked, record_acute_check
from app.care.services.start_treatment import Started, start_treatment
from app.care.visit_ground import ground_of_visit
from app.kit.clock import now
from tests.factories.consent import ActiveConsent, make_active_consent
from tests.factories.plans import MadePlan, make_discussed_plan, make_visit


@dataclass
class ReadyVisit:
    """A visit with a consent in force; ``consent`` is None where there is none."""

    made: MadePlan
    visit_id: uuid.UUID
    consent: ActiveConsent | None

    def may(self, **changes: object) -> MayStart:
        """Ask whether the treatment may start, with the plan's own means unless told otherwise."""
        with self.made.clinic.scope(self.made.practitioner) as scope:
            return may_start(scope, **self.means(**changes))

    def codes_at(self, at: datetime) -> list[str]:
        """Return the codes of what would stand in the way at another instant."""
        with self.made.clinic.scope() as scope:
            intended = Intended(**self.means())  # type: ignore[arg-type]  # as the service's
            return [one.code for one in judge_start(scope, intended, at=at)[0].reasons]

    def start(self, **changes: object) -> Started:
        """Start the treatment."""
        with self.made.clinic.scope(self.made.practitioner) as scope:
            return start_treatment(scope, **self.means(**changes))

    def means(self, **changes: object) -> dict[str, object]:
        """Return who and with what."""
        return {
            "visit_id": self.visit_id,
            "practitioner_id": self.made.practitioner.id,
            "device_id": self.made.device_id,
            "lot": "LOT-1",
            "areas": None,
            **changes,
        }

    def ask(self, what_changed: str | None = None, **answers: object) -> AcuteCheck:
        """Ask the short questions; all is well but for what is given."""
        with self.made.clinic.scope(self.made.practitioner) as scope:
            ground = ground_of_visit(scope, self.visit_id, at=now())
            asked = acute_questions(ground.catalogue, ground.facts, ground.today)
            clear = {one.id: "no" for one in asked if one.follows is None}
            return record_acute_check(
                scope,
                visit_id=self.visit_id,
                asked=Asked({**clear, **answers}, what_changed=what_changed),
            )


def make_consented_visit(**plan: object) -> ReadyVisit:
    """Make a visit whose consent is in force; nobody has asked the short questions yet."""
    made = make_discussed_plan(**plan)  # type: ignore[arg-type]  # options of a plan
    consent = make_active_consent(made)
    return ReadyVisit(made, make_visit(made), consent)


def make_ready_visit(**plan: object) -> ReadyVisit:
    """Make a visit at which nothing stands in the way."""
    ready = make_consented_visit(**plan)
    ready.ask()
    return ready


def make_bare_visit(**plan: object) -> ReadyVisit:
    """Make a visit without any consent; quick, for what does not need one."""
    made = make_discussed_plan(**plan)  # type: ignore[arg-type]  # options of a plan
    return ReadyVisit(made, make_visit(made), None)
