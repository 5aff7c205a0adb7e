"""What was noted on a merged record holds for the person, under whichever record one looks."""

import uuid
from datetime import date

import pytest
from flask import Flask

from app.messaging.models import MessageState
from app.messaging.queries import exists_queued, get_message_for_update
from app.messaging.services import queue_message, send_message
from app.patients.addendum_models import AddendumAbout
from app.patients.errors import PatientDeceased
from app.patients.limit_models import LimitKind
from app.patients.queries import get_patient
from app.patients.services.add_addendum import add_addendum
from app.patients.services.add_patient import NewPatient, add_patient
from app.patients.services.edit_patient import record_death
from app.patients.services.limit_use import place_limit
from app.patients.services.merge_patients import merge_patients, undo_merge
from app.patients.services.require_alive import is_deceased, require_alive
from app.rights.overview import overview_of
from app.tenants.models import Role
from tests.factories.plans import BORN, make_discussed_plan, make_patient
from tests.factories.rights import make_rights
from tests.factories.tenants import MadeClinic, add_staff, make_clinic
from tests.support.api import Api
from tests.support.pages import Desk
from tests.tenants.test_reach import another_location

DIED = date(2026, 3, 27)


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def two(clinic: MadeClinic) -> tuple[uuid.UUID, uuid.UUID]:
    """Two records: the one that will be kept, and the other."""
    return make_patient(clinic, name="Ada Kept")[0], make_patient(clinic, name="Ada Other")[0]


def merge(clinic: MadeClinic, kept: uuid.UUID, alias: uuid.UUID) -> uuid.UUID:
    with clinic.scope() as scope:
        return merge_patients(scope, kept_id=kept, alias_id=alias).id


def note_death(clinic: MadeClinic, patient_id: uuid.UUID, on: date | None) -> None:
    with clinic.scope() as scope:
        version = get_patient(scope, patient_id).version
        record_death(scope, patient_id=patient_id, version=version, on=on)


class TestDeath:
    def test_a_death_on_the_merged_record_stops_everything_on_the_kept_one(
        self, context: Flask, clinic: MadeClinic, two: tuple[uuid.UUID, uuid.UUID]
    ) -> None:
        kept, alias = two
        with clinic.scope() as scope:
            message_id = queue_message(
                scope,
                to="ada@patients.example",
                channel="email",
                template="rights_answer",
                values={"name": "Ada", "clinic": "Tern", "decisions": ""},
                patient_id=kept,
            ).id
        note_death(clinic, alias, DIED)
        merge_id = merge(clinic, kept, alias)

        with clinic.scope() as scope:
            with pytest.raises(PatientDeceased):
                require_alive(scope, kept)
            send_message(scope, message_id=message_id)
        with clinic.scope() as scope:
            message = get_message_for_update(scope, message_id)
            assert (message.state, message.last_error) == (
                MessageState.FAILED,
                "stopped: a death is noted",
            )
        desk = Desk(context, clinic, clinic.owner)
        assert "Died on 27 March 2026" in desk.read(f"/patients/{kept}")
        assert "It was a mistake" in desk.read(f"/patients/{kept}/death")
        assert desk.api.get(f"/patients/{kept}")["deceased_on"] == DIED.isoformat()

        with clinic.scope() as scope:
            undo_merge(scope, patient_id=kept, merge_id=merge_id)
        with clinic.scope() as scope:
            assert [is_deceased(scope, one) for one in two] == [False, True]

    def test_a_death_noted_by_mistake_is_taken_off_every_record(
        self, clinic: MadeClinic, two: tuple[uuid.UUID, uuid.UUID]
    ) -> None:
        kept, alias = two
        note_death(clinic, alias, DIED)
        merge(clinic, kept, alias)

        note_death(clinic, kept, None)

        with clinic.scope() as scope:
            assert [is_deceased(scope, one) for one in two] == [False, False]
            assert get_patient(scope, alias).deceased_on is None


class TestRights:
    def test_what_stands_on_the_merged_record_is_shown_with_the_kept_one(
        self, context: Flask, clinic: MadeClinic, two: tuple[uuid.UUID, uuid.UUID]
    ) -> None:
        kept, alias = two
        ids = make_rights(clinic, alias)
        with clinic.scope() as scope:
            place_limit(
                scope, patient_id=alias, kind=LimitKind.RESTRICTION, reason="accuracy_contested"
            )
            add_addendum(
                scope,
                patient_id=alias,
                about=AddendumAbout.PATIENT,
                subject_id=alias,
                text="I was born in Cork.",
                is_agreed=True,
            )
        merge(clinic, kept, alias)

        with clinic.scope() as scope:
            found = overview_of(scope, get_patient(scope, kept))
        assert ids["patient_limit_id"] in {one.id for one in found.limits}
        assert [one.id for one in found.requests] == [ids["rights_request_id"]]
        assert [one.id for one in found.exports] == [ids["data_export_id"]]
        assert [one.text for one in found.addenda] == ["I was born in Cork."]
        page = Desk(context, clinic, clinic.owner).read(f"/patients/{kept}")
        assert "I was born in Cork." in page
        assert "Legal hold: nothing of this patient is erased" in page
        assert "This patient’s data is kept and not used" in page

    def test_a_message_to_the_merged_record_is_sent_before_the_contact_is_erased(
        self, clinic: MadeClinic, two: tuple[uuid.UUID, uuid.UUID]
    ) -> None:
        kept, alias = two
        merge(clinic, kept, alias)
        with clinic.scope() as scope:
            assert not exists_queued(scope, kept)
            queue_message(
                scope,
                to="ada@patients.example",
                channel="email",
                template="rights_answer",
                values={"name": "Ada", "clinic": "Tern", "decisions": ""},
                patient_id=alias,
            )
            assert exists_queued(scope, kept)


def test_the_notes_on_health_of_both_records_are_shown(context: Flask, clinic: MadeClinic) -> None:
    with clinic.scope() as scope:
        kept, alias = (
            add_patient(
                scope,
                NewPatient(name, BORN, clinic.location_id, health_note=note),
                is_new=True,
            ).id
            for name, note in (("Ada Kept", "Keeps a diary."), ("Ada Other", "Lidocaine allergy."))
        )
    merge(clinic, kept, alias)

    page = Desk(context, clinic, clinic.owner).read(f"/patients/{kept}")

    assert page.index("Keeps a diary.") < page.index("Lidocaine allergy.")
    desk = Desk(context, clinic, add_staff(clinic, Role.FRONT_DESK))
    assert "Lidocaine" not in desk.read(f"/patients/{kept}")


def test_who_looked_at_either_record_looked_at_the_person(context: Flask) -> None:
    made = make_discussed_plan()
    clinic, alias = made.clinic, made.patient_id
    kept, _ = make_patient(clinic, name="Ada Kept")
    doctor = Desk(context, clinic, made.practitioner)
    doctor.read(f"/patients/{alias}")
    merge(clinic, kept, alias)
    nurse = Desk(context, clinic, add_staff(clinic, Role.MEDICAL_LEAD, "Nia Roe"))
    assert "Why do you look" not in doctor.read(f"/patients/{kept}")
    nurse.send(f"/patients/{kept}/looks/reason", reason="covering")
    nurse.read(f"/plans/{made.plan_id}")

    owner = Desk(context, clinic, clinic.owner)
    listed = owner.api.get(f"/patients/{kept}/looks")["looks"]
    letter = owner.read(f"/patients/{alias}/looks/letter")
    page = owner.read(f"/patients/{kept}/looks")

    doctors = [one for one in listed if one["staff_id"] == str(made.practitioner.id)]
    assert {one["why"] for one in doctors} == {"Treats the patient"}
    assert {one["patient_id"] for one in listed} == {str(kept)}
    assert "covering for a colleague" in letter.lower()
    assert made.practitioner.name in letter
    assert "Covering for a colleague" in page
    events = owner.api.get(f"/audit/events?patient_id={kept}")["events"]
    assert {one["patient_id"] for one in events} >= {str(alias), str(kept)}


def test_a_person_is_in_reach_wherever_any_of_their_records_is(
    context: Flask, clinic: MadeClinic
) -> None:
    far = another_location(clinic)
    here, _ = make_patient(clinic, name="Ada Here")
    with clinic.scope() as scope:
        there = add_patient(scope, NewPatient("Ada There", BORN, far), is_new=True).id
        third = add_patient(scope, NewPatient("Ada Third", BORN, far), is_new=True).id
    for kept, alias in ((here, there), (here, third)):
        merge(clinic, kept, alias)

    for location_id in (clinic.location_id, far):
        limited = add_staff(clinic, Role.FRONT_DESK, at=(location_id,))
        page = Desk(context, clinic, limited).read(f"/patients/{here}")
        assert "Ada There" in page
    assert Api(context, clinic, limited).get(f"/patients/{third}")["merged_into"] == str(here)
