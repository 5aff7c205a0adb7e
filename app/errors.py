"""Named outcomes that are not the happy path.

A family carries the HTTP status, a room's own class carries the code. Only ``error_handlers.py``
turns them into a response. Messages are one plain sentence for the caller and hold no health data.
"""

from http import HTTPStatus

from app.kit.speech import mark


class AppError(Exception):
    """The root of every error that a caller may see.

    ``extra`` becomes members of the problem document (RFC 9457), so it must be JSON-ready.
    """

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal"
    title = mark("Something went wrong")

    def __init__(self, message: str = "", **extra: object) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.extra = extra


class Invalid(AppError):
    """What was sent cannot be accepted as it is. ``extra["fields"]`` names what and why."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"
    title = mark("Please check what was entered")


class BadRequest(AppError):
    """The request is not well formed, so that it could not even be checked."""

    status = HTTPStatus.BAD_REQUEST
    code = "bad_request"
    title = mark("The request could not be read")


class Unauthenticated(AppError):
    """Nobody is signed in, or the sign-in has ended."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthenticated"
    title = "Please sign in"


class StepUpRequired(Unauthenticated):
    """The person is signed in but must prove it again for this act (at most 5 minutes old)."""

    code = "step_up_required"
    title = "Please confirm that it is you"


class Forbidden(AppError):
    """The person is known and may not do this in their own clinic."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    title = mark("You are not allowed to do this")


class NotFound(AppError):
    """There is no such thing, or it is not this clinic's: the two cannot be told apart."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    title = mark("Not found")


class NotThereYet(NotFound):
    """The thing that was named is known, and what was asked for has not come to be yet."""

    code = "not_there_yet"
    title = mark("Not there yet")


class Conflict(AppError):
    """The thing is in a state in which this cannot be done."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    title = mark("This cannot be done now")


class Stale(AppError):
    """Somebody else changed the thing since it was read (If-Match)."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "stale"
    title = mark("Somebody else changed this in the meantime")


class Gone(AppError):
    """A link or code that was good once and is no longer."""

    status = HTTPStatus.GONE
    code = "gone"
    title = mark("This link no longer works")


class TooLarge(AppError):
    """More was sent than will be looked at."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"
    title = mark("That is too large")


class TooManyTries(AppError):
    """An attempt counter is used up."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_tries"
    title = mark("Too many tries")


class Unavailable(AppError):
    """A part that we need is down; nothing was lost and the same request may be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    title = mark("A part of the system is not available just now")
