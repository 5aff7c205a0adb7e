"""Two people edit one thing: the request names the version that it read, in ``If-Match``."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import request

from app.errors import BadRequest

View = TypeVar("View", bound=Callable[..., Any])
LONGEST = 9


class VersionMissing(BadRequest):
    """A change came without the version that it was made from."""

    code = "version_missing"
    title = "Send If-Match with the version that you read"


def versioned(view: View) -> View:
    """Give the view the version that was read, as ``expected_version``; raises VersionMissing.

    Goes below the guard, so that nobody learns anything from the order of refusals.
    """

    @wraps(view)
    def compared(*args: Any, **kwargs: Any) -> Any:
        match = request.headers.get("If-Match", "").strip('"')
        if not (match.isascii() and match.isdigit() and len(match) <= LONGEST):
            raise VersionMissing
        return view(*args, expected_version=int(match), **kwargs)

    compared.__versioned__ = True  # type: ignore[attr-defined]  # read by the OpenAPI document
    return compared  # type: ignore[return-value]  # the same view, told the version
