"""Outcomes of the photos room."""

from app.errors import Conflict, Gone, Invalid, NotFound, TooLarge


class PhotoUnknown(NotFound):
    """There is no such photograph, or the consent to it does not stand."""

    code = "photo_unknown"


class PhotoRefused(Invalid):
    """The file or what is said of it cannot be used; ``fields`` says why."""

    code = "photo_refused"


class PhotoTooLarge(TooLarge):
    """The file is larger than a photograph has to be."""

    code = "photo_too_large"
    title = "This photograph is too large"


class NoPhotoConsent(Conflict):
    """The patient has not agreed to photographs for this purpose, or took that back."""

    code = "no_photo_consent"
    title = "The patient has not agreed to photographs for this"


class PhotoLinkOver(Gone):
    """A link to a photograph works for five minutes and for whoever asked for it."""

    code = "photo_link_over"
    title = "This link is over. Open the page again."
