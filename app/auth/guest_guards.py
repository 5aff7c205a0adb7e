"""The guard of people from outside, who have one link to one thing and no account."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import g, request

from app.auth.csrf import csrf_token, require_own_page
from app.auth.guards import LinkNotUsable, View, guarded_by, unit
from app.auth.secrets import SecretKind, find_token
from app.database import SYSTEM


def guest_session(kind: SecretKind, cookie: str) -> Callable[[View], View]:
    """Let somebody from outside in by the cookie of one request; the view gets scope and its id.

    Nobody of the clinic acts, so that it is recorded as the system's, with the request's id.
    """

    def protect(view: View) -> View:
        @wraps(view)
        def entered(*args: Any, **kwargs: Any) -> Any:
            token = request.cookies.get(cookie, "")
            found = find_token(unit().session, kind, token) if token else None
            if found is None:
                raise LinkNotUsable
            require_own_page(token)
            g.csrf_token = csrf_token(token)
            scope = unit().enter(found.tenant_id, SYSTEM)
            return view(scope, found.subject_id, *args, **kwargs)

        return cast(View, guarded_by(kind, entered))

    return protect
