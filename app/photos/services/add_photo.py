"""A photograph is added: drawn anew, encrypted, and kept only where the patient has agreed.

The consent is asked before anything is opened, and once more under a lock before the row is
written, so that a withdrawal in between wins. The store is written before the row: a file without
a row is nobody's and is swept up at night.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from app import audit
from app.catalogue.queries import content_of, get_catalogue_in_force
from app.database import TenantScope
from app.documents.files import store
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.photographs import Drawn, PhotographRefused, draw_photograph
from app.patients.models import Patient
from app.patients.person import person_ids
from app.patients.queries import get_patient
from app.patients.services.limit_use import require_unrestricted
from app.photos import queries
from app.photos.errors import NoPhotoConsent, PhotoRefused, PhotoTooLarge
from app.photos.models import Photo, PhotoFile, PhotoKind, PhotoPurpose, PhotoSize, PhotoView
from app.plans.models import Visit
from app.plans.queries import get_visit
from app.storage.object_store import name_within
from app.vault import encrypt_file, is_shredded, patient_key, renew_key

MOST_PHOTOS = 1000
WORDS = {PhotoPurpose.CLINICAL: "for the record", PhotoPurpose.MARKETING: "for marketing"}


@dataclass(frozen=True)
class NewPhoto:
    """What a photograph shows. ``taken_at`` is an aware instant; None means now."""

    patient_id: uuid.UUID
    area: str
    view: PhotoView
    kind: PhotoKind
    purpose: PhotoPurpose = PhotoPurpose.CLINICAL
    visit_id: uuid.UUID | None = None
    taken_at: datetime | None = None


def add_photo(scope: TenantScope, wanted: NewPhoto, *, data: bytes) -> Photo:
    """Keep a photograph; the very same picture again is the one that is there already.

    Raises NoPhotoConsent, PhotoRefused, PhotoTooLarge, ProcessingRestricted, PatientDeceased, or
    StoreUnavailable; then nothing is kept.
    """
    patient = get_patient(scope, wanted.patient_id)
    require_unrestricted(scope, patient.id)
    if wanted.purpose not in queries.list_purposes_agreed(scope, patient.id):
        raise not_agreed(wanted.purpose)
    visit = _visit_of(scope, wanted)
    _check(scope, wanted)
    try:
        drawn = draw_photograph(data)
    except PhotographRefused as refused:
        if refused.is_too_large:
            raise PhotoTooLarge(refused.reason) from refused
        raise _refused("photo", refused.reason) from refused
    same = queries.find_same(
        scope,
        patient_id=patient.id,
        purpose=wanted.purpose,
        sha256=sha256(drawn.full.jpeg).digest(),
    )
    if same is not None:
        return same
    photo = _row(scope, wanted, patient, visit)
    sizes = {PhotoSize.FULL: drawn.full, PhotoSize.SMALL: drawn.small}
    files = [keep_file(scope, photo, size, one) for size, one in sizes.items()]
    return write_photo(scope, photo, files)


def write_photo(scope: TenantScope, photo: Photo, files: list[PhotoFile]) -> Photo:
    """Write the rows of a photograph, if the consent stands at this very moment."""
    purpose = PhotoPurpose(photo.purpose)
    if queries.get_consent_for_share(scope, photo.patient_id, purpose) is None:
        raise not_agreed(purpose)
    scope.session.add(photo)
    scope.session.flush()
    scope.session.add_all(files)
    audit.record(
        scope,
        "photos:photo:add",
        subject_id=photo.id,
        patient_id=photo.patient_id,
        purpose=photo.purpose,
        kind=photo.kind,
    )
    return photo


def keep_file(scope: TenantScope, photo: Photo, size: PhotoSize, drawn: Drawn) -> PhotoFile:
    """Encrypt and store one size, and return its row, not yet written."""
    row_id = new_id()
    name = name_within("photos", scope.tenant_id, row_id)
    marketing = PhotoPurpose.MARKETING.value
    if photo.purpose == marketing and is_shredded(scope.tenant_id, photo.patient_id, marketing):
        # They had it erased and have agreed anew; what the old key closed stays closed.
        renew_key(scope.tenant_id, photo.patient_id, marketing)
    key = patient_key(scope.tenant_id, photo.patient_id, photo.purpose)
    cipher = encrypt_file(key, object_name=name, data=drawn.jpeg)
    return PhotoFile(
        tenant_id=scope.tenant_id,
        id=row_id,
        photo_id=photo.id,
        patient_id=photo.patient_id,
        size=size.value,
        retention=photo.purpose,
        width=drawn.width,
        height=drawn.height,
        length=len(drawn.jpeg),
        sha256=sha256(drawn.jpeg).digest(),
        cipher_sha256=bytes.fromhex(store().put(name, cipher)),
        object_name=name,
    )


def _row(scope: TenantScope, wanted: NewPhoto, patient: Patient, visit: Visit | None) -> Photo:
    at = now()
    return Photo(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=patient.id,
        location_id=patient.location_id,
        plan_id=None if visit is None else visit.plan_id,
        visit_id=None if visit is None else visit.id,
        area=wanted.area,
        view=wanted.view.value,
        kind=wanted.kind.value,
        purpose=wanted.purpose.value,
        taken_at=wanted.taken_at or at,
        added_at=at,
        added_by=scope.actor.id,
    )


def _visit_of(scope: TenantScope, wanted: NewPhoto) -> Visit | None:
    if wanted.visit_id is None:
        return None
    visit = get_visit(scope, wanted.visit_id)
    if visit.patient_id not in person_ids(scope, wanted.patient_id):
        raise _refused("visit_id", "This visit is another patient's.")
    return visit


def _check(scope: TenantScope, wanted: NewPhoto) -> None:
    """Refuse an area that nobody has, a day to come, and more than anybody can look through."""
    if wanted.area not in areas_to_photograph(scope):
        raise _refused("area", "Choose the area that the photograph shows.")
    if wanted.taken_at is not None and wanted.taken_at > now():
        raise _refused("taken_at", "A photograph is not taken in the future.")
    if sum(queries.count_photos(scope, wanted.patient_id).values()) >= MOST_PHOTOS:
        raise _refused("photo", f"A patient has at most {MOST_PHOTOS} photographs.")


def areas_to_photograph(scope: TenantScope) -> dict[str, str]:
    """Return the titles of all places of the body by id, those included that nobody treats."""
    catalogue = content_of(get_catalogue_in_force(scope))
    titles = {one.id: one.title for one in catalogue.areas}
    for place in catalogue.never_treat:
        titles.setdefault(place.id, place.title)
    return titles


def _refused(field: str, told: str) -> PhotoRefused:
    return PhotoRefused(told, fields={field: told})


def not_agreed(purpose: PhotoPurpose) -> NoPhotoConsent:
    """Return the refusal of a use that the patient has not agreed to."""
    return NoPhotoConsent(
        f"The patient has not agreed to photographs {WORDS[purpose]}, or took that back."
        " Send the form first.",
        purpose=purpose.value,
    )
