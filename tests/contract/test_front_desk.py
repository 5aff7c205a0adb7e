"""Whoever may not read answers never gets one: not from a page, not from the API, not by mistake.

Asked of the route table, so a new route that shows too much is found without anybody adding it.
"""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from app.auth.permissions import Permission, may
from app.patients.queries import get_patient
from app.patients.services.add_patient import seal_note
from app.tenants.models import Role
from tests.contract.test_routes import CELLS, call, whole_story
from tests.factories.tenants import add_staff
from tests.support.api import Api
from tests.support.route_table import CONVERTER

NOTE, WRITTEN, HAPPENED = (
    "Xanthium allergy",
    "Quillaja seen on the cheek",
    "The tablet had no power",
)
HEALTH = (NOTE, WRITTEN, HAPPENED)
READING = [rule for method, rule in CELLS if method == "GET"]
# Papers of the clinic and of its staff: previews, blank forms, and what shows a qualification.
NO_PATIENTS = re.compile("/settings/|/evidence/|/blank-forms/")
OUTSIDERS = [role for role in Role if not may(role, Permission.CONSENT_READ)]
# What a record of answers is called wherever it is written as JSON.
ANSWERS = frozenset({"answers", "health_note", "outcome", "screening", "reasons_for_hold"})


@dataclass(frozen=True)
class Told:
    """A clinic in which health was written down, and somebody of each role."""

    ids: dict[str, str]
    people: dict[Role, Api]

    def path(self, rule: str) -> str:
        """Return the path of a rule with the clinic's own ids."""
        return CONVERTER.sub(lambda one: self.ids.get(one.group(1), str(uuid.uuid4())), rule)


@pytest.fixture(scope="module")
def told(app: Flask) -> Told:
    with app.app_context():
        ids, made = whole_story()
        with made.clinic.scope() as scope:
            patient = get_patient(scope, made.patient_id)
            patient.health_note_cipher = seal_note(scope, patient.id, NOTE)
        staff = {role: add_staff(made.clinic, role) for role in Role if role is not Role.OWNER}
        people = {role: Api(app, made.clinic, who) for role, who in staff.items()}
        people[Role.OWNER] = Api(app, made.clinic, made.clinic.owner)
    named = {"clinic_id": made.clinic.tenant_id, **ids}
    written = Told({name: str(value) for name, value in named.items()}, people)
    write_record(people[Role.OWNER], written)
    return written


def write_record(owner: Api, told: Told) -> None:
    """Write down what was seen during the treatment."""
    record = {
        "device_model": "Test Pen",
        "device_serial": "1",
        "lot": "LOT-1",
        "lot_expires_on": "2099-01-31",
        "areas": [{"area": "face_cheeks", "depth_um": 500, "passes": 3}],
        "note": {"note": WRITTEN},
    }
    headers = {"X-CSRF-Token": owner.csrf, "Idempotency-Key": uuid.uuid4().hex, "If-Match": '"0"'}
    path = told.path("/api/v1/clinics/<clinic_id>/treatments/<treatment_id>/records")
    answer = owner.client.post(path, json=record, headers=headers)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("rule", READING)
def test_nothing_about_health_is_shown_to_who_may_not_read_it(told: Told, rule: str) -> None:
    for role in OUTSIDERS:
        answer = call(told.people[role], "GET", told.path(rule))
        if answer.mimetype == "application/pdf":
            # Sealed papers hold answers; who may open them is a permission of its own.
            allowed = may(role, Permission.DOCUMENT_READ)
            assert allowed or rule.endswith("/receipt") or NO_PATIENTS.search(rule), role
            continue
        shown = answer.get_data(as_text=True)
        assert not [one for one in HEALTH if one in shown], role
        if answer.status_code == 200 and answer.mimetype == "application/json":
            filled = {key for key, value in keys_of(json.loads(shown)) if value}
            assert filled & ANSWERS == set(), role


def test_what_was_planted_can_be_read_by_who_treats(told: Told) -> None:
    seen = b"".join(
        call(told.people[Role.MEDICAL_LEAD], "GET", told.path(rule)).data for rule in READING
    )

    assert [one for one in HEALTH if one.encode() not in seen] == []


def keys_of(value: object) -> Iterator[tuple[str, object]]:
    """Yield every key of nested JSON with its value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)
