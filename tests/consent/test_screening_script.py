"""The script of the docs, run as its reader would: a program of its own against a real port."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask

from app.auth.factors import enrol_totp
from app.catalogue.services import approve_shipped_catalogue
from app.database import unit_of_work
from app.tenants.models import Role
from tests.factories.tenants import PASSWORD, add_staff, make_clinic, make_device, qualify
from tests.journeys import conftest as journeys
from tests.support.step_up import SECRET
from tests.tenants.test_reach import another_location

EXAMPLES = Path(__file__).parent.parent.parent / "docs" / "examples"
address = journeys.address


@pytest.fixture
def email(app: Flask) -> str:
    """The address of a practitioner with an authenticator, limited to one of two locations."""
    with app.app_context():
        clinic = make_clinic()
        with clinic.scope() as scope:
            approve_shipped_catalogue(scope)
        another_location(clinic)
        practitioner = add_staff(clinic, Role.PRACTITIONER, at=(clinic.location_id,))
        qualify(clinic, practitioner)
        make_device(clinic)
        with unit_of_work() as work:
            whose, code = practitioner.person_id, pyotp.TOTP(SECRET).now()
            enrol_totp(work.session, person_id=whose, secret=SECRET, code=code)
    return practitioner.email


def test_the_script_of_the_docs_screens_every_case(address: str, email: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            str(EXAMPLES / "screen_patients.py"),
            address,
            email,
            str(EXAMPLES / "cases.json"),
        ],
        env={"NEEDLEPOINT_PASSWORD": PASSWORD, "NEEDLEPOINT_TOTP_SECRET": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    found: dict[str, Any] = {one["id"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert found["nothing-wrong"]["may_sign"] is True
    assert found["same-name"]["missing"] == []
    assert found["pregnant"]["is_held"] is True
    assert found["pregnant"]["fired"][0]["question_id"] == "pregnancy"
    assert found["not-sure"]["is_held"] is True
    assert [one["risk_id"] for one in found["dark-skin"]["personal_risks"]] == ["pih"]
    assert "pregnancy" in found["nothing-answered"]["missing"]
    assert found["impossible"]["refused"] == 422
    assert found["impossible"]["problems"][0]["code"] == "date_in_future"
