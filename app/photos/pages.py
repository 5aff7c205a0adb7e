"""Photographs for the clinic's people: a patient's album, two side by side, and those released."""

import uuid
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app import audit
from app.audit.places import read_place, write_place
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, asking_again, sent_file, sent_form, to_choose
from app.idempotency import idempotent
from app.kit.clock import now
from app.kit.photographs import MOST_BYTES
from app.pages_setup import moment
from app.patients.models import Patient
from app.patients.person import person_ids
from app.patients.queries import get_patient
from app.photos.album import KIND_WORDS, PURPOSE_WORDS, VIEW_WORDS, album_of
from app.photos.gallery_queries import list_marketing_photos
from app.photos.links import link_to
from app.photos.models import PhotoKind, PhotoPurpose, PhotoSize, PhotoView
from app.photos.services.add_photo import NewPhoto, add_photo, areas_to_photograph
from app.photos.services.use_photo import bring_back, put_aside, release_for_marketing
from app.plans.queries import list_visits_of_person
from app.staff_pages import go_to
from app.tenants.queries import get_location

bp = Blueprint("photo_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")
LARGEST_UPLOAD = MOST_BYTES + 64 * 1024
MOST_IN_GALLERY = 100
MOST_VISITS = 30


@bp.before_request
def take_larger_files() -> None:
    """A photograph is larger than other files that are sent here."""
    if request.endpoint == "photo_pages.add":
        request.max_content_length = LARGEST_UPLOAD


@bp.get("/patients/<uuid:patient_id>/photos")
@guard(Permission.PHOTO_READ)
def show_album(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Show a patient's photographs by area, and the form for a new one."""
    return _album(scope, patient_id, Form())


@bp.post("/patients/<uuid:patient_id>/photos")
@guard(Permission.PHOTO_WRITE)
@idempotent
def add(scope: TenantScope, patient_id: uuid.UUID) -> Response:
    """Add a photograph."""
    form, patient = sent_form(), get_patient(scope, patient_id)
    with asking_again(form, lambda again: _album(scope, patient_id, again), {"": "photo"}):
        data = sent_file("photo") or b""
        if not data:
            form.fail("photo", "Choose a photograph.")
        wanted = _wanted(scope, form, patient)
        form.check()
        add_photo(scope, wanted, data=data)
    return go_to(scope, f"/patients/{patient_id}/photos", "photo")


@bp.get("/patients/<uuid:patient_id>/photos/compare")
@guard(Permission.PHOTO_READ)
def compare(scope: TenantScope, patient_id: uuid.UUID) -> str:
    """Show before and after of one area side by side."""
    album = album_of(scope, patient_id)
    pairs = [one for one in album.shelves if one.before and one.after]
    asked = (request.args.get("area", ""), request.args.get("view", ""))
    chosen = next((one for one in pairs if (one.area, one.view) == asked), None)
    return render_template(
        "photos/compare.html",
        patient=get_patient(scope, patient_id),
        pairs=pairs,
        chosen=chosen or next(iter(pairs), None),
    )


@bp.post("/photos/<uuid:photo_id>/marketing")
@guard(Permission.PHOTO_MARKET)
@idempotent
def release(scope: TenantScope, photo_id: uuid.UUID) -> Response:
    """Release a clinical photograph for marketing."""
    photo = release_for_marketing(scope, photo_id=photo_id)
    return go_to(scope, f"/patients/{photo.patient_id}/photos", "photo-released")


@bp.post("/photos/<uuid:photo_id>/remove")
@guard(Permission.PHOTO_WRITE)
@idempotent
def remove(scope: TenantScope, photo_id: uuid.UUID) -> Response:
    """Put a photograph aside."""
    photo = put_aside(scope, photo_id=photo_id)
    return go_to(scope, f"/patients/{photo.patient_id}/photos", "photo-removed")


@bp.post("/photos/<uuid:photo_id>/restore")
@guard(Permission.PHOTO_WRITE)
@idempotent
def restore(scope: TenantScope, photo_id: uuid.UUID) -> Response:
    """Show a photograph again that was put aside by mistake."""
    photo = bring_back(scope, photo_id=photo_id)
    return go_to(scope, f"/patients/{photo.patient_id}/photos", "photo-restored")


@bp.get("/marketing-photos")
@guard(Permission.PHOTO_MARKET)
def show_gallery(scope: TenantScope) -> str:
    """Show what may be shown to others now, without saying whose it is."""
    before = request.args.get("before", "")
    found = list_marketing_photos(scope, before=read_place(before), most=MOST_IN_GALLERY)
    last = found[-1] if len(found) == MOST_IN_GALLERY else None
    areas = areas_to_photograph(scope) if found else {}
    audit.record(scope, "photos:gallery:read", subject_id=scope.tenant_id, shown=len(found))
    pictures = [
        {
            "title": f"{KIND_WORDS[one.kind]}: {areas.get(one.area, one.area)},"
            f" {VIEW_WORDS[one.view]}",
            "small": link_to(scope, one, PhotoSize.SMALL, gallery=True),
            "full": link_to(scope, one, PhotoSize.FULL, gallery=True),
        }
        for one in found
    ]
    return render_template(
        "photos/gallery.html",
        pictures=pictures,
        following=write_place((last.taken_at, last.id) if last else None),
        is_first=not before,
    )


def _wanted(scope: TenantScope, form: Form, patient: Patient) -> NewPhoto:
    taken_on = form.optional_day("taken", "Enter the day on which it was taken.")
    zone = get_location(scope, patient.location_id).zone
    taken_at = None
    if taken_on is not None:
        # A day alone was given: noon there, or this moment where the day is today.
        noon = datetime.combine(taken_on, time(12), ZoneInfo(zone))
        taken_at = (
            min(noon, now()) if noon.date() == now().astimezone(ZoneInfo(zone)).date() else noon
        )
    return NewPhoto(
        patient_id=patient.id,
        area=form.choice("area", areas_to_photograph(scope), "Choose the area."),
        view=PhotoView(form.choice("view", VIEW_WORDS, "Choose the view.") or "front"),
        kind=PhotoKind(
            form.choice("kind", KIND_WORDS, "Choose before, after or other.") or "other"
        ),
        purpose=_purpose(form),
        visit_id=_visit_id(form),
        taken_at=taken_at,
    )


def _purpose(form: Form) -> PhotoPurpose:
    """Return for what it is kept: for the record unless something else was chosen."""
    if not form.typed("purpose"):
        return PhotoPurpose.CLINICAL
    chosen = form.choice("purpose", PURPOSE_WORDS, "Choose for what it is kept.")
    return PhotoPurpose(chosen) if chosen in PURPOSE_WORDS else PhotoPurpose.CLINICAL


def _visit_id(form: Form) -> uuid.UUID | None:
    """Return the visit that was chosen, or None; whose it is, the service asks."""
    return form.key_of("visit_id", "Choose the visit.") if form.typed("visit_id") else None


def _visits(scope: TenantScope, patient: Patient) -> list[dict[str, str]]:
    """Return the visits to choose from, without one first: a photograph need not have any."""
    zone = get_location(scope, patient.location_id).zone
    soon = now() + timedelta(days=1)
    people = person_ids(scope, patient.id)
    visits = list_visits_of_person(scope, people, until=soon, most=MOST_VISITS)
    return [
        {"value": "", "label": "No visit"},
        *({"value": str(one.id), "label": moment(one.planned_at, zone)} for one in visits),
    ]


def _album(scope: TenantScope, patient_id: uuid.UUID, form: Form) -> str:
    album, patient = album_of(scope, patient_id), get_patient(scope, patient_id)

    def listed(words: dict[str, str], told: str) -> list[dict[str, str]]:
        return to_choose([{"value": key, "label": word} for key, word in words.items()], told)

    return render_template(
        "photos/album.html",
        form=form,
        patient=patient,
        album=album,
        purposes=[
            {"value": one.value, "label": PURPOSE_WORDS[one]}
            for one in PhotoPurpose
            if one in album.agreed
        ],
        visits=_visits(scope, patient),
        may_release=PhotoPurpose.MARKETING in album.agreed,
        areas=listed(album.areas, "Choose the area"),
        views=listed({key: f"Taken {word}" for key, word in VIEW_WORDS.items()}, "Choose the view"),
        kinds=[{"value": key, "label": word} for key, word in KIND_WORDS.items()],
    )
