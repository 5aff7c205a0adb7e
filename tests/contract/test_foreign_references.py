"""A body that names another clinic's rows beside one's own is refused, whatever it asks for."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.audit.test_logs import everything_of
from tests.contract.test_routes import Houses, houses, whole_story
from tests.support.planting import body_of
from tests.support.route_table import api_document

__all__ = ["houses"]
# What is signed already answers a repeat with its state, and keeps nothing of what it brings.
TOLD_AGAIN = "/papers/{paper_id}/confirm"
OPERATIONS = [
    (method, path)
    for path, methods in sorted(api_document()["paths"].items())
    for method in methods
    if method in {"post", "put", "patch"} and "{clinic_id}" in path
]


@pytest.fixture(scope="module")
def foreign(app: Flask) -> dict[str, str]:
    """Ids of a third clinic's rows by the names that bodies use."""
    with app.app_context():
        ids, made = whole_story()
    who, named = str(made.practitioner.id), {name: str(one) for name, one in ids.items()}
    named["whose"] = str(made.clinic.tenant_id)
    return {**named, **dict.fromkeys(("practitioner_id", "named_staff_id", "seen_by"), who)}


def test_case_03_a_reference_to_another_clinics_row_is_refused_in_every_body(
    houses: Houses, foreign: dict[str, str], superuser: Engine
) -> None:
    own = {**houses.ids, "clinic_id": houses.made.clinic.tenant_id}
    theirs = {one for name, one in foreign.items() if name.endswith("_id")}
    accepted, named = [], 0
    for method, path in OPERATIONS:
        body = body_of(path, method, foreign)
        if not theirs & set(str(body).replace("'", " ").split()):
            continue
        named += 1
        address = path.format_map({name: str(one) for name, one in own.items()})
        for version in range(6):
            headers = {
                "X-CSRF-Token": houses.owner.csrf,
                "Idempotency-Key": uuid.uuid4().hex,
                "If-Match": f'"{version}"',
            }
            answer = houses.owner.client.open(address, method=method, json=body, headers=headers)
            if answer.status_code != 412:
                break
        assert answer.status_code < 500, (path, answer.text[:300])
        if answer.status_code < 300 and not path.endswith(TOLD_AGAIN):
            accepted.append((method, path))

    assert accepted == []
    assert named >= 8
    # The queue is everybody's: their own jobs name their own clinic.
    lines = everything_of(superuser, houses.made.clinic.tenant_id).splitlines()
    kept = "".join(line for line in lines if foreign["whose"] not in line)
    assert [one for one in theirs if one in kept] == []
