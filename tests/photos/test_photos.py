"""Photographs need their consent, end with it at once, and tell nothing but what they show."""

import base64
import io
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.consent.services.withdraw_consent import withdraw_consent
from app.documents.files import store
from app.jobs.registry import run_job
from app.kit.clock import now, shifted
from app.kit.ids import new_id
from app.patients.limit_models import LimitKind
from app.patients.services.limit_use import place_limit
from app.photos import queries
from app.photos.gallery_queries import list_marketing_photos
from app.photos.models import PhotoFile, PhotoKind, PhotoPurpose
from app.storage.object_store import name_within
from app.tenants.models import Role
from tests.factories.consent import MadeConsent
from tests.factories.photos import PLACE, agree_to_photos, make_photo, photograph, with_place
from tests.factories.plans import MadePlan, make_discussed_plan, make_visit
from tests.factories.tenants import add_staff
from tests.kit.test_pictures import bomb
from tests.support.api import Api
from tests.support.pages import Desk

MARKETING = PhotoPurpose.MARKETING


class Agreed:
    """A plan whose patient agreed to clinical photographs, and its practitioner at the API."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.made: MadePlan = make_discussed_plan()
        self.consent: MadeConsent = agree_to_photos(self.made)
        self.api = Api(app, self.made.clinic, self.made.practitioner)
        self.lead = Api(app, self.made.clinic, self.made.clinic.owner)

    def body(self, data: bytes, **changes: object) -> dict[str, object]:
        return {
            "photo": base64.b64encode(data).decode(),
            "area": "face_cheeks",
            "view": "front",
            "kind": "before",
            **changes,
        }

    def add(self, data: bytes, expect: int = 201, **changes: object) -> Any:
        path = f"/patients/{self.made.patient_id}/photos"
        return self.api.post(path, self.body(data, **changes), expect=expect)

    def listed(self) -> list[dict[str, Any]]:
        return list(self.api.get(f"/patients/{self.made.patient_id}/photos"))

    def take_back(self, consent: MadeConsent) -> None:
        with self.made.clinic.scope() as scope:
            withdraw_consent(scope, consent_id=consent.id)


@pytest.fixture
def agreed(context: Flask) -> Agreed:
    return Agreed(context)


def files_of(made: MadePlan) -> list[PhotoFile]:
    with made.clinic.scope() as scope:
        statement = select(PhotoFile).where(PhotoFile.tenant_id == scope.tenant_id)
        return list(scope.session.scalars(statement))


def test_without_the_patients_consent_nothing_is_kept(context: Flask) -> None:
    made = make_discussed_plan()
    api = Api(context, made.clinic, made.practitioner)
    body = {"photo": "AAAA", "area": "face_cheeks", "view": "front", "kind": "before"}

    problem = api.post(f"/patients/{made.patient_id}/photos", body, expect=409)

    assert problem["code"] == "no_photo_consent"
    assert files_of(made) == []


def test_it_is_kept_encrypted_without_its_place_and_looked_at_by_a_link(agreed: Agreed) -> None:
    photo = agreed.add(with_place())

    answer = agreed.api.client.get(photo["full_url"])

    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert "no-store" in answer.headers["Cache-Control"]
    assert PLACE not in answer.data
    files = files_of(agreed.made)
    assert {one.size for one in files} == {"full", "small"}
    for one in files:
        assert one.retention == "clinical"
        stored = store().get(one.object_name)
        assert not stored.startswith(b"\xff\xd8")
        assert answer.data[:200] not in stored


def test_who_looked_is_recorded(agreed: Agreed) -> None:
    photo = agreed.add(photograph())
    agreed.listed()
    agreed.api.client.get(photo["full_url"])

    with agreed.made.clinic.scope() as scope:
        statement = select(AuditEvent.action, AuditEvent.patient_id, AuditEvent.actor_id).where(
            AuditEvent.tenant_id == scope.tenant_id, AuditEvent.action.startswith("photos:")
        )
        found = {tuple(row) for row in scope.session.execute(statement)}
    who, whose = agreed.made.practitioner.id, agreed.made.patient_id
    for action in ("photos:photo:add", "photos:album:read", "photos:photo:read"):
        assert (action, whose, who) in found


def test_case_45_a_link_is_one_persons_and_works_for_five_minutes(agreed: Agreed) -> None:
    photo = agreed.add(photograph())
    url = photo["full_url"]

    assert agreed.lead.client.get(url).status_code == 410, "it was made for somebody else"
    assert agreed.api.client.get(url.split("?")[0]).status_code == 410
    assert agreed.api.client.get(url.replace("full?", "small?")).status_code == 410
    assert agreed.app.test_client().get(url).status_code == 401
    with shifted(timedelta(minutes=5, seconds=1)):
        assert agreed.api.client.get(url).status_code in {401, 410}
    assert agreed.api.client.get(url).status_code == 200


def test_case_45_marketing_ends_at_once_and_the_record_stays(agreed: Agreed) -> None:
    advert = agree_to_photos(agreed.made, MARKETING)
    photo = agreed.add(photograph())
    copy = agreed.lead.post(f"/photos/{photo['id']}/marketing")
    again = agreed.lead.post(f"/photos/{photo['id']}/marketing")
    [shown] = agreed.lead.get("/marketing-photos")
    assert copy["id"] == again["id"] == shown["id"]
    assert "patient_id" not in shown
    assert agreed.lead.client.get(shown["full_url"]).status_code == 200

    agreed.take_back(advert)

    assert agreed.lead.client.get(shown["full_url"]).status_code == 404
    assert agreed.lead.get("/marketing-photos") == []
    agreed.lead.get(f"/photos/{copy['id']}", expect=404)
    assert [one["id"] for one in agreed.listed()] == [photo["id"]]
    agreed.lead.post(f"/photos/{photo['id']}/marketing", expect=409)


def test_case_45_an_objection_and_a_restriction_end_marketing_too(agreed: Agreed) -> None:
    agree_to_photos(agreed.made, MARKETING)
    photo = agreed.add(photograph())
    agreed.lead.post(f"/photos/{photo['id']}/marketing")
    [shown] = agreed.lead.get("/marketing-photos")

    with agreed.made.clinic.scope() as scope:
        place_limit(
            scope,
            patient_id=agreed.made.patient_id,
            kind=LimitKind.MARKETING_OBJECTION,
            reason="asked",
        )

    assert agreed.lead.client.get(shown["full_url"]).status_code == 404
    assert agreed.lead.get("/marketing-photos") == []


def test_a_consent_to_marketing_that_has_run_out_hides_as_well(agreed: Agreed) -> None:
    agree_to_photos(agreed.made, MARKETING)
    photo = agreed.add(photograph())
    agreed.lead.post(f"/photos/{photo['id']}/marketing")

    with shifted(timedelta(days=740)), agreed.made.clinic.scope() as scope:
        assert MARKETING not in queries.list_purposes_agreed(scope, agreed.made.patient_id)
        assert list(list_marketing_photos(scope, most=9)) == []


def test_taking_back_the_clinical_consent_stops_and_hides_while_the_record_is_kept(
    agreed: Agreed,
) -> None:
    photo = agreed.add(photograph())
    agreed.take_back(agreed.consent)

    assert agreed.api.client.get(photo["full_url"]).status_code == 404
    assert agreed.listed() == []
    agreed.add(photograph(10), expect=409)
    page = Desk(agreed.app, agreed.made.clinic, agreed.made.practitioner)
    assert "1 photograph is not shown" in page.read(f"/patients/{agreed.made.patient_id}/photos")
    assert len(files_of(agreed.made)) == 2
    for one in files_of(agreed.made):
        assert store().exists(one.object_name)


def test_the_same_picture_twice_is_kept_once(agreed: Agreed) -> None:
    assert agreed.add(photograph())["id"] == agreed.add(photograph())["id"]
    assert len(files_of(agreed.made)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"area": "nowhere"}, "area"),
        ({"taken_at": "2999-01-01T00:00:00+00:00"}, "taken_at"),
        ({"photo": "not base64!"}, "photo"),
        ({"photo": base64.b64encode(b"%PDF-1.7").decode()}, "photo"),
        ({"photo": base64.b64encode(bomb(20_000)).decode()}, "photo"),
        ({"view": "sideways"}, "view"),
        ({"purpose": "fun"}, "purpose"),
    ],
)
def test_case_36_what_cannot_be_is_refused_with_its_field(
    agreed: Agreed, changes: dict[str, object], field: str
) -> None:
    problem = agreed.add(photograph(), expect=422, **changes)

    assert field in str(problem)
    assert files_of(agreed.made) == []


def test_case_36_a_body_of_two_hundred_megabytes_is_not_read(agreed: Agreed) -> None:
    path = agreed.api.url(f"/patients/{agreed.made.patient_id}/photos")
    headers = {"X-CSRF-Token": agreed.api.csrf, "Idempotency-Key": uuid.uuid4().hex}

    answer = agreed.api.client.post(
        path, data=bytes(40 * 1024 * 1024), headers=headers, content_type="application/json"
    )

    assert answer.status_code == 413


def test_a_visit_of_another_patient_is_refused(agreed: Agreed) -> None:
    agreed.add(photograph(), expect=404, visit_id=str(uuid.uuid4()))


def test_the_front_desk_sees_no_photographs_and_marketing_people_only_those_released(
    agreed: Agreed,
) -> None:
    photo = agreed.add(photograph())
    clinic = agreed.made.clinic
    desk = Api(agreed.app, clinic, add_staff(clinic, Role.FRONT_DESK))
    manager = Api(agreed.app, clinic, add_staff(clinic, Role.MANAGER))

    desk.get(f"/patients/{agreed.made.patient_id}/photos", expect=403)
    desk.get("/marketing-photos", expect=403)
    manager.get(f"/photos/{photo['id']}", expect=403)
    assert manager.get("/marketing-photos") == []
    manager.get(f"/marketing-photos/{photo['id']}/files/full", expect=404)


def test_case_1_another_clinic_finds_nothing(agreed: Agreed) -> None:
    photo = agreed.add(photograph())
    other = make_discussed_plan()
    stranger = Api(agreed.app, other.clinic, other.clinic.owner)

    stranger.get(f"/photos/{photo['id']}", expect=404)
    stranger.post(f"/photos/{photo['id']}/remove", expect=404)
    stranger.get(f"/photos/{photo['id']}/files/full", expect=404)


def test_one_put_aside_is_shown_nowhere(agreed: Agreed) -> None:
    photo = agreed.add(photograph())
    agreed.api.post(f"/photos/{photo['id']}/remove", expect=200)
    agreed.api.post(f"/photos/{photo['id']}/remove", expect=200)

    assert agreed.listed() == []
    assert agreed.api.client.get(photo["full_url"]).status_code == 404


def test_one_put_aside_by_mistake_is_brought_back_by_who_may_add_them(agreed: Agreed) -> None:
    photo = agreed.add(photograph())
    agreed.api.post(f"/photos/{photo['id']}/remove", expect=200)
    desk = Desk(agreed.app, agreed.made.clinic, agreed.made.practitioner)
    page = desk.read(f"/patients/{agreed.made.patient_id}/photos")
    assert "Before: Cheeks, from the front" in page
    assert agreed.made.practitioner.name in page.partition("Put aside")[2]
    front = Api(agreed.app, agreed.made.clinic, add_staff(agreed.made.clinic, Role.FRONT_DESK))
    other = make_discussed_plan().clinic

    front.post(f"/photos/{photo['id']}/restore", expect=403)
    Api(agreed.app, other, other.owner).post(f"/photos/{photo['id']}/restore", expect=404)
    assert agreed.listed() == []
    for _ in range(2):
        shown = agreed.api.post(f"/photos/{photo['id']}/restore", expect=200)

    assert [one["id"] for one in agreed.listed()] == [photo["id"]] == [shown["id"]]
    assert told(agreed.made, "photos:photo:restore") == 1


def test_what_was_erased_or_taken_back_is_not_brought_back(agreed: Agreed) -> None:
    erased, hidden = agreed.add(photograph(100)), agreed.add(photograph(160))
    agreed.api.post(f"/photos/{hidden['id']}/remove", expect=200)
    with agreed.made.clinic.scope() as scope:
        queries.get_photo_for_update(scope, uuid.UUID(erased["id"])).removed_at = now()

    agreed.api.post(f"/photos/{erased['id']}/restore", expect=404)
    agreed.take_back(agreed.consent)
    refused = agreed.api.post(f"/photos/{hidden['id']}/restore", expect=409)

    assert refused["code"] == "no_photo_consent"


def told(made: MadePlan, action: str) -> int:
    """Return how often an act on photographs stands in the record."""
    with made.clinic.scope() as scope:
        asked = select(AuditEvent).where(
            AuditEvent.tenant_id == scope.tenant_id, AuditEvent.action == action
        )
        return len(scope.session.scalars(asked).all())


def test_the_page_takes_one_for_marketing_alone_and_for_a_visit(context: Flask) -> None:
    made = make_discussed_plan()
    agree_to_photos(made, MARKETING)
    visit_id, own = make_visit(made), f"/patients/{made.patient_id}/photos"
    desk = Desk(context, made.clinic, made.practitioner)
    assert "kept for marketing alone" in desk.read(own)
    assert str(visit_id) in desk.answer(own).text
    sent = {
        "csrf_token": desk.api.csrf,
        "area": "face_cheeks",
        "view": "front",
        "kind": "after",
        "visit_id": str(visit_id),
    }

    def upload(purpose: str) -> int:
        files = {"photo": (io.BytesIO(photograph()), "a.jpg"), "idempotency_key": uuid.uuid4().hex}
        fields = {**sent, **files, "purpose": purpose}
        kind = "multipart/form-data"
        return desk.api.client.post(f"{desk.base}{own}", data=fields, content_type=kind).status_code

    assert upload("clinical") == 409
    assert upload("nothing") == 422
    assert upload("marketing") == 303
    [kept] = desk.api.get(own)
    assert (kept["purpose"], kept["visit_id"]) == ("marketing", str(visit_id))


def test_a_file_whose_upload_was_killed_is_swept_up(agreed: Agreed) -> None:
    agreed.add(photograph())
    tenant_id = agreed.made.clinic.tenant_id
    orphan = name_within("photos", tenant_id, new_id())
    store().put(orphan, b"left behind")

    with shifted(timedelta(hours=3)):
        run_job(tenant_id, "photos.sweep", {"_actor": ["system", "", ""]})

    assert not store().exists(orphan)
    assert all(store().exists(one.object_name) for one in files_of(agreed.made))


def test_staff_add_one_and_see_before_and_after_side_by_side(agreed: Agreed) -> None:
    desk = Desk(agreed.app, agreed.made.clinic, agreed.made.practitioner)
    own = f"/patients/{agreed.made.patient_id}/photos"
    assert "No photographs yet" in desk.read(own)
    refused = desk.send(own, expect=422)
    assert "Choose a photograph." in refused.text
    for shade, kind in ((100, "before"), (160, "after")):
        make_photo(agreed.made, data=photograph(shade), kind=PhotoKind(kind))

    page = desk.answer(f"{own}/compare").text

    assert "Before: Cheeks, from the front" in page
    assert "After: Cheeks, from the front" in page
    assert "files/full?until=" in page
    assert desk.read(own).count("For the record") == 2


def test_a_page_upload_is_kept_like_one_of_the_api(agreed: Agreed) -> None:
    desk = Desk(agreed.app, agreed.made.clinic, agreed.made.practitioner)
    answer = desk.api.client.post(
        f"{desk.base}/patients/{agreed.made.patient_id}/photos",
        data={
            "csrf_token": desk.api.csrf,
            "idempotency_key": uuid.uuid4().hex,
            "photo": (io.BytesIO(with_place()), "IMG_0001.JPG"),
            "area": "face_cheeks",
            "view": "front",
            "kind": "before",
        },
        content_type="multipart/form-data",
    )

    assert answer.status_code == 303, answer.text[:500]
    [listed] = agreed.listed()
    assert listed["kind"] == "before"
    assert abs((now() - datetime.fromisoformat(listed["taken_at"])).total_seconds()) < 60
