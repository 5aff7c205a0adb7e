"""Somebody who has just shown a second factor."""

import pyotp

from app.auth.factors import enrol_totp
from app.database import unit_of_work
from tests.support.api import Api

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def proven(api: Api) -> Api:
    """Give the signed-in person a second factor and show it; return the same client."""
    with unit_of_work() as work:
        code = pyotp.TOTP(SECRET).now()
        enrol_totp(work.session, person_id=api.who.person_id, secret=SECRET, code=code)
    return step_up(api)


def step_up(api: Api) -> Api:
    """Show the second factor that the person has already."""
    body = {"code": pyotp.TOTP(SECRET).now()}
    headers = {"X-CSRF-Token": api.csrf}
    answer = api.client.post("/api/v1/step-up", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    api.csrf = answer.get_json()["csrf_token"]
    return api
