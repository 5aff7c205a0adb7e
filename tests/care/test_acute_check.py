"""The short questions before every treatment: complete, fresh, judged on the server, kept."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.care import queries
from app.care.acute import read_check
from app.care.errors import AcuteAnswersIncomplete, FlipUnexplained, VisitClosed
from app.care.intended import Intended
from app.care.services.may_start import judge_start
from app.care.services.record_acute_check import Asked, record_acute_check
from app.consent.screening.judging import AnswersNotUsable
from app.kit.clock import now, today_in
from app.plans.errors import VisitUnknown
from app.plans.models import VisitState
from app.plans.services.plan_visit import move_visit
from tests.factories.care import ReadyVisit, make_bare_visit, make_consented_visit
from tests.factories.plans import make_visit


@pytest.fixture
def bare(context: Flask) -> ReadyVisit:
    return make_bare_visit()


def reasons(visit: ReadyVisit, hours: float = 0) -> dict[str, str]:
    """Return what stands in the way on grounds of health, some hours from now."""
    with visit.made.clinic.scope() as scope:
        intended = Intended(**visit.means())
        answer, _ = judge_start(scope, intended, at=now() + timedelta(hours=hours))
    return {one.code: one.text for one in answer.reasons if one.topic == "health"}


def test_nobody_has_asked_yet(bare: ReadyVisit) -> None:
    assert list(reasons(bare)) == ["health_not_asked"]


def test_clear_answers_let_the_treatment_start(bare: ReadyVisit) -> None:
    check = bare.ask()

    assert check.outcome == "clear"
    assert reasons(bare) == {}


def test_answers_hold_for_48_hours_and_not_a_minute_longer(bare: ReadyVisit) -> None:
    bare.ask()

    assert reasons(bare, hours=48 - 1 / 60) == {}
    assert list(reasons(bare, hours=48 + 1 / 60)) == ["health_too_old"]


def test_a_stop_says_nothing_of_what_was_answered(bare: ReadyVisit) -> None:
    check = bare.ask(pregnancy="yes")

    assert check.outcome == "block"
    found = reasons(bare)
    assert list(found) == ["health_stop"]
    assert "pregnan" not in str(found)


def test_not_sure_asks_for_a_clinician(bare: ReadyVisit) -> None:
    bare.ask(anticoagulant="unsure")

    assert list(reasons(bare)) == ["health_review"]


def test_a_wait_names_the_first_day(bare: ReadyVisit) -> None:
    bare.ask(botulinum_recent=today_in("Europe/London").isoformat())

    found = reasons(bare)

    assert list(found) == ["health_wait"]
    assert "has to wait until" in found["health_wait"]


def test_a_wait_is_judged_on_the_day_of_the_treatment(context: Flask) -> None:
    """A wait of two weeks asked about a visit in two weeks does not stand in the way then."""
    bare = make_bare_visit()
    later = make_visit(bare.made, planned_at=now() + timedelta(days=14))
    visit = ReadyVisit(bare.made, later, None)

    check = visit.ask(botulinum_recent=today_in("Europe/London").isoformat())

    assert check.outcome == "clear"
    assert list(reasons(visit)) == ["health_wait"]


def test_every_open_question_is_named(bare: ReadyVisit) -> None:
    with pytest.raises(AcuteAnswersIncomplete) as refused, bare.made.clinic.scope() as scope:
        record_acute_check(scope, visit_id=bare.visit_id, asked=Asked({"pregnancy": "no"}))

    assert "hsv_active" in refused.value.extra["questions"]
    assert "alcohol_today" in refused.value.extra["questions"]
    assert "pregnancy" not in refused.value.extra["questions"]


def test_a_date_in_the_future_is_no_answer(bare: ReadyVisit) -> None:
    tomorrow = today_in("Europe/London") + timedelta(days=1)

    with pytest.raises(AnswersNotUsable):
        bare.ask(filler_recent=tomorrow.isoformat())


def test_nothing_changed_needs_only_the_practitioners_own_question(context: Flask) -> None:
    visit = make_consented_visit()

    with visit.made.clinic.scope(visit.made.practitioner) as scope:
        asked = Asked({"alcohol_today": "no"}, nothing_changed=True)
        check = record_acute_check(scope, visit_id=visit.visit_id, asked=asked)

    assert check.outcome == "clear"
    assert visit.may().allowed


def test_nothing_changed_without_earlier_answers_fills_nothing(bare: ReadyVisit) -> None:
    asked = Asked({"alcohol_today": "no"}, nothing_changed=True)

    with pytest.raises(AcuteAnswersIncomplete), bare.made.clinic.scope() as scope:
        record_acute_check(scope, visit_id=bare.visit_id, asked=asked)


def test_what_stood_in_the_way_does_not_vanish_without_a_word(bare: ReadyVisit) -> None:
    bare.ask(hsv_active="yes")

    with pytest.raises(FlipUnexplained):
        bare.ask()
    bare.ask(what_changed="It was a shaving cut; looked at it under the lamp.")

    assert reasons(bare) == {}
    with bare.made.clinic.scope() as scope:
        kept = [read_check(scope, one) for one in queries.list_acute_checks(scope, bare.visit_id)]
    assert [one.answers["hsv_active"].value for one in kept] == ["no", "yes"]
    assert kept[0].what_changed == "It was a shaving cut; looked at it under the lamp."


def test_the_answers_lie_encrypted_and_cannot_be_overwritten(bare: ReadyVisit) -> None:
    check = bare.ask(photosensitiser="yes")

    assert b"photosensitiser" not in check.answers_cipher + check.outcome_cipher
    statement = text("UPDATE acute_check SET outcome = 'clear' WHERE tenant_id = :t")
    with pytest.raises(ProgrammingError), bare.made.clinic.scope() as scope:
        scope.session.execute(statement, {"t": scope.tenant_id})


def test_a_visit_that_is_off_asks_nothing(bare: ReadyVisit) -> None:
    with bare.made.clinic.scope() as scope:
        move_visit(scope, visit_id=bare.visit_id, to=VisitState.CANCELLED)

    with pytest.raises(VisitClosed):
        bare.ask()


def test_another_clinics_visit_is_not_found(bare: ReadyVisit, context: Flask) -> None:
    other = make_bare_visit()

    with pytest.raises(VisitUnknown), other.made.clinic.scope() as scope:
        record_acute_check(scope, visit_id=bare.visit_id, asked=Asked({}))
