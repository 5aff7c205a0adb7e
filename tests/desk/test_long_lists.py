"""Lists that grow without end have pages, and a page ends where the next one begins."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.audit.places import read_place, write_place
from app.consent.forms.queries import get_form_version, list_current_forms, page_forms
from app.consent.holds.queries import count_undecided, list_open_holds
from app.desk.today import MOST_COUNTED, in_few
from app.kit.clock import shifted
from app.messaging.queries import page_messages
from app.messaging.services import queue_message
from app.patients.models import Patient
from app.patients.record_queries import MOVE_PHOTOS
from app.photos.gallery_queries import list_marketing_photos
from app.photos.models import PhotoPurpose
from app.plans.models import Plan
from tests.factories.holds import make_held
from tests.factories.photos import agree_to_photos, make_photo, photograph
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import MadeClinic
from tests.support.api import Api
from tests.support.pages import Desk
from tests.tenants.test_reach import another_location


@pytest.fixture
def made(context: Flask) -> MadePlan:
    return make_discussed_plan()


def write_to(clinic: MadeClinic, patient_id: uuid.UUID | None) -> uuid.UUID:
    with clinic.scope() as scope:
        return queue_message(
            scope,
            to="somebody@patient.example",
            channel="email",
            template="pay_link",
            values={"clinic": "Tern", "link": "/pay#x", "name": "Aoife", "amount": "£50"},
            patient_id=patient_id,
        ).id


def test_older_messages_stand_on_the_next_page(context: Flask, made: MadePlan) -> None:
    clinic = made.clinic
    ids = [write_to(clinic, made.patient_id) for _ in range(3)]

    with clinic.scope() as scope:
        [newest] = page_messages(scope, size=1)
        older = page_messages(scope, before=(newest.created_at, newest.id), size=5)
    assert [newest.id, *(one.id for one in older)][:3] == ids[::-1]
    place = write_place((newest.created_at, newest.id))
    assert "Back to the newest" in Desk(context, clinic, clinic.owner).read(
        f"/outbox?before={place}"
    )


def test_people_of_a_location_see_what_is_about_it_and_nothing_else(
    context: Flask, made: MadePlan
) -> None:
    clinic = made.clinic
    elsewhere = another_location(clinic)
    here = write_to(clinic, made.patient_id)
    write_to(clinic, None)
    owner, told = Desk(context, clinic, clinic.owner), {}
    for place in (clinic.location_id, elsewhere):
        with clinic.scope() as scope:
            scope.session.places = frozenset({place})
            told[place] = [one.id for one in page_messages(scope)]

    assert here in told[clinic.location_id]
    assert told[elsewhere] == []
    assert "Outbox" in owner.read("/outbox")


def test_older_photographs_stand_on_the_next_page(context: Flask, made: MadePlan) -> None:
    agree_to_photos(made, PhotoPurpose.MARKETING)
    photos = [
        make_photo(made, data=photograph(shade), purpose=PhotoPurpose.MARKETING)
        for shade in (100, 140)
    ]

    with made.clinic.scope() as scope:
        [newest] = list_marketing_photos(scope, most=1)
        [older] = list_marketing_photos(scope, before=(newest.taken_at, newest.id), most=1)
        assert {newest.id, older.id} == {one.id for one in photos}
    for place, many in ((made.clinic.location_id, 2), (uuid.uuid4(), 0)):
        with made.clinic.scope() as scope:
            scope.session.places = frozenset({place})
            assert len(list_marketing_photos(scope, most=5)) == many
    elsewhere = another_location(made.clinic)
    with made.clinic.scope() as scope:
        values = {"t": scope.tenant_id, "patient": made.patient_id, "location": elsewhere}
        scope.session.execute(MOVE_PHOTOS, values)
        assert {one.location_id for one in list_marketing_photos(scope, most=5)} == {elsewhere}
    owner = Api(context, made.clinic, made.clinic.owner)
    first = owner.get("/marketing-photos")[0]
    rest = owner.get(f"/marketing-photos?after={first['place']}")
    assert [first["id"], rest[0]["id"]] == [str(newest.id), str(older.id)]


def test_the_queue_of_holds_goes_on_where_a_page_ended(context: Flask, made: MadePlan) -> None:
    clinic = made.clinic
    make_held(made, hsv_history_area="yes")
    with shifted(timedelta(minutes=1)):
        make_held(make_discussed_plan(clinic), hsv_history_area="yes")
    owner = Api(context, clinic, clinic.owner)

    first, second = owner.get("/holds")
    assert owner.get(f"/holds?after={first['place']}") == [second]
    assert owner.get(f"/holds?after={second['place']}") == []
    with clinic.scope() as scope:
        assert count_undecided(scope, most=51) == 2
        assert count_undecided(scope, most=1) == 1
        [one] = list_open_holds(scope, after=read_place(first["place"]), most=1)
        assert str(one.hold.id) == second["id"]
    page = Desk(context, clinic, clinic.owner).read(f"/holds?after={first['place']}")
    assert "Back to the first" in page


def test_versions_of_forms_have_pages_in_one_order(context: Flask, made: MadePlan) -> None:
    agree_to_photos(made)
    agree_to_photos(made, PhotoPurpose.MARKETING)
    with made.clinic.scope() as scope:
        found, after = [], None
        while page := page_forms(scope, after=after, size=1):
            found += page
            after = page[-1].id
        every = page_forms(scope)
        assert [one.id for one in found] == [one.id for one in every]
        assert len(every) >= 2
        retired = get_form_version(scope, every[0].id)
        retired.state = "retired"
        scope.session.flush()
        assert [one.id for one in page_forms(scope, only_over=True)] == [retired.id]
        assert retired.id not in {one.id for one in list_current_forms(scope)}


def test_nobody_counts_further_than_a_page_says() -> None:
    assert (in_few(0), in_few(MOST_COUNTED), in_few(MOST_COUNTED + 1)) == ("0", "50", "50+")


def test_an_alias_that_a_limit_could_not_narrow_is_refused(made: MadePlan) -> None:
    other = aliased(Patient)
    with made.clinic.scope() as scope:
        scope.session.places = frozenset({made.clinic.location_id})
        with pytest.raises(TypeError, match="alias of Patient"):
            scope.session.execute(select(other.id).join(Plan, Plan.patient_id == other.id))
