"""Photographs, for programs: added as base64, handed out through links of five minutes."""

import base64
import uuid
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint

from app import audit
from app.audit.places import read_place, write_place
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.errors import Invalid
from app.idempotency import idempotent
from app.patients.queries import get_patient
from app.photos import queries
from app.photos.errors import PhotoLinkOver, PhotoUnknown
from app.photos.gallery_queries import list_marketing_photos
from app.photos.links import ends_at, is_good, link_to
from app.photos.models import Photo, PhotoKind, PhotoPurpose, PhotoSize, PhotoView
from app.photos.schemas import (
    LARGEST_BODY,
    MarketingPhotoResponse,
    PhotoRequest,
    PhotoResponse,
    PutAsideResponse,
)
from app.photos.services.add_photo import NewPhoto, add_photo
from app.photos.services.use_photo import (
    bring_back,
    get_shown,
    put_aside,
    read_photo,
    release_for_marketing,
)
from app.schemas import PageQuery

bp = Blueprint(
    "photos", __name__, url_prefix="/api/v1/clinics/<uuid:clinic_id>", description="Photographs"
)
MOST_IN_GALLERY = 100


@bp.before_request
def take_larger_bodies() -> None:
    """A photograph is larger than anything else that is sent as JSON."""
    if request.endpoint == "photos.add":
        request.max_content_length = LARGEST_BODY


@bp.get("/patients/<uuid:patient_id>/photos")
@guard(Permission.PHOTO_READ)
@bp.response(200, PhotoResponse(many=True))
def list_photos(scope: TenantScope, patient_id: uuid.UUID) -> list[dict[str, Any]]:
    """List a patient's photographs whose consent stands."""
    patient = get_patient(scope, patient_id)
    agreed = queries.list_purposes_agreed(scope, patient.id)
    found = queries.list_photos(scope, patient.id, agreed)
    audit.record(
        scope,
        "photos:album:read",
        subject_id=patient.id,
        patient_id=patient.id,
        shown=len(found),
    )
    return [_told(scope, one) for one in found]


@bp.post("/patients/<uuid:patient_id>/photos")
@guard(Permission.PHOTO_WRITE)
@idempotent
@bp.arguments(PhotoRequest)
@bp.response(201, PhotoResponse)
def add(scope: TenantScope, wanted: dict[str, Any], patient_id: uuid.UUID) -> dict[str, Any]:
    """Add a photograph; it is drawn anew and nothing else of the file is kept."""
    try:
        data = base64.b64decode(wanted.pop("photo"), validate=True)
    except ValueError as bad:
        raise Invalid("The photograph is not base64.", fields={"photo": "not base64"}) from bad
    new = NewPhoto(
        patient_id=patient_id,
        area=wanted["area"],
        view=PhotoView(wanted["view"]),
        kind=PhotoKind(wanted["kind"]),
        purpose=PhotoPurpose(wanted["purpose"]),
        visit_id=wanted["visit_id"],
        taken_at=wanted["taken_at"],
    )
    return _told(scope, add_photo(scope, new, data=data))


@bp.get("/photos/<uuid:photo_id>")
@guard(Permission.PHOTO_READ)
@bp.response(200, PhotoResponse)
def get(scope: TenantScope, photo_id: uuid.UUID) -> dict[str, Any]:
    """Return a photograph with fresh links."""
    return _told(scope, get_shown(scope, photo_id))


@bp.get("/photos/<uuid:photo_id>/files/<size>")
@guard(Permission.PHOTO_READ)
@bp.response(200, content_type="image/jpeg")
@bp.alt_response(410, description="The link is over, or somebody else asked for it")
def get_file(scope: TenantScope, photo_id: uuid.UUID, size: str) -> Response:
    """Return one size of a photograph, "full" or "small"; the link was good for five minutes."""
    return _served(scope, photo_id, size)


@bp.post("/photos/<uuid:photo_id>/marketing")
@guard(Permission.PHOTO_MARKET)
@idempotent
@bp.response(201, PhotoResponse)
def release(scope: TenantScope, photo_id: uuid.UUID) -> dict[str, Any]:
    """Release a clinical photograph for marketing, where the patient has agreed to that."""
    return _told(scope, release_for_marketing(scope, photo_id=photo_id))


@bp.post("/photos/<uuid:photo_id>/remove")
@guard(Permission.PHOTO_WRITE)
@idempotent
@bp.response(200, PutAsideResponse)
def remove(scope: TenantScope, photo_id: uuid.UUID) -> Photo:
    """Put a photograph aside, as one of the wrong patient."""
    return put_aside(scope, photo_id=photo_id)


@bp.post("/photos/<uuid:photo_id>/restore")
@guard(Permission.PHOTO_WRITE)
@idempotent
@bp.response(200, PhotoResponse)
def restore(scope: TenantScope, photo_id: uuid.UUID) -> dict[str, Any]:
    """Show a photograph again that was put aside by mistake."""
    return _told(scope, bring_back(scope, photo_id=photo_id))


@bp.get("/marketing-photos")
@guard(Permission.PHOTO_MARKET)
@bp.arguments(PageQuery, location="query")
@bp.response(200, MarketingPhotoResponse(many=True))
def list_gallery(scope: TenantScope, asked: dict[str, str]) -> list[dict[str, Any]]:
    """List the photographs that may be shown to others now, the newest first, 100 at most.

    ``after`` is the ``place`` of the last line of the page before.
    """
    before = read_place(asked["after"])
    return [
        {**_told(scope, one, gallery=True), "place": write_place((one.taken_at, one.id))}
        for one in list_marketing_photos(scope, before=before, most=MOST_IN_GALLERY)
    ]


@bp.get("/marketing-photos/<uuid:photo_id>/files/<size>")
@guard(Permission.PHOTO_MARKET)
@bp.response(200, content_type="image/jpeg")
@bp.alt_response(410, description="The link is over, or somebody else asked for it")
def get_gallery_file(scope: TenantScope, photo_id: uuid.UUID, size: str) -> Response:
    """Return one size of a photograph for marketing; 404 as soon as the consent ends."""
    if get_shown(scope, photo_id).purpose != PhotoPurpose.MARKETING:
        raise PhotoUnknown("There is no such photograph.")
    return _served(scope, photo_id, size)


def _told(scope: TenantScope, photo: Photo, *, gallery: bool = False) -> dict[str, Any]:
    return {
        "photo": photo,
        "full_url": link_to(scope, photo, PhotoSize.FULL, gallery=gallery),
        "small_url": link_to(scope, photo, PhotoSize.SMALL, gallery=gallery),
        "links_end_at": ends_at(),
    }


def _served(scope: TenantScope, photo_id: uuid.UUID, size: str) -> Response:
    if size not in {one.value for one in PhotoSize}:
        raise PhotoUnknown("There is no such photograph.")
    photo, wanted = get_shown(scope, photo_id), PhotoSize(size)
    until, tag = request.args.get("until", ""), request.args.get("tag", "")
    if not is_good(scope, photo.id, wanted, until, tag):
        raise PhotoLinkOver
    answer = Response(read_photo(scope, photo_id=photo.id, size=wanted), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    return answer
