"""The browser of a member of staff becomes the patient's: theirs ends before the other begins."""

from flask import Response, g

from app.auth.cookies import SIGN_COOKIE, drop_cookie, set_cookie
from app.auth.guards import STAFF_COOKIE
from app.auth.services import sign_out
from app.consent.ways.services.open_link import SESSION_LASTS
from app.database import TenantScope


def become_tablet(scope: TenantScope, response: Response, token: str) -> Response:
    """End the running sign-in of staff, and put a patient's session into its browser instead.

    The token stands in a cookie that no script reads, and never in a body. ``token`` is empty where
    the browser has the session of this very form already.
    """
    sign_out(scope.session, g.login)
    drop_cookie(response, STAFF_COOKIE)
    if token:
        set_cookie(response, SIGN_COOKIE, token, seconds=int(SESSION_LASTS.total_seconds()))
    # What follows needs the cookie that is set here, so that only caches are cleared.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
