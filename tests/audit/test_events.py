"""What happened is written with its cause, cannot be edited unseen, and names nobody."""

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from app import audit
from app.audit.models import AuditEvent
from app.audit.services import canonical, event_bytes
from app.tenants.models import Role
from app.vault import sign_row
from tests.factories.plans import make_discussed_plan, make_visit
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.support.api import Api
from tests.support.source_tree import sources, text_of_constant

# What an intruder with the superuser's password might change in a stored event.
EDITS = {
    "at": "at + interval '1 microsecond'",
    "actor_kind": "'system'",
    "actor_id": "gen_random_uuid()",
    "person_id": "NULL",
    "action": "'patients:patient:read'",
    "subject_id": "gen_random_uuid()",
    "patient_id": "gen_random_uuid()",
    "details": "'{}'",
    "tenant_id": "gen_random_uuid()",
    "id": "gen_random_uuid()",
}


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


def newest(clinic: MadeClinic, action: str) -> AuditEvent:
    with clinic.scope() as scope:
        asked = select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id.desc())
        return scope.session.scalars(asked.limit(1)).one()


def is_genuine(event: AuditEvent) -> bool:
    return sign_row(event.tenant_id, event_bytes(event)) == event.mac


class TestTags:
    def test_a_stored_event_is_genuine_whatever_the_servers_zone(
        self, clinic: MadeClinic, superuser: Engine
    ) -> None:
        with clinic.scope() as scope:
            audit.record(scope, "trial:thing:do", subject_id=uuid.uuid4(), count=3, kind="étage")
        event = newest(clinic, "trial:thing:do")
        assert is_genuine(event)

        with clinic.scope() as scope:
            scope.session.execute(text("SET LOCAL TimeZone = 'Asia/Kathmandu'"))
            again = scope.session.get(AuditEvent, (clinic.tenant_id, event.id))
            assert again is not None
            assert is_genuine(again)

    @pytest.mark.parametrize("column", EDITS)
    def test_an_edited_event_is_noticed(
        self, clinic: MadeClinic, superuser: Engine, column: str
    ) -> None:
        with clinic.scope() as scope:
            audit.record(scope, "trial:thing:do", subject_id=uuid.uuid4(), version=1)
        event = newest(clinic, "trial:thing:do")
        assert is_genuine(event)

        with superuser.connect() as connection, connection.begin() as transaction:
            edited = connection.execute(
                text(
                    f"UPDATE audit_event SET {column} = {EDITS[column]} WHERE id = :id RETURNING *"
                ),
                {"id": event.id},
            ).one()
            transaction.rollback()

        assert not is_genuine(AuditEvent(**edited._mapping))

    def test_details_are_the_same_bytes_in_any_order(self) -> None:
        one, other = uuid.uuid4(), uuid.uuid4()

        assert canonical({"b": one, "a": other}) == canonical({"a": other, "b": one})
        assert canonical({"a": None}) == "{}"


class TestWhatIsWritten:
    def test_a_denial_survives_the_request_that_was_denied(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        desk = add_staff(clinic, Role.FRONT_DESK)
        Api(context, clinic, desk).post("/locations", {}, expect=403)

        event = newest(clinic, "auth:permission:deny")
        assert event.actor_id == desk.id
        assert event.details == '{"needs":"clinic:manage"}'

    def test_an_event_of_work_that_was_rolled_back_never_was(self, clinic: MadeClinic) -> None:
        with clinic.scope() as scope:
            audit.record(scope, "trial:thing:do")
            scope.session.flush()
            scope.session.rollback()

        with clinic.scope() as scope:
            events = select(AuditEvent).where(AuditEvent.action == "trial:thing:do")
            assert scope.session.scalars(events).all() == []

    def test_no_event_of_a_whole_story_holds_what_people_typed(
        self, context: Flask, superuser: Engine
    ) -> None:
        made = make_discussed_plan()
        make_visit(made)
        with superuser.connect() as connection:
            rows = connection.execute(
                text("SELECT action || details FROM audit_event WHERE tenant_id = :t"),
                {"t": made.clinic.tenant_id},
            ).all()
        said = "\n".join(row[0] for row in rows)

        assert len(rows) >= 8
        for word in planted(made):
            assert word not in said


def planted(made: Any) -> list[str]:
    """Return what the factories typed for this clinic's people."""
    return [
        "Aoife",
        "Nguyễn",
        made.patient_email,
        "7700",
        "Sits up slowly",
        "wedding",
        "1990-05-17",
        made.practitioner.email,
        made.practitioner.name,
        "Morven",
        "Quay Street",
    ]


# Rooms whose acts are about a patient, and those of their acts that are about nobody's chart.
ABOUT_PATIENTS = frozenset(
    {"patients", "plans", "consent", "billing", "care", "documents", "messaging", "rights"}
)
ABOUT_NOBODY = re.compile(
    r"billing:(account|package):(connect|create|retire)|consent:(blank|draft|safety_notice|standing|wording):\w+"
    r"|patients:(list|import):\w+"
)


def test_every_act_on_a_record_says_whose_it_is() -> None:
    silent = {
        f"{source.at(call)} {action}"
        for source in sources("app")
        if source.room in ABOUT_PATIENTS
        for call in source.calls("record")
        if len(call.args) == 2 and isinstance(action := text_of_constant(call.args[1]), str)
        if all(one.arg != "patient_id" for one in call.keywords)
        if not ABOUT_NOBODY.fullmatch(action)
    }

    assert silent == set()


def test_what_was_done_to_a_patients_record_is_listed_whole(context: Flask) -> None:
    made = make_discussed_plan()
    make_visit(made)
    desk = Api(context, made.clinic, made.clinic.owner)

    listed = desk.get(f"/audit/events?patient_id={made.patient_id}")["events"]

    assert {one["action"] for one in listed} >= {
        "patients:patient:add",
        "plans:plan:make",
        "plans:discussion:record",
        "plans:visit:plan",
    }
