"""While data may only be kept nothing new begins, and nothing that protects a patient stops."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from app.billing.services.sell_package import sell_package
from app.care.errors import StartRefused
from app.care.queries import find_latest_completion, list_acute_checks
from app.care.services.complete_treatment import complete_treatment
from app.consent.queries import find_attestation
from app.consent.services.attest_consent import attest_consent
from app.consent.services.request_consent import request_consent, resend_link
from app.consent.services.withdraw_consent import withdraw_consent
from app.database import TenantScope
from app.jobs.worker import work
from app.kit.clock import now
from app.messaging.errors import ProcessingRestricted
from app.messaging.models import Message
from app.messaging.services import queue_message
from app.patients.limit_models import LimitKind
from app.patients.services.limit_use import lift_limit, place_limit
from app.plans.services.make_plan import change_plan, make_plan
from app.plans.services.plan_visit import plan_visit
from app.plans.services.record_discussion import NewDiscussion, record_discussion
from tests.care.test_record import DONE
from tests.factories.billing import make_package
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.consent import make_signed_consent
from tests.factories.plans import MadePlan, make_visit, terms

Act = Callable[[TenantScope], object]


def beginnings(made: MadePlan, signed_id: uuid.UUID) -> dict[str, Act]:
    """Return every act of staff by which something new begins for a patient, Start excepted."""
    wanted = terms(made.device_id, made.practitioner.id)
    package = make_package(made.clinic).id
    talk = NewDiscussion(
        held_at=now(), held_by=made.practitioner.id, mode="in_person", language="en"
    )
    return {
        "confirm": partial(attest_consent, consent_id=signed_id, stepped_up_at=now()),
        "request": partial(request_consent, plan_id=made.plan_id),
        "resend": partial(resend_link, consent_id=signed_id),
        "plan": partial(
            make_plan, patient_id=made.patient_id, location_id=made.clinic.location_id, terms=wanted
        ),
        "change": partial(change_plan, plan_id=made.plan_id, terms=wanted, version=1),
        "discuss": partial(record_discussion, plan_version_id=made.version_id, wanted=talk),
        "visit": partial(
            plan_visit,
            plan_id=made.plan_id,
            practitioner_id=made.practitioner.id,
            planned_at=now() + timedelta(days=60),
        ),
        "sale": partial(sell_package, package_id=package, patient_id=made.patient_id),
        "letter": partial(letter, made=made),
    }


def letter(scope: TenantScope, made: MadePlan) -> Message:
    return queue_message(
        scope,
        to=made.patient_email,
        channel="email",
        template="pay_link",
        values={"name": "x", "clinic": "x", "amount": "1", "link": "https://x.example/pay"},
        patient_id=made.patient_id,
    )


def restrict(made: MadePlan) -> uuid.UUID:
    with made.clinic.scope() as scope:
        return place_limit(
            scope,
            patient_id=made.patient_id,
            kind=LimitKind.RESTRICTION,
            reason="accuracy_contested",
        ).id


def rests(made: MadePlan, act: Act) -> bool:
    try:
        with made.clinic.scope(made.practitioner) as scope:
            act(scope)
    except ProcessingRestricted:
        return True
    return False


def test_all_that_is_new_rests_until_the_restriction_is_lifted(context: Flask) -> None:
    ready = make_ready_visit()
    made, clinic = ready.made, ready.made.clinic
    treatment = ready.start().treatment
    later = ReadyVisit(made, make_visit(made), ready.consent)
    later.ask()
    signed = make_signed_consent(made)
    with clinic.scope() as scope:
        waiting = letter(scope, made).id
    acts = beginnings(made, signed.id)

    limit_id = restrict(made)

    assert [name for name, act in acts.items() if not rests(made, act)] == []
    with pytest.raises(ProcessingRestricted):
        later.ask()
    assert later.may().reasons[0].code == "data_restricted"
    with pytest.raises(StartRefused):
        later.start()
    work(context, context.config["SETTINGS"].worker_url, until_empty=True)
    with clinic.scope() as scope:
        stopped = scope.session.scalars(select(Message).where(Message.id == waiting)).one()
        assert (stopped.state, stopped.last_error) == ("failed", "stopped: data may only be kept")
        assert find_attestation(scope, signed.id) is None
        assert len(list_acute_checks(scope, later.visit_id)) == 1

    # What was done is written down, and a consent is taken back, whatever the restriction.
    with clinic.scope(made.practitioner) as scope:
        complete_treatment(scope, treatment_id=treatment.id, done=DONE, after_number=0)
    assert ready.consent is not None
    with clinic.scope() as scope:
        assert withdraw_consent(scope, consent_id=ready.consent.consent_id).state == "withdrawn"
        assert find_latest_completion(scope, treatment.id) is not None

    with clinic.scope() as scope:
        lift_limit(scope, limit_id=limit_id)
    anew = make_signed_consent(made)  # What was taken back took the newer one with it.
    with clinic.scope(made.practitioner) as scope:
        attest_consent(scope, consent_id=anew.id, stepped_up_at=now())
    assert "data_restricted" not in [one.code for one in later.may().reasons]
