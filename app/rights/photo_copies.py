"""The photographs in a patient's copy of their data: every one that is kept, shown or not."""

import uuid
from collections.abc import Collection

from app.database import TenantScope
from app.kit.speech import mark
from app.patients.models import Patient
from app.patients.person import person_ids
from app.photos.models import Photo, PhotoFile, PhotoPurpose, PhotoSize
from app.photos.queries import list_files_of
from app.photos.services.use_photo import open_file
from app.vault import KeyShredded

TITLES = {
    "before": mark("Before a treatment"),
    "after": mark("After a treatment"),
    "other": mark("Another time"),
}


def photographs_of(scope: TenantScope, patient: Patient) -> dict[str, tuple[Photo, bytes]]:
    """Return a person's photographs in full size by the name that they get in the copy.

    Raises StoreUnavailable or ObjectDamaged where one cannot be had: a copy with a gap is none.
    """
    found: dict[str, tuple[Photo, bytes]] = {}
    for photo, file in _full(scope, person_ids(scope, patient.id)):
        name = f"photos/{photo.taken_at:%Y-%m-%d}-{photo.purpose}-{photo.kind}"
        try:
            found[f"{name}-{str(photo.id)[-6:]}.jpg"] = (photo, open_file(scope, file))
        except KeyShredded:
            continue
    return found


def _full(scope: TenantScope, patient_ids: Collection[uuid.UUID]) -> list[tuple[Photo, PhotoFile]]:
    return [
        (photo, file)
        for purpose in PhotoPurpose
        for photo, file in list_files_of(scope, patient_ids, purpose.value)
        if file.size == PhotoSize.FULL
    ]
