"""What telephones make: HEIC through the API and the page, and as a scan of a signed paper."""

import io
import uuid

from flask import Flask

from app.documents.container import detach_files
from app.documents.files import read_document
from tests.consent.test_paper import Desk as PaperDesk
from tests.factories.consent import make_asked_consent
from tests.factories.photos import PLACE
from tests.factories.plans import make_discussed_plan
from tests.kit.test_photographs import metadata
from tests.photos.test_photos import Agreed
from tests.support.api import Api
from tests.support.heic import make_heic
from tests.support.pages import Desk


def is_drawn_anew(picture: bytes) -> bool:
    return picture.startswith(b"\xff\xd8\xff") and PLACE not in picture and b"Exif" not in picture


def test_a_photograph_of_a_telephone_is_drawn_anew_by_api_and_page(context: Flask) -> None:
    heic = make_heic(metadata())
    assert PLACE in heic
    by_api, by_page = Agreed(context), Agreed(context)
    desk = Desk(by_page.app, by_page.made.clinic, by_page.made.practitioner)

    by_api.add(heic)
    form = {
        "csrf_token": desk.api.csrf,
        "idempotency_key": uuid.uuid4().hex,
        "photo": (io.BytesIO(heic), "IMG_0001.HEIC"),
        "area": "face_cheeks",
        "view": "front",
        "kind": "before",
    }
    path = f"{desk.base}/patients/{by_page.made.patient_id}/photos"
    sent = desk.api.client.post(path, data=form, content_type="multipart/form-data")

    assert sent.status_code == 303, sent.text
    for agreed in (by_api, by_page):
        [photo] = agreed.listed()
        assert is_drawn_anew(agreed.api.client.get(photo["full_url"]).data)


def test_a_scan_of_a_telephone_is_drawn_anew_into_the_sealed_paper(context: Flask) -> None:
    desk = PaperDesk(make_asked_consent(make_discussed_plan()))
    desk.print()
    assert desk.answer()
    api, heic = Api(context, desk.clinic, desk.front), make_heic(metadata())

    pages = [(io.BytesIO(heic), f"{number}.heic") for number in (1, 2)]
    sent = api.client.post(
        api.url(f"/consents/{desk.asked.id}/papers/{desk.paper_id}/scan"),
        data={"scan": pages},
        headers={"X-CSRF-Token": api.csrf},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 200, sent.text
    signature = desk.confirm()

    with desk.clinic.scope() as scope:
        sealed = read_document(scope, signature.document_id)
    scans = [one.data for one in detach_files(sealed) if one.name.endswith(".jpg")]
    assert len(scans) == 2
    assert all(is_drawn_anew(one) for one in scans)
    assert PLACE not in sealed
