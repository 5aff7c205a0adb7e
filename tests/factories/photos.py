"""Photographs and the consents that they need, for tests."""

import io
import uuid

from PIL import Image

from app.consent.forms.choose_form import WantedForm
from app.consent.forms.services.publish_form import publish_shipped_form
from app.consent.purposes import Purpose
from app.photos.models import Photo, PhotoKind, PhotoPurpose, PhotoView
from app.photos.services.add_photo import NewPhoto, add_photo
from tests.factories.consent import MadeConsent, make_signed_for
from tests.factories.plans import MadePlan

PLACE = b"GPSPLANTED55N3W"


def agree_to_photos(made: MadePlan, purpose: PhotoPurpose = PhotoPurpose.CLINICAL) -> MadeConsent:
    """Let the patient sign the consent to photographs for a purpose."""
    wanted = Purpose(f"{purpose.value}_photos")
    # Where several people could, nobody reviews and publishes alone: each does what they may.
    for who in (made.clinic.owner, made.practitioner, made.clinic.owner):
        with made.clinic.scope(who) as scope:
            publish_shipped_form(scope, key=wanted.value)
    return make_signed_for(made, WantedForm(wanted), key=wanted.value)


def photograph(
    shade: int = 120, kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: object
) -> bytes:
    """Return the file of a photograph, a plain one whose shade tells it apart."""
    written = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 70)).save(written, kind, **options)
    return written.getvalue()


def with_place(shade: int = 120, *, orientation: int = 1) -> bytes:
    """Return a JPEG whose metadata tells where it was taken and how it was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "PLANTEDMAKER"
    exif.get_ifd(0x8825)[1] = PLACE.decode()
    exif.get_ifd(0x8825)[2] = (55.0, 57.0, 12.0)
    return photograph(shade, exif=exif, comment=b"PLANTEDCOMMENT")


def make_photo(
    made: MadePlan,
    *,
    data: bytes | None = None,
    kind: PhotoKind = PhotoKind.BEFORE,
    purpose: PhotoPurpose = PhotoPurpose.CLINICAL,
    visit_id: uuid.UUID | None = None,
) -> Photo:
    """Add a photograph of the cheeks from the front."""
    with made.clinic.scope(made.practitioner) as scope:
        new = NewPhoto(
            made.patient_id, "face_cheeks", PhotoView.FRONT, kind, purpose, visit_id=visit_id
        )
        return add_photo(scope, new, data=data or photograph())


def make_agreed_photo(made: MadePlan) -> Photo:
    """Let the patient agree to both uses, and add a photograph for marketing."""
    for purpose in PhotoPurpose:
        agree_to_photos(made, purpose)
    return make_photo(made, purpose=PhotoPurpose.MARKETING)
