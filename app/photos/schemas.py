"""Shapes of photographs: what is said of one, and the links that work for five minutes."""

from enum import StrEnum

from marshmallow import fields, validate

from app.kit.photographs import MOST_BYTES
from app.photos.models import PhotoKind, PhotoPurpose, PhotoView
from app.schemas import StrictSchema

# What base64 makes of the largest photograph, and a little for the rest.
LARGEST_BODY = MOST_BYTES * 4 // 3 + 64 * 1024


def _of(kinds: type[StrEnum]) -> validate.OneOf:
    return validate.OneOf([kind.value for kind in kinds])


class PhotoRequest(StrictSchema):
    """A photograph as base64, and what it shows. ``taken_at`` left out means now."""

    photo = fields.String(required=True)
    area = fields.String(required=True, validate=validate.Length(1, 60))
    view = fields.String(required=True, validate=_of(PhotoView))
    kind = fields.String(required=True, validate=_of(PhotoKind))
    purpose = fields.String(load_default=PhotoPurpose.CLINICAL.value, validate=_of(PhotoPurpose))
    visit_id = fields.UUID(load_default=None, allow_none=True)
    taken_at = fields.AwareDateTime(load_default=None, allow_none=True)


class PhotoResponse(StrictSchema):
    """A photograph and where its two sizes are for the next five minutes."""

    id = fields.UUID(required=True, attribute="photo.id")
    patient_id = fields.UUID(required=True, attribute="photo.patient_id")
    plan_id = fields.UUID(required=True, allow_none=True, attribute="photo.plan_id")
    visit_id = fields.UUID(required=True, allow_none=True, attribute="photo.visit_id")
    copied_from = fields.UUID(required=True, allow_none=True, attribute="photo.copied_from")
    area = fields.String(required=True, attribute="photo.area")
    view = fields.String(required=True, attribute="photo.view")
    kind = fields.String(required=True, attribute="photo.kind")
    purpose = fields.String(required=True, attribute="photo.purpose")
    taken_at = fields.AwareDateTime(required=True, attribute="photo.taken_at")
    added_at = fields.AwareDateTime(required=True, attribute="photo.added_at")
    full_url = fields.String(required=True)
    small_url = fields.String(required=True)
    links_end_at = fields.AwareDateTime(required=True)


class MarketingPhotoResponse(StrictSchema):
    """A photograph that may be shown to others; nothing says whose it is."""

    id = fields.UUID(required=True, attribute="photo.id")
    area = fields.String(required=True, attribute="photo.area")
    view = fields.String(required=True, attribute="photo.view")
    kind = fields.String(required=True, attribute="photo.kind")
    full_url = fields.String(required=True)
    small_url = fields.String(required=True)
    links_end_at = fields.AwareDateTime(required=True)
    place = fields.String(required=True)


class PutAsideResponse(StrictSchema):
    """A photograph that was put aside."""

    id = fields.UUID(required=True)
    removed_at = fields.AwareDateTime(required=True)
