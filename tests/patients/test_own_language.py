"""Pages behind a link speak the patient's language: a document, or a copy of their data."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.care.services.give_aftercare import give_before
from app.kit.speech import speaking
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message
from app.rights.models import DecisionState, RightsDecision
from app.rights.services.export_data import make_export, request_export, send_export
from app.rights.wording import DecisionsInWords
from tests.consent.test_nothing_in_english import KNOWN, words_on
from tests.factories.care import make_bare_visit
from tests.factories.tenants import MadeClinic
from tests.support.left_english import english_in_arabic

BIRTH = {"birth_day": "17", "birth_month": "5", "birth_year": "1990"}
BASE = "https://localhost"


def newest_token(clinic: MadeClinic, patient_id: object, template: str) -> str:
    with clinic.scope() as scope:
        bodies = [
            read_message(scope, one).body
            for one in list_messages_to_patient(scope, patient_id)
            if one.template == template
        ]
    found = re.search(r"#(\S+)", bodies[0])
    assert found is not None
    return found[1]


def walk(client: FlaskClient, path: str, token: str) -> list[str]:
    """Open a link and show a wrong and then the right date of birth; return every page."""
    pages = [client.get(f"{path}?lang=ar", base_url=BASE).text]
    assert client.post(f"{path}/open", json={"token": token}, base_url=BASE).status_code == 200
    asking = client.get(f"{path}/identity", base_url=BASE).text
    csrf = re.search(r'name="csrf_token" value="(\w+)"', asking)
    assert csrf is not None
    for typed in ({**BIRTH, "birth_day": "31", "birth_month": "6"}, {**BIRTH, "birth_day": "18"}):
        form = {**typed, "csrf_token": csrf[1]}
        pages.append(client.post(f"{path}/identity", data=form, base_url=BASE).text)
    client.post(f"{path}/identity", data={**BIRTH, "csrf_token": csrf[1]}, base_url=BASE)
    shown = client.get(f"{path}/read", base_url=BASE)
    assert shown.status_code == 200
    return [*pages, asking, shown.text, client.get(f"{path}/ended?lang=ar", base_url=BASE).text]


def left_in(pages: list[str]) -> list[list[str]]:
    assert all('lang="ar" dir="rtl"' in page for page in pages)
    known = f"{KNOWN}START-HERE ZIP Stripe"
    return [left for page in pages if (left := english_in_arabic(words_on(page), known))]


def test_a_document_is_opened_in_arabic(context: Flask) -> None:
    visit = make_bare_visit(language="ar")
    made = visit.made
    with made.clinic.scope(made.practitioner) as scope:
        give_before(scope, visit_id=visit.visit_id)

    token = newest_token(made.clinic, made.patient_id, "aftercare")
    assert left_in(walk(context.test_client(), "/document", token)) == []


def test_a_copy_of_data_is_opened_in_arabic(context: Flask) -> None:
    visit = make_bare_visit(language="ar")
    clinic, patient_id = visit.made.clinic, visit.made.patient_id
    with clinic.scope() as scope:
        export_id = request_export(scope, patient_id=patient_id).id
    with clinic.scope() as scope:
        make_export(scope, export_id=export_id)
        send_export(scope, export_id=export_id)

    token = newest_token(clinic, patient_id, "data_export")
    assert left_in(walk(context.test_client(), "/your-data", token)) == []


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("de", "- Die Behandlungsakte: wird vorerst nicht gelöscht"),
        ("ar", "- سجل العلاج: لا يُمحى حاليًا"),
        ("en", "- The record of treatment: not erased for now"),
    ],
)
def test_the_answer_about_ones_data_is_told_when_its_language_is_known(
    language: str, told: str
) -> None:
    held = RightsDecision(
        state=DecisionState.HELD, retention="clinical", reason="kept", basis="law", years=8
    )
    answer = DecisionsInWords((held,), 35)

    with speaking(language):
        assert str(answer).startswith(told)
