"""A patient's photographs as pages show them: by area and view, the first before, the last after.

What is hidden is counted and not shown: a consent that was taken back ends looking at once, while
the record keeps what the law asks for.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from app import audit
from app.database import TenantScope
from app.pages_setup import moment
from app.patients.queries import get_patient
from app.photos import queries
from app.photos.links import link_to
from app.photos.models import Photo, PhotoKind, PhotoPurpose, PhotoSize
from app.photos.services.add_photo import areas_to_photograph
from app.tenants.queries import get_location, map_staff_names

VIEW_WORDS = {
    "front": "from the front",
    "left": "from the left",
    "right": "from the right",
    "left_oblique": "half left",
    "right_oblique": "half right",
    "above": "from above",
    "back": "from the back",
    "close": "close up",
}
PURPOSE_WORDS = {"clinical": "For the record", "marketing": "For marketing"}
KIND_WORDS = {"before": "Before", "after": "After", "other": "Other"}


@dataclass(frozen=True)
class Picture:
    """One photograph on a page; the links work for five minutes."""

    photo: Photo
    title: str
    taken: str
    small: str
    full: str
    is_released: bool


@dataclass(frozen=True)
class Shelf:
    """The photographs of one area from one side."""

    area: str
    view: str
    title: str
    pictures: tuple[Picture, ...]

    @property
    def before(self) -> Picture | None:
        """The first one from before a treatment."""
        found = (one for one in self.pictures if one.photo.kind == PhotoKind.BEFORE)
        return next(found, None)

    @property
    def after(self) -> Picture | None:
        """The last one from after a treatment."""
        found = (one for one in reversed(self.pictures) if one.photo.kind == PhotoKind.AFTER)
        return next(found, None)


@dataclass(frozen=True)
class PutAside:
    """A photograph that is not shown, told in words: whoever brings it back has to know it."""

    id: uuid.UUID
    title: str
    taken: str
    when: str
    who: str


@dataclass(frozen=True)
class Album:
    """Everything of a patient's page; ``hidden`` counts what may not be shown now."""

    agreed: frozenset[PhotoPurpose]
    shelves: tuple[Shelf, ...]
    hidden: int
    areas: dict[str, str]
    put_aside: tuple[PutAside, ...]


def album_of(scope: TenantScope, patient_id: uuid.UUID) -> Album:
    """Return a patient's photographs whose consent stands; that somebody looked is recorded."""
    patient = get_patient(scope, patient_id)
    agreed = queries.list_purposes_agreed(scope, patient.id)
    photos = queries.list_photos(scope, patient.id, agreed)
    counted = queries.count_photos(scope, patient.id)
    areas = areas_to_photograph(scope)
    zone = get_location(scope, patient.location_id).zone
    audit.record(
        scope,
        "photos:album:read",
        subject_id=patient.id,
        patient_id=patient.id,
        shown=len(photos),
    )
    hidden = sum(counted.values()) - len(photos)
    aside = _put_aside(
        scope, queries.list_photos(scope, patient.id, agreed, put_aside=True), areas, zone
    )
    return Album(agreed, _shelves(scope, photos, areas, zone), hidden, areas, aside)


def _put_aside(
    scope: TenantScope, photos: Sequence[Photo], areas: dict[str, str], zone: str
) -> tuple[PutAside, ...]:
    names = map_staff_names(scope) if photos else {}
    return tuple(
        PutAside(
            one.id,
            _title(one, areas),
            moment(one.taken_at, zone),
            moment(one.removed_at, zone),
            names.get(one.removed_by, "somebody"),
        )
        for one in photos
        if one.removed_at is not None and one.removed_by is not None
    )


def _title(photo: Photo, areas: dict[str, str]) -> str:
    where = areas.get(photo.area, photo.area)
    return f"{KIND_WORDS[photo.kind]}: {where}, {VIEW_WORDS[photo.view]}"


def _shelves(
    scope: TenantScope, photos: Sequence[Photo], areas: dict[str, str], zone: str
) -> tuple[Shelf, ...]:
    released = {one.copied_from for one in photos if one.copied_from is not None}
    kept: dict[tuple[str, str], list[Picture]] = {}
    for photo in photos:
        picture = Picture(
            photo,
            _title(photo, areas),
            moment(photo.taken_at, zone),
            link_to(scope, photo, PhotoSize.SMALL),
            link_to(scope, photo, PhotoSize.FULL),
            photo.id in released,
        )
        kept.setdefault((photo.area, photo.view), []).append(picture)
    return tuple(
        Shelf(area, view, f"{areas.get(area, area)}, {VIEW_WORDS[view]}", tuple(pictures))
        for (area, view), pictures in sorted(kept.items())
    )
