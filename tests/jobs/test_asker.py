"""A job is done for somebody: whoever has lost the right to it since gets nothing."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.auth.permissions import Permission
from app.config import Settings
from app.database import TenantScope
from app.jobs.registry import HANDLERS, NEEDS, OUTLIVES, handler, run_job
from app.jobs.worker import work
from app.messaging.models import Message
from app.messaging.services import queue_message, send_message
from app.patients.export_models import DataExport
from app.patients.services.export_patients import request_list
from app.tenants.models import Role
from app.tenants.services.manage_staff import StaffTerms, change_staff, disable_staff
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic

DONE: list[uuid.UUID] = []


@pytest.fixture(autouse=True)
def probes() -> Iterator[None]:
    """Three jobs that note that they ran."""

    def note(scope: TenantScope) -> None:
        DONE.append(scope.tenant_id)

    handler("probe.plain")(note)
    handler("probe.export", needs=Permission.CLINIC_MANAGE)(note)
    handler("probe.finish", outlives="a test")(note)
    DONE.clear()
    yield
    for name in ("probe.plain", "probe.export", "probe.finish"):
        HANDLERS.pop(name), NEEDS.pop(name, None), OUTLIVES.pop(name, None)


def run(clinic: MadeClinic, who: Staff, name: str) -> bool:
    """Run a job as the worker does; return whether its handler was reached."""
    before = len(DONE)
    run_job(clinic.tenant_id, name, {"_actor": ["staff", str(who.id), str(who.person_id)]})
    return len(DONE) > before


def test_case_09_a_job_of_somebody_who_was_shut_out_since_is_not_done(context: Flask) -> None:
    clinic = make_clinic()
    who = add_staff(clinic, Role.OWNER)
    assert all(run(clinic, who, name) for name in ("probe.plain", "probe.export"))
    with clinic.scope() as scope:
        disable_staff(scope, staff_id=who.id)

    assert not run(clinic, who, "probe.plain")
    assert not run(clinic, who, "probe.export")
    assert run(clinic, who, "probe.finish")
    with clinic.scope() as scope:
        stopped = scope.session.scalars(
            select(AuditEvent).where(
                AuditEvent.tenant_id == scope.tenant_id, AuditEvent.action == "jobs:job:abort"
            )
        ).all()
    assert [one.actor_id for one in stopped] == [who.id, who.id]


def test_case_09_a_job_of_somebody_who_lost_the_permission_is_not_done(context: Flask) -> None:
    clinic = make_clinic()
    who = add_staff(clinic, Role.OWNER)
    with clinic.scope() as scope:
        change_staff(scope, staff_id=who.id, terms=StaffTerms(Role.BILLING), version=1)

    assert not run(clinic, who, "probe.export")
    assert run(clinic, who, "probe.plain")


def test_case_09_a_list_of_patients_is_not_written_for_somebody_who_may_not_have_it_any_more(
    context: Flask, settings: Settings
) -> None:
    clinic = make_clinic()
    who = add_staff(clinic, Role.MANAGER)
    with clinic.scope(who) as scope:
        export_id = request_list(scope).id
    with clinic.scope() as scope:
        change_staff(scope, staff_id=who.id, terms=StaffTerms(Role.FRONT_DESK), version=1)

    work(context, settings.worker_url, until_empty=True)

    with clinic.scope() as scope:
        found = scope.session.get(DataExport, (scope.tenant_id, export_id))
        assert found is not None
        assert found.state == "queued"


@pytest.mark.parametrize(
    ("letter", "state"), [("invitation", "failed"), ("incident_alert", "sent")]
)
def test_case_09_what_asks_on_a_word_of_somebody_shut_out_is_not_sent(
    context: Flask, letter: str, state: str
) -> None:
    clinic = make_clinic()
    who = add_staff(clinic, Role.OWNER)
    values = {"clinic": "x", "role": "x", "link": "x", "expires": "x", "name": "x", "location": "x"}
    with clinic.scope(who) as scope:
        message = queue_message(
            scope, to="a@b.example", channel="email", template=letter, values=values
        )
    with clinic.scope() as scope:
        disable_staff(scope, staff_id=who.id)

    with clinic.scope(who) as scope:
        send_message(scope, message_id=message.id)

    with clinic.scope() as scope:
        found = scope.session.get(Message, (scope.tenant_id, message.id))
        assert found is not None
        assert found.state == state
