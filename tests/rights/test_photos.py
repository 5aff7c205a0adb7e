"""A patient's copy holds their photographs; erasing marketing takes those away at once."""

import io
import zipfile

from flask import Flask

from app.documents.files import store
from app.patients.queries import get_patient
from app.photos.models import PhotoPurpose
from app.photos.queries import list_files_of, list_purposes_agreed
from app.photos.services.use_photo import release_for_marketing
from app.rights.bundle import make_bundle
from tests.factories.photos import agree_to_photos, make_photo
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.rights.erasing import ask_erasure, run_what_is_due, send_everything
from tests.support.api import Api

CLINICAL, MARKETING = PhotoPurpose.CLINICAL, PhotoPurpose.MARKETING


def names_of(made: MadePlan, purpose: PhotoPurpose) -> list[str]:
    with made.clinic.scope() as scope:
        found = list_files_of(scope, [made.patient_id], purpose.value)
        return [file.object_name for _, file in found]


def photographed() -> MadePlan:
    made = make_discussed_plan()
    for purpose in PhotoPurpose:
        agree_to_photos(made, purpose)
    photo = make_photo(made)
    with made.clinic.scope() as scope:
        release_for_marketing(scope, photo_id=photo.id)
    return made


def test_the_copy_of_a_patients_data_holds_the_photographs(context: Flask) -> None:
    made = photographed()
    with made.clinic.scope() as scope:
        packed = make_bundle(scope, get_patient(scope, made.patient_id))

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        photos = [name for name in archive.namelist() if name.startswith("photos/")]
        cover = archive.read("START-HERE.html").decode()
        assert {archive.read(name)[:3] for name in photos} == {b"\xff\xd8\xff"}
    assert {name.split("-")[3] for name in photos} == {"clinical", "marketing"}
    assert "Before a treatment" in cover
    assert "object_name" not in cover


def test_erasure_removes_those_for_marketing_at_once_and_keeps_the_record(context: Flask) -> None:
    made = photographed()
    kept, gone = names_of(made, CLINICAL), names_of(made, MARKETING)
    api = Api(context, made.clinic, made.clinic.owner)
    [shown] = api.get("/marketing-photos")

    ask_erasure(made.clinic, made.patient_id)
    send_everything(made.clinic)
    run_what_is_due(made.clinic)

    assert api.client.get(shown["full_url"]).status_code == 404
    assert api.get("/marketing-photos") == []
    assert [store().exists(name) for name in gone] == [False, False]
    assert [store().exists(name) for name in kept] == [True, True]


def test_after_an_erasure_nothing_may_be_shown_to_others(context: Flask) -> None:
    made = photographed()
    ask_erasure(made.clinic, made.patient_id)
    send_everything(made.clinic)
    run_what_is_due(made.clinic)
    with made.clinic.scope() as scope:
        assert MARKETING not in list_purposes_agreed(scope, made.patient_id)
