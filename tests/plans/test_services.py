"""Plans, discussions and visits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from app.errors import Invalid, Stale
from app.kit.clock import now
from app.plans import facts, queries
from app.plans.errors import PlanNotPossible, VisitMoved
from app.plans.models import VisitState
from app.plans.services.make_plan import change_plan, make_plan
from app.plans.services.plan_visit import move_visit
from app.plans.services.record_discussion import NewDiscussion, record_discussion
from app.tenants.models import Role
from tests.factories.plans import BORN, make_discussed_plan, make_visit, terms
from tests.factories.tenants import add_staff


def test_a_plan_is_what_the_rules_need_to_know(context: Flask) -> None:
    made = make_discussed_plan()

    with made.clinic.scope() as scope:
        known = facts.facts_of(scope, queries.get_plan_version(scope, made.version_id))

    assert known.areas == {"face_cheeks": 1000}
    assert known.date_of_birth == BORN
    assert known.device.cap_um_in("UK") == 2500


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"indication_id": "cellulite"}, "indication_id"),
        ({"procedure_id": "rf_microneedling"}, "device_id"),
        ({"areas": {"eyelid": 200}}, "areas.eyelid"),
        ({"areas": {"face_cheeks": 0}}, "areas.face_cheeks"),
        ({"areas": {}}, "areas"),
        ({"skin_type": 7}, "skin_type"),
        ({"what_matters": "  "}, "what_matters"),
    ],
)
def test_parts_that_do_not_go_together_are_named(
    context: Flask, change: dict[str, object], field: str
) -> None:
    made = make_discussed_plan()
    wrong = replace(terms(made.device_id, made.practitioner.id), **change)

    with made.clinic.scope(made.practitioner) as scope, pytest.raises(PlanNotPossible) as refused:
        make_plan(
            scope, patient_id=made.patient_id, location_id=made.clinic.location_id, terms=wrong
        )

    assert field in refused.value.extra["fields"]


def test_a_change_makes_a_new_version_and_keeps_the_old(context: Flask) -> None:
    made = make_discussed_plan()
    wider = terms(made.device_id, made.practitioner.id, {"neck": 500})

    with made.clinic.scope(made.practitioner) as scope:
        changed = change_plan(scope, plan_id=made.plan_id, terms=wider, version=1)

    with made.clinic.scope() as scope:
        assert facts.areas_of(scope, made.version_id) == {"face_cheeks": 1000}
        assert facts.areas_of(scope, changed.id) == {"neck": 500}
        assert queries.find_discussion(scope, changed.id) is None


def test_a_change_of_what_somebody_else_changed_is_stale(context: Flask) -> None:
    made = make_discussed_plan()
    wider = terms(made.device_id, made.practitioner.id, {"neck": 500})

    with made.clinic.scope(made.practitioner) as scope, pytest.raises(Stale):
        change_plan(scope, plan_id=made.plan_id, terms=wider, version=7)


def test_a_discussion_is_not_held_in_the_future(context: Flask) -> None:
    made = make_discussed_plan()
    tomorrow = NewDiscussion(now() + timedelta(days=1), made.practitioner.id, "video", "en")

    with made.clinic.scope(made.practitioner) as scope, pytest.raises(Invalid):
        record_discussion(scope, plan_version_id=made.version_id, wanted=tomorrow)


def test_whoever_treats_nobody_neither_talks_a_plan_over_nor_treats_by_it(context: Flask) -> None:
    made = make_discussed_plan()
    desk = add_staff(made.clinic, Role.FRONT_DESK)
    talk = NewDiscussion(held_at=now(), held_by=desk.id, mode="in_person", language="en")
    with pytest.raises(Invalid) as refused, made.clinic.scope(made.practitioner) as scope:
        record_discussion(scope, plan_version_id=made.version_id, wanted=talk)
    assert "held_by" in refused.value.extra["fields"]

    theirs = terms(made.device_id, desk.id)
    with pytest.raises(PlanNotPossible) as no_plan, made.clinic.scope(made.practitioner) as scope:
        change_plan(scope, plan_id=made.plan_id, terms=theirs, version=1)
    assert "practitioner_id" in no_plan.value.extra["fields"]


def test_a_cancelled_visit_does_not_arrive(context: Flask) -> None:
    made = make_discussed_plan()
    visit_id = make_visit(made)
    with made.clinic.scope() as scope:
        move_visit(scope, visit_id=visit_id, to=VisitState.CANCELLED)

    with made.clinic.scope() as scope, pytest.raises(VisitMoved):
        move_visit(scope, visit_id=visit_id, to=VisitState.ARRIVED)


def test_case_43_what_matters_to_the_patient_is_stored_unreadable(context: Flask) -> None:
    made = make_discussed_plan()

    with made.clinic.scope() as scope:
        version = queries.get_plan_version(scope, made.version_id)

        assert b"wedding" not in version.what_matters_cipher
        assert "wedding" in facts.what_matters(scope, version)
