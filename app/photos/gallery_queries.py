"""What may be shown to others now: the gallery, in pages, for everybody and for limited people."""

import uuid
from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Exists, Select, case, or_, select, true, tuple_

from app.audit.queries import Place
from app.consent.models import Consent, ConsentState
from app.database import TenantScope
from app.kit.clock import now
from app.patients.limit_models import PatientLimit
from app.patients.models import Patient
from app.photos.models import Photo, PhotoPurpose
from app.photos.queries import ENDS_MARKETING, NEEDED


def list_marketing_photos(
    scope: TenantScope, *, before: Place | None = None, most: int
) -> Sequence[Photo]:
    """Return the photographs that may be shown to others now, the newest first.

    Of people who agreed to that and have not objected since, whichever of their records says so.
    For somebody who is limited to locations: of people whom these look after.
    :param before: the (time, id) of the last photograph of the page before.
    """
    places = scope.session.places or [None]
    walks = [_gallery(scope, location_id, before, most) for location_id in places]
    found = [one for walk in walks for one in scope.session.scalars(walk)]
    return sorted(found, key=lambda one: (one.taken_at, one.id), reverse=True)[:most]


def _gallery(
    scope: TenantScope, location_id: uuid.UUID | None, before: Place | None, most: int
) -> Select[Photo]:
    statement = (
        select(Photo)
        .where(
            Photo.tenant_id == scope.tenant_id,
            Photo.purpose == PhotoPurpose.MARKETING.value,
            Photo.removed_at.is_(None),
            _any_record(scope, _agrees),
            ~_any_record(scope, _objects_there),
        )
        .order_by(Photo.taken_at.desc(), Photo.id.desc())
        .limit(most)
    )
    if before is not None:
        statement = statement.where(tuple_(Photo.taken_at, Photo.id) < before)
    if location_id is not None:
        statement = statement.where(Photo.location_id == location_id)
    return statement


def _any_record(
    scope: TenantScope, holds: Callable[[TenantScope, ColumnElement[uuid.UUID]], Exists]
) -> ColumnElement[bool]:
    """Whether something holds for any record of the person whom a photograph shows.

    Asked of the whole clinic, also for somebody who is limited to a location: where a person said
    yes or no makes no difference. Two looks into two indexes, since OR would read every patient.
    """
    own, other = (Patient.__table__.alias().c for _ in range(2))
    # A CASE, since under the walls PostgreSQL looks nothing up by coalesce().
    root = case((own.merged_into.is_(None), own.id), else_=own.merged_into)
    looks = [
        select(true())
        .where(
            own.tenant_id == scope.tenant_id,
            own.id == Photo.patient_id,
            other.tenant_id == scope.tenant_id,
            column == root,
            holds(scope, other.id),
        )
        # Without this PostgreSQL would first look for everybody who ever agreed.
        .offset(0)
        for column in (other.id, other.merged_into)
    ]
    return or_(*(one.exists() for one in looks))


def _agrees(scope: TenantScope, record: ColumnElement[uuid.UUID]) -> Exists:
    """Whether a record has a consent to marketing in force."""
    consent = Consent.__table__.alias().c
    return (
        select(consent.id)
        .where(
            consent.tenant_id == scope.tenant_id,
            consent.patient_id == record,
            consent.state == ConsentState.ACTIVE.value,
            consent.purpose == NEEDED[PhotoPurpose.MARKETING],
            or_(consent.valid_until.is_(None), consent.valid_until > now()),
        )
        .exists()
    )


def _objects_there(scope: TenantScope, record: ColumnElement[uuid.UUID]) -> Exists:
    """Whether a record has a limit that ends marketing."""
    limit = PatientLimit.__table__.alias().c
    return (
        select(limit.id)
        .where(
            limit.tenant_id == scope.tenant_id,
            limit.patient_id == record,
            limit.kind.in_(ENDS_MARKETING),
            limit.lifted_at.is_(None),
        )
        .exists()
    )
