"""Every route below a clinic × every role: without the permission refused, with it let in."""

import uuid
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.auth.permissions import Permission, may
from app.tenants.models import Role
from tests.contract.test_routes import CELLS, call, fingerprint, whole_story
from tests.factories.plans import MadePlan
from tests.factories.tenants import add_staff
from tests.support.api import Api
from tests.support.route_table import CONVERTER, Cell, bare_app, is_for_programs, rules

GUARDS = {
    (method, str(rule)): bare_app().view_functions[rule.endpoint].__guard__
    for rule in rules()
    for method in rule.methods or ()
}
READING = [cell for cell in CELLS if cell[0] == "GET"]
OTHERS = [role for role in Role if role is not Role.OWNER]


@dataclass(frozen=True)
class Crew:
    """A clinic in which everything happened, and somebody signed in for each role."""

    made: MadePlan
    ids: dict[str, uuid.UUID]
    people: dict[Role, Api]

    def path(self, rule: str) -> str:
        """Return the path of a rule with the clinic's own ids."""
        found = {**self.ids, "clinic_id": self.made.clinic.tenant_id}
        return CONVERTER.sub(lambda one: str(found.get(one.group(1), uuid.uuid4())), rule)


@pytest.fixture(scope="module")
def crew(app: Flask) -> Crew:
    with app.app_context():
        ids, made = whole_story()
        staff = {role: add_staff(made.clinic, role) for role in OTHERS}
        people = {role: Api(app, made.clinic, who) for role, who in staff.items()}
    return Crew(made, ids, people)


def permission_of(cell: Cell) -> Permission:
    guard = GUARDS[cell]
    assert isinstance(guard, Permission)
    return guard


@pytest.mark.parametrize("cell", CELLS, ids=[" ".join(cell) for cell in CELLS])
def test_who_lacks_the_permission_is_refused(crew: Crew, cell: Cell) -> None:
    method, rule = cell
    lacking = [role for role in OTHERS if not may(role, permission_of(cell))]

    for role in lacking:
        answer = call(crew.people[role], method, crew.path(rule))
        assert answer.status_code == 403, role
        assert not is_for_programs(rule) or answer.get_json()["code"] == "forbidden"


def test_cve_2026_33305_refused_requests_leave_nothing_but_the_note_of_the_refusal(
    crew: Crew, superuser: Engine
) -> None:
    before = fingerprint(superuser, crew.made.clinic.tenant_id)
    for method, rule in CELLS:
        for role in OTHERS:
            if method != "GET" and not may(role, permission_of((method, rule))):
                call(crew.people[role], method, crew.path(rule))
    after = fingerprint(superuser, crew.made.clinic.tenant_id)

    assert {name for name in after if after[name] != before[name]} == {"audit_event"}


@pytest.mark.parametrize("cell", READING, ids=[" ".join(cell) for cell in READING])
def test_who_has_the_permission_gets_in(crew: Crew, cell: Cell) -> None:
    method, rule = cell
    holders = [role for role in OTHERS if may(role, permission_of(cell))]

    for role in holders:
        answer = call(crew.people[role], method, crew.path(rule))
        if b"step_up_required" in answer.data:
            continue  # Let in by the permission, stopped by the second factor.
        assert answer.status_code not in {401, 403, 404}, (role, answer.status_code)


def test_every_permission_opens_something_and_somebody_holds_it() -> None:
    used = {permission_of(cell) for cell in CELLS}

    assert set(Permission) - used == set(), "a permission that no route asks for"
    for permission in Permission:
        assert any(may(role, permission) for role in Role), permission
