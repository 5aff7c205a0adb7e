"""Questions about photographs and about the consents that they need."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, or_, select

from app.consent.models import Consent, ConsentState
from app.database import TenantScope
from app.kit.clock import now
from app.patients.limit_models import LimitKind, PatientLimit
from app.patients.person import person_ids
from app.photos.errors import PhotoUnknown
from app.photos.models import Photo, PhotoFile, PhotoPurpose, PhotoSize

# Which consent each purpose needs.
NEEDED: Mapping[PhotoPurpose, str] = {
    PhotoPurpose.CLINICAL: "clinical_photos",
    PhotoPurpose.MARKETING: "marketing_photos",
}
# Under a restriction data are only kept, so that nothing is shown to others.
ENDS_MARKETING = (LimitKind.MARKETING_OBJECTION.value, LimitKind.RESTRICTION.value)


def list_purposes_agreed(scope: TenantScope, patient_id: uuid.UUID) -> frozenset[PhotoPurpose]:
    """Return for what photographs of a person may be used now, all their records taken together.

    An objection to marketing, or a restriction, weighs more than a consent from before it.
    """
    at = now()
    statement = select(Consent.purpose).where(
        Consent.tenant_id == scope.tenant_id,
        Consent.patient_id.in_(person_ids(scope, patient_id)),
        Consent.state == ConsentState.ACTIVE.value,
        Consent.purpose.in_(list(NEEDED.values())),
        or_(Consent.valid_until.is_(None), Consent.valid_until > at),
    )
    # Whether somebody agreed is asked of the whole clinic, whoever asks.
    agreed = set(scope.session.scalars(statement.execution_options(everywhere=True)))
    found = {purpose for purpose, needed in NEEDED.items() if needed in agreed}
    if _objects(scope, patient_id):
        found.discard(PhotoPurpose.MARKETING)
    return frozenset(found)


def get_consent_for_share(
    scope: TenantScope, patient_id: uuid.UUID, purpose: PhotoPurpose
) -> Consent | None:
    """Return the consent that allows a purpose now, so that it cannot be taken back meanwhile."""
    statement = (
        select(Consent)
        .where(
            Consent.tenant_id == scope.tenant_id,
            Consent.patient_id.in_(person_ids(scope, patient_id)),
            Consent.state == ConsentState.ACTIVE.value,
            Consent.purpose == NEEDED[purpose],
            or_(Consent.valid_until.is_(None), Consent.valid_until > now()),
        )
        .order_by(Consent.id)
        .limit(1)
        .with_for_update(read=True)
        .execution_options(everywhere=True, populate_existing=True)
    )
    return scope.session.scalar(statement)


def _objects(scope: TenantScope, patient_id: uuid.UUID) -> bool:
    statement = (
        select(PatientLimit.id)
        .where(
            PatientLimit.tenant_id == scope.tenant_id,
            PatientLimit.patient_id.in_(person_ids(scope, patient_id)),
            PatientLimit.kind.in_(ENDS_MARKETING),
            PatientLimit.lifted_at.is_(None),
        )
        .limit(1)
        .execution_options(everywhere=True)
    )
    return scope.session.scalar(statement) is not None


def get_photo(scope: TenantScope, photo_id: uuid.UUID) -> Photo:
    """Return a photograph that was not put aside; raises PhotoUnknown."""
    found = scope.session.get(Photo, (scope.tenant_id, photo_id))
    if found is None or found.removed_at is not None:
        raise PhotoUnknown("There is no such photograph.")
    return found


def get_photo_for_update(scope: TenantScope, photo_id: uuid.UUID) -> Photo:
    """Return a photograph, locked until the transaction ends; raises PhotoUnknown."""
    statement = (
        select(Photo)
        .where(Photo.tenant_id == scope.tenant_id, Photo.id == photo_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise PhotoUnknown("There is no such photograph.")
    return found


def list_photos(
    scope: TenantScope,
    patient_id: uuid.UUID,
    purposes: Collection[PhotoPurpose],
    *,
    put_aside: bool = False,
) -> Sequence[Photo]:
    """Return a person's photographs for some purposes, or those put aside; the first first.

    What was erased was put aside by nobody, and is in neither.
    """
    wanted = Photo.removed_by.is_not(None) if put_aside else Photo.removed_at.is_(None)
    statement = (
        select(Photo)
        .where(
            Photo.tenant_id == scope.tenant_id,
            Photo.patient_id.in_(person_ids(scope, patient_id)),
            Photo.purpose.in_([one.value for one in purposes]),
            wanted,
        )
        .order_by(Photo.taken_at, Photo.id)
    )
    return scope.session.scalars(statement).all()


def count_photos(scope: TenantScope, patient_id: uuid.UUID) -> dict[str, int]:
    """Return how many photographs of a person there are, by purpose."""
    statement = (
        select(Photo.purpose, func.count(Photo.id))
        .where(
            Photo.tenant_id == scope.tenant_id,
            Photo.patient_id.in_(person_ids(scope, patient_id)),
            Photo.removed_at.is_(None),
        )
        .group_by(Photo.purpose)
    )
    return {row[0]: row[1] for row in scope.session.execute(statement)}


def get_file(scope: TenantScope, photo_id: uuid.UUID, size: PhotoSize) -> PhotoFile:
    """Return one size of a photograph; raises PhotoUnknown."""
    statement = select(PhotoFile).where(
        PhotoFile.tenant_id == scope.tenant_id,
        PhotoFile.photo_id == photo_id,
        PhotoFile.size == size.value,
    )
    found = scope.session.scalar(statement)
    if found is None:
        raise PhotoUnknown("There is no such photograph.")
    return found


def find_same(
    scope: TenantScope, *, patient_id: uuid.UUID, purpose: PhotoPurpose, sha256: bytes
) -> Photo | None:
    """Return the photograph of a patient that is the very same picture, or None."""
    statement = (
        select(Photo)
        .join(
            PhotoFile, (PhotoFile.tenant_id == Photo.tenant_id) & (PhotoFile.photo_id == Photo.id)
        )
        .where(
            Photo.tenant_id == scope.tenant_id,
            PhotoFile.tenant_id == scope.tenant_id,
            Photo.patient_id == patient_id,
            Photo.purpose == purpose.value,
            Photo.removed_at.is_(None),
            PhotoFile.sha256 == sha256,
        )
        .limit(1)
    )
    return scope.session.scalar(statement)


def find_copy(scope: TenantScope, photo_id: uuid.UUID) -> Photo | None:
    """Return the copy of a photograph that was released for marketing, or None."""
    statement = select(Photo).where(
        Photo.tenant_id == scope.tenant_id,
        Photo.copied_from == photo_id,
        Photo.removed_at.is_(None),
    )
    return scope.session.scalar(statement)


def list_files_of(
    scope: TenantScope, patient_ids: Collection[uuid.UUID], retention: str
) -> Sequence[tuple[Photo, PhotoFile]]:
    """Return the files of a person's photographs of one class, those put aside included."""
    statement = (
        select(Photo, PhotoFile)
        .join(
            PhotoFile, (PhotoFile.tenant_id == Photo.tenant_id) & (PhotoFile.photo_id == Photo.id)
        )
        .where(
            Photo.tenant_id == scope.tenant_id,
            PhotoFile.tenant_id == scope.tenant_id,
            PhotoFile.patient_id.in_(patient_ids),
            PhotoFile.retention == retention,
        )
        .order_by(Photo.taken_at, PhotoFile.id)
    )
    return [(row[0], row[1]) for row in scope.session.execute(statement)]


def list_file_names(scope: TenantScope) -> frozenset[str]:
    """Return where the files of all photographs lie."""
    statement = select(PhotoFile.object_name).where(PhotoFile.tenant_id == scope.tenant_id)
    return frozenset(scope.session.scalars(statement))
