"""What people type into any field of any route never reaches an audit event."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app import audit
from app.audit.services import NOT_A_CODE
from tests.contract.test_routes import Houses, houses
from tests.factories.tenants import MadeClinic
from tests.support.planting import MARKER, FormReader, body_of
from tests.support.route_table import api_document, cells_below_a_clinic, is_for_programs

__all__ = ["houses"]
SAID = text(
    "SELECT action || ' ' || details FROM audit_event WHERE details ~* :marker OR action ~* :marker"
)


@pytest.fixture(scope="module")
def planted(houses: Houses, app: Flask) -> dict[str, int]:
    """Type the marker everywhere as an owner; return how many requests were accepted, by kind."""
    done = {"api": 0, "pages": 0, "fields": 0}
    with app.app_context():
        for method, path in writing_operations():
            done["api"] += send_to_api(houses, method, path) < 300
        for path in pages(houses):
            reader = FormReader(path)
            page = houses.owner.client.get(path, headers={"Accept": "text/html"})
            if page.mimetype != "text/html":
                continue
            reader.feed(page.text)
            for form in reader.forms:
                done["fields"] += form.planted
                values = {**form.values, "csrf_token": houses.owner.csrf}
                if "disable" in form.action or "sign-out" in form.action:
                    continue
                answer = houses.owner.client.post(form.action, data=values)
                done["pages"] += answer.status_code in {200, 303}
    return done


def writing_operations() -> Iterator[tuple[str, str]]:
    for path, methods in sorted(api_document()["paths"].items()):
        if "{clinic_id}" in path:
            yield from ((method, path) for method in methods if method in {"post", "put", "patch"})


def send_to_api(houses: Houses, method: str, path: str) -> int:
    ids = {name: str(value) for name, value in houses.ids.items()}
    ids["clinic_id"] = str(houses.made.clinic.tenant_id)
    who = str(houses.made.practitioner.id)
    ids |= {"practitioner_id": who, "named_staff_id": who}
    address, body = path.format_map(ids), body_of(path, method, ids)
    for version in range(8):
        headers = {
            "X-CSRF-Token": houses.owner.csrf,
            "Idempotency-Key": uuid.uuid4().hex,
            "If-Match": f'"{version}"',
        }
        answer = houses.owner.client.open(address, method=method, json=body, headers=headers)
        if answer.status_code != 412:
            break
    return answer.status_code


def pages(houses: Houses) -> list[str]:
    return [
        houses.path(rule, houses.made.clinic.tenant_id)
        for method, rule in cells_below_a_clinic()
        if method == "GET" and not is_for_programs(rule)
    ]


def test_the_marker_was_typed_and_much_of_it_was_accepted(planted: dict[str, int]) -> None:
    assert planted["api"] >= 20, planted
    assert planted["pages"] >= 8, planted
    assert planted["fields"] >= 25, planted


def test_the_marker_was_kept_where_it_belongs(planted: dict[str, int], superuser: Engine) -> None:
    with superuser.connect() as connection:
        assert connection.scalar(
            text("SELECT count(*) FROM patient WHERE name ~* :marker"), {"marker": MARKER}
        )


def test_no_event_holds_the_marker(planted: dict[str, int], superuser: Engine) -> None:
    with superuser.connect() as connection:
        assert connection.scalars(SAID, {"marker": MARKER}).all() == []


def test_no_event_was_given_anything_but_codes(
    planted: dict[str, int], houses: Houses, superuser: Engine
) -> None:
    with superuser.connect() as connection:
        found = connection.scalars(
            text(
                "SELECT action || details FROM audit_event WHERE tenant_id = :t AND details ~ :no"
            ),
            {"t": houses.made.clinic.tenant_id, "no": NOT_A_CODE},
        ).all()
    assert found == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Siobhán takes warfarin", NOT_A_CODE),
        ("warfarin 5 mg", NOT_A_CODE),
        ("Siobhan", NOT_A_CODE),
        ("consent:form:sign", "consent:form:sign"),
        ("GB-SCT", "GB-SCT"),
        ("not_time_stamped", "not_time_stamped"),
    ],
)
def test_a_text_is_not_kept_whoever_passes_it(
    clinic: MadeClinic, superuser: Engine, given: str, kept: str
) -> None:
    with clinic.scope() as scope:
        audit.record(scope, "trial:text:keep", said=given)

    with superuser.connect() as connection:
        said = connection.scalar(
            text("SELECT details FROM audit_event WHERE tenant_id = :t AND action = :a"),
            {"t": clinic.tenant_id, "a": "trial:text:keep"},
        )
    assert said == f'{{"said":"{kept}"}}'
