"""Reasons to ask again that act in another place: each is named by the data and does act."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from flask import Flask

from app.care.errors import StartRefused
from app.consent.after.reconsent import shipped_reasons
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.services.request_consent import request_consent
from app.errors import AppError
from app.kit.clock import now, shifted
from tests.consent.test_reconsent import change
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.plans import make_discussed_plan
from tests.support.api import Api


@pytest.fixture
def ready(context: Flask) -> ReadyVisit:
    """A visit that could start now."""
    made = make_ready_visit()
    assert made.may().allowed
    return made


def codes(ready: ReadyVisit, **changes: object) -> set[str]:
    return {one.code for one in ready.may(**changes).reasons}


def add_an_area(ready: ReadyVisit) -> None:
    change(ready, areas={"face_cheeks": 1000, "face_forehead": 1000})
    assert codes(ready, areas={"face_forehead": 1000}) == {"area_not_covered"}
    with pytest.raises(StartRefused):
        ready.start(areas={"face_forehead": 1000})


def raise_the_depth(ready: ReadyVisit) -> None:
    change(ready, areas={"face_cheeks": 1500})
    assert codes(ready, areas={"face_cheeks": 1500}) == {"too_deep"}


def change_the_health(ready: ReadyVisit) -> None:
    ready.ask(anticoagulant="yes")
    assert codes(ready) == {"health_review"}


def be_pregnant(ready: ReadyVisit) -> None:
    ready.ask(pregnancy="yes")
    assert codes(ready) == {"health_stop"}


def let_time_pass(ready: ReadyVisit) -> None:
    with shifted(timedelta(days=370)):
        assert "no_consent" in codes(ready)
        assert "The consent has run out." in ready.may().reasons[0].text


def withdraw(ready: ReadyVisit) -> None:
    assert ready.consent is not None
    with ready.made.clinic.scope() as scope:
        take_back(scope, consent_id=ready.consent.consent_id, way=WithdrawalWay.COPY_LINK)
    assert codes(ready) >= {"no_consent"}


def be_seventeen(ready: ReadyVisit) -> None:
    young = make_discussed_plan(
        clinic=ready.made.clinic, born=now().date() - timedelta(days=17 * 365)
    )
    with pytest.raises(AppError, match="18"), ready.made.clinic.scope() as scope:
        request_consent(scope, plan_id=young.plan_id)


SHOWN: Mapping[str, Callable[[ReadyVisit], None]] = {
    "area_added": add_an_area,
    "depth_raised": raise_the_depth,
    "health_changed": change_the_health,
    "pregnancy": be_pregnant,
    "time_over": let_time_pass,
    "withdrawn": withdraw,
    "came_of_age": be_seventeen,
}


@pytest.mark.parametrize("reason", [one.id for one in shipped_reasons().elsewhere])
def test_a_reason_that_acts_elsewhere_acts(ready: ReadyVisit, reason: str) -> None:
    SHOWN[reason](ready)


def test_programs_read_every_reason_with_what_it_rests_on(
    context: Flask, ready: ReadyVisit
) -> None:
    clinic = ready.made.clinic

    told = Api(context, clinic, clinic.owner).get("/reconsent-triggers")

    assert {one["id"] for one in told["elsewhere"]} == set(SHOWN)
    assert {one["act"] for one in told["triggers"]} == {"stop", "tell"}
    assert all(one["source"] for one in (*told["triggers"], *told["elsewhere"]))
