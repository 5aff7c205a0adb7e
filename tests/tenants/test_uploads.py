"""Programs upload logos and evidence: drawn anew, limited in size, and once for each key."""

import io
import uuid
from typing import Any

import pytest
from flask import Flask
from PIL import Image, PngImagePlugin
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.tenants import place_queries
from app.tenants.models import Role
from app.tenants.services.keep_evidence import MOST_BYTES
from tests.factories.tenants import MadeClinic, add_staff, make_clinic, qualify
from tests.support.api import Api

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def owner(context: Flask, clinic: MadeClinic) -> Api:
    return Api(context, clinic, clinic.owner)


def picture() -> bytes:
    """Return a picture with words in it that nobody sees."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "where she lives")
    written = io.BytesIO()
    Image.new("RGB", (900, 300), "#7a2b56").save(written, "PNG", pnginfo=words)
    return written.getvalue()


def send(api: Api, path: str, expect: int, key: str = "", **parts: Any) -> Any:
    """Send a form; bytes are files whose name and type are made up each time."""
    files = {
        name: FileStorage(io.BytesIO(one), f"{uuid.uuid4().hex}.exe", content_type="text/html")
        if isinstance(one, bytes)
        else one
        for name, one in parts.items()
    }
    boundary, data = encode_multipart(files)
    headers = {"X-CSRF-Token": api.csrf, "Idempotency-Key": key or uuid.uuid4().hex}
    answer: TestResponse = api.client.post(
        api.url(path),
        data=data,
        headers=headers,
        content_type=f"multipart/form-data; boundary={boundary}",
    )
    assert answer.status_code == expect, f"{answer.status_code}: {answer.text}"
    return answer.get_json()


def test_a_logo_is_drawn_anew_and_counts_once_settings_name_it(
    clinic: MadeClinic, owner: Api
) -> None:
    logo = send(owner, "/logos", 201, logo=picture())
    assert (logo["width"], logo["height"]) == (600, 200)
    drawn = owner.client.get(f"/brand/{clinic.tenant_id}/{logo['id']}.png").data
    assert drawn.startswith(b"\x89PNG")
    assert b"where she lives" not in drawn

    settings = owner.get("/settings")
    for own in ("id", "number", "made_at", "made_by"):
        settings.pop(own, None)
    assert settings["logo_id"] is None
    saved = owner.put("/settings", settings | {"logo_id": logo["id"]}, match=1)
    assert saved["logo_id"] == logo["id"]


def test_the_same_key_keeps_a_file_once_and_another_file_is_refused(
    context: Flask, clinic: MadeClinic, owner: Api
) -> None:
    held = qualify(clinic, add_staff(clinic, Role.PRACTITIONER))
    path, key = f"/qualifications/{held}/evidence", uuid.uuid4().hex

    first = send(owner, path, 201, key, evidence=PDF)
    assert send(owner, path, 201, key, evidence=PDF) == first
    assert send(owner, path, 409, key, evidence=picture())["code"] == "idempotency_key_reused"

    assert owner.get(path) == [first]
    assert (first["media_type"], first["length"]) == ("application/pdf", len(PDF))
    file = owner.client.get(owner.url(f"{path}/{first['id']}/file"))
    assert (file.data, file.headers["Content-Type"]) == (PDF, "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment")
    with clinic.scope() as scope:
        [row] = place_queries.list_evidence(scope, [held])
    assert context.extensions["needlepoint_store"].get(row.object_name) != PDF


def test_what_is_no_picture_too_large_or_more_than_the_file_is_refused(
    clinic: MadeClinic, owner: Api
) -> None:
    held = qualify(clinic, add_staff(clinic, Role.PRACTITIONER))
    path = f"/qualifications/{held}/evidence"

    assert "logo" in send(owner, "/logos", 422, logo=b"<svg onload='x'/>")["fields"]
    assert send(owner, "/logos", 422, logo="words")["fields"]["logo"] == [
        "Only files are taken here."
    ]
    assert "id" in send(owner, "/logos", 422, logo=picture(), id=held.hex)["fields"]
    assert "logo" in send(owner, "/logos", 422, logo=bytes(1024 * 1024 + 1))["fields"]
    assert "evidence" in send(owner, path, 422, evidence=PDF + b"/JavaScript")["fields"]
    assert "evidence" in send(owner, path, 422, evidence=PDF + bytes(MOST_BYTES))["fields"]
    assert send(owner, path, 413, evidence=bytes(MOST_BYTES + 128 * 1024))["code"]
    assert owner.get(path) == []
