"""What is done with a photograph that is there: looked at, released for marketing, put aside."""

import uuid
from hashlib import sha256

from app import audit
from app.database import TenantScope
from app.documents.files import store
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.photographs import Drawn
from app.photos import queries
from app.photos.errors import NoPhotoConsent, PhotoUnknown
from app.photos.models import Photo, PhotoFile, PhotoPurpose, PhotoSize
from app.photos.services.add_photo import keep_file, not_agreed, write_photo
from app.storage.errors import ObjectDamaged
from app.vault import decrypt_file, patient_key


def get_shown(scope: TenantScope, photo_id: uuid.UUID) -> Photo:
    """Return a photograph whose consent stands now; raises PhotoUnknown for every other."""
    photo = queries.get_photo(scope, photo_id)
    if PhotoPurpose(photo.purpose) not in queries.list_purposes_agreed(scope, photo.patient_id):
        raise PhotoUnknown("There is no such photograph.")
    return photo


def read_photo(scope: TenantScope, *, photo_id: uuid.UUID, size: PhotoSize) -> bytes:
    """Return one size of a photograph whose consent stands; who looked is recorded.

    Raises PhotoUnknown, StoreUnavailable, ObjectDamaged, or NotReadable when it was erased.
    """
    photo = get_shown(scope, photo_id)
    data = open_file(scope, queries.get_file(scope, photo.id, size))
    audit.record(
        scope,
        "photos:photo:read",
        subject_id=photo.id,
        patient_id=photo.patient_id,
        size=size.value,
    )
    return data


def open_file(scope: TenantScope, file: PhotoFile) -> bytes:
    """Return the plain bytes of a file, compared with what was kept."""
    key = patient_key(scope.tenant_id, file.patient_id, file.retention)
    cipher = store().get(file.object_name)
    data = decrypt_file(key, object_name=file.object_name, data=cipher)
    if sha256(data).digest() != file.sha256:
        raise ObjectDamaged("The stored file is not the one that was kept.")
    return data


def release_for_marketing(scope: TenantScope, *, photo_id: uuid.UUID) -> Photo:
    """Return the copy of a clinical photograph that may be shown to others, made now or before.

    A copy of its own, under the key of marketing: taking that back, or erasing it, leaves the
    record whole. Raises NoPhotoConsent or PhotoUnknown.
    """
    original = get_shown(scope, photo_id)
    if original.purpose == PhotoPurpose.MARKETING:
        return original
    agreed = queries.list_purposes_agreed(scope, original.patient_id)
    if PhotoPurpose.MARKETING not in agreed:
        raise NoPhotoConsent(
            "The patient has not agreed to marketing photographs, or took that back.",
            purpose=PhotoPurpose.MARKETING.value,
        )
    queries.get_photo_for_update(scope, original.id)
    made = queries.find_copy(scope, original.id)
    if made is not None:
        return made
    copy = _copy_of(scope, original)
    files = [_copied(scope, original, copy, size) for size in PhotoSize]
    return write_photo(scope, copy, files)


def put_aside(scope: TenantScope, *, photo_id: uuid.UUID) -> Photo:
    """Take a photograph out of every page, as one of the wrong patient; twice is once.

    The file stays as long as the record, since it is not ours to decide that it never was.
    """
    photo = queries.get_photo_for_update(scope, photo_id)
    if photo.removed_at is None:
        photo.removed_at, photo.removed_by = now(), scope.actor.id
        audit.record(scope, "photos:photo:remove", subject_id=photo.id, patient_id=photo.patient_id)
    return photo


def bring_back(scope: TenantScope, *, photo_id: uuid.UUID) -> Photo:
    """Show a photograph again that somebody had put aside by mistake; twice is once.

    Raises PhotoUnknown for one that was erased, and NoPhotoConsent where the consent to its use
    does not stand any more.
    """
    photo = queries.get_photo_for_update(scope, photo_id)
    if photo.removed_at is None:
        return get_shown(scope, photo.id)
    if photo.removed_by is None:
        raise PhotoUnknown("There is no such photograph.")
    purpose = PhotoPurpose(photo.purpose)
    if purpose not in queries.list_purposes_agreed(scope, photo.patient_id):
        raise not_agreed(purpose)
    photo.removed_at = photo.removed_by = None
    audit.record(scope, "photos:photo:restore", subject_id=photo.id, patient_id=photo.patient_id)
    return photo


def _copy_of(scope: TenantScope, original: Photo) -> Photo:
    return Photo(
        tenant_id=scope.tenant_id,
        id=new_id(),
        patient_id=original.patient_id,
        location_id=original.location_id,
        plan_id=original.plan_id,
        visit_id=original.visit_id,
        copied_from=original.id,
        area=original.area,
        view=original.view,
        kind=original.kind,
        purpose=PhotoPurpose.MARKETING.value,
        taken_at=original.taken_at,
        added_at=now(),
        added_by=scope.actor.id,
    )


def _copied(scope: TenantScope, original: Photo, copy: Photo, size: PhotoSize) -> PhotoFile:
    file = queries.get_file(scope, original.id, size)
    return keep_file(scope, copy, size, Drawn(open_file(scope, file), file.width, file.height))
