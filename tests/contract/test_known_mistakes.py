"""Mistakes that were published of other clinics' software, tried on every route of ours.

The number in a test's name is that of the published mistake.
"""

import re
import uuid

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from tests.contract.test_routes import CELLS, Houses, call, houses
from tests.factories.consent import make_asked_consent
from tests.factories.plans import make_discussed_plan
from tests.support.planting import body_of
from tests.support.route_table import CONVERTER, api_document, is_for_programs
from tests.support.signer import Signer

__all__ = ["houses"]
READING = [rule for method, rule in CELLS if method == "GET"]
HOSTILE = "<img src=x onerror=alert(1)>"
# Where each kind of name is written down, and the mark that tells it from the others.
PLANT = {
    "patient": "UPDATE patient SET name = :name WHERE tenant_id = :t",
    "package": "UPDATE package SET name = :name WHERE tenant_id = :t",
    "staff": "UPDATE staff_member SET name = :name WHERE tenant_id = :t",
}
INJECTIONS = (
    "name; DROP TABLE patient",
    "name' OR '1'='1",
    "(SELECT pg_sleep(9))",
    "CASE WHEN 1=1 THEN name ELSE id END",
    "name DESC, (SELECT 1)",
    "\x00",
)
ORDERING = ("sort", "order", "order_by", "sort_by", "filter", "_sort", "limit", "offset")


@pytest.fixture(scope="module")
def shown(houses: Houses, superuser: Engine) -> dict[str, str]:
    """What every page shows once every name in the clinic is markup."""
    clinic_id = houses.made.clinic.tenant_id
    with superuser.begin() as connection:
        for kind, statement in PLANT.items():
            name = HOSTILE.replace("x", kind)
            connection.execute(text(statement), {"name": name, "t": clinic_id})
    pages = {}
    for rule in READING:
        if not is_for_programs(rule):
            with call(houses.owner, "GET", houses.path(rule, clinic_id)) as answer:
                if answer.mimetype == "text/html":
                    pages[rule] = answer.text
    return pages


def is_text_on(pages: dict[str, str], kind: str) -> set[str]:
    """Return the pages that print a hostile name as text; none may hold it as markup."""
    markup = HOSTILE.replace("x", kind)
    assert [rule for rule, page in pages.items() if markup in page] == []
    safe = markup.replace("<", "&lt;").replace(">", "&gt;")
    return {rule for rule, page in pages.items() if safe in page}


def test_cve_2026_46518_a_patients_name_is_text_on_every_page(shown: dict[str, str]) -> None:
    assert len(is_text_on(shown, "patient")) >= 5


def test_cve_2026_33346_a_packages_name_is_text_where_it_is_sold_and_paid(
    shown: dict[str, str],
) -> None:
    assert len(is_text_on(shown, "package")) >= 1


def test_cve_2026_33303_a_name_of_staff_is_text_on_every_page(shown: dict[str, str]) -> None:
    assert len(is_text_on(shown, "staff")) >= 3


GROWS = ("/looks", "/events", "/evidence-record")
# Links to photographs end five minutes after they are made, and say when.
FRESH_LINK = re.compile(rb'"(full_url|small_url|links_end_at)": ?"[^"]*"')


@pytest.mark.parametrize("rule", [rule for rule in READING if is_for_programs(rule)])
def test_cve_2026_24908_no_list_is_sorted_or_filtered_by_what_a_caller_writes(
    houses: Houses, rule: str
) -> None:
    path = houses.path(rule, houses.made.clinic.tenant_id)
    plain = houses.owner.client.get(path)

    for number, typed in enumerate(INJECTIONS):
        query = dict.fromkeys((ORDERING[number], ORDERING[-1 - number]), typed)
        answer = houses.owner.client.get(path, query_string=query)
        assert answer.status_code in {plain.status_code, 422}
        # Refused, or not even looked at; what tells of looks and of now changes by being read.
        same = settled(answer) == settled(plain) or rule.endswith(GROWS)
        assert answer.status_code != 200 or same


def settled(answer: TestResponse) -> bytes:
    """Return an answer without the links to files, which are made anew for each answer."""
    return FRESH_LINK.sub(b"", answer.data)


def test_cve_2026_124469_no_body_has_a_field_to_sort_by(houses: Houses) -> None:
    ids = {name: str(value) for name, value in houses.ids.items()}
    ids["clinic_id"] = str(houses.made.clinic.tenant_id)
    tried = 0
    for path, methods in api_document()["paths"].items():
        if "{clinic_id}" not in path or "post" not in methods:
            continue
        body = body_of(path, "post", ids)
        if not body:
            continue
        headers = {
            "X-CSRF-Token": houses.owner.csrf,
            "Idempotency-Key": uuid.uuid4().hex,
            "If-Match": '"1"',
        }
        sent = {**body, **dict.fromkeys(ORDERING, INJECTIONS[2])}
        answer = houses.owner.client.post(path.format_map(ids), json=sent, headers=headers)
        assert answer.status_code == 422, (path, answer.text[:200])
        assert set(answer.get_json()["fields"]) & set(ORDERING), path
        tried += 1
    assert tried >= 15


@pytest.fixture(scope="module")
def patient(app: Flask) -> Signer:
    """A patient in the middle of signing, identified, in a browser of their own."""
    with app.app_context():
        signer = Signer(app, make_asked_consent(make_discussed_plan()))
        signer.identify()
        return signer


def test_cve_2026_24487_a_patients_session_reads_and_does_nothing_of_the_clinic(
    patient: Signer,
) -> None:
    made = patient.asked.made
    own = {
        "clinic_id": made.clinic.tenant_id,
        "patient_id": made.patient_id,
        "plan_id": made.plan_id,
        "consent_id": patient.asked.id,
    }
    headers = {"X-CSRF-Token": patient.csrf, "Accept": "text/html"}
    for method, rule in CELLS:
        path = CONVERTER.sub(lambda one: str(own.get(one.group(1), uuid.uuid4())), rule)

        answer = patient.client.open(path, method=method, headers=headers)

        if is_for_programs(rule):
            assert answer.status_code == 401, (method, rule)
        else:
            assert answer.status_code == 303, (method, rule)
            assert answer.location.startswith("/sign-in?next="), (method, rule)
