"""Addresses of photographs that work for five minutes, and only for who asked for them.

The tag is no key: whoever opens the address is signed in, and the consent is asked again. It only
keeps an address that was copied from being one for ever.
"""

import hmac
import uuid
from datetime import datetime, timedelta

from flask import current_app

from app.database import TenantScope
from app.kit.clock import now
from app.photos.models import Photo, PhotoSize

LASTS = timedelta(minutes=5)


def link_to(scope: TenantScope, photo: Photo, size: PhotoSize, *, gallery: bool = False) -> str:
    """Return the path of one size of a photograph, good for five minutes.

    :param gallery: below the clinic's marketing photographs, where nothing of a record is shown.
    """
    until = int((now() + LASTS).timestamp())
    tag = _tag(scope, photo.id, size, until)
    shelf = "marketing-photos" if gallery else "photos"
    base = f"/api/v1/clinics/{scope.tenant_id}/{shelf}/{photo.id}/files/{size.value}"
    return f"{base}?until={until}&tag={tag}"


def is_good(scope: TenantScope, photo_id: uuid.UUID, size: PhotoSize, until: str, tag: str) -> bool:
    """Return whether a link is ours, this person's and not over."""
    if not until.isascii() or not until.isdigit() or len(until) > 12:
        return False
    expected = _tag(scope, photo_id, size, int(until))
    is_ours = hmac.compare_digest(expected.encode(), tag.encode())
    return is_ours and int(until) > now().timestamp()


def ends_at() -> datetime:
    """Return when a link made now ends."""
    return now() + LASTS


def _tag(scope: TenantScope, photo_id: uuid.UUID, size: PhotoSize, until: int) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    what = f"photo|{scope.tenant_id}|{scope.actor.id}|{photo_id}|{size.value}|{until}"
    return hmac.digest(key, what.encode(), "sha256").hex()[:32]
