"""The aftercare sheet: sealed, given before and after, sent as a link, and about what was done."""

from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
from flask import Flask

from app.care import queries
from app.care.errors import AftercareNotPossible
from app.care.models import AftercareGiven
from app.care.record import DoneArea
from app.care.services.complete_treatment import complete_treatment
from app.care.services.give_aftercare import give_after, give_after_incident, give_before
from app.care.services.record_incident import NewIncident, record_incident
from app.documents.files import read_document
from app.documents.queries import list_documents_of_patient
from app.documents.setup import own_trust
from app.documents.verify import verify_file
from app.kit.clock import now
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message
from tests.care.test_record import DONE
from tests.factories.care import ReadyVisit, make_bare_visit, make_ready_visit
from tests.factories.plans import make_discussed_plan, make_visit
from tests.factories.tenants import PROCEDURE, make_clinic


@pytest.fixture
def bare(context: Flask) -> ReadyVisit:
    return make_bare_visit(areas={"face_cheeks": 1000, "scalp": 500})


def before(visit: ReadyVisit) -> AftercareGiven:
    with visit.made.clinic.scope(visit.made.practitioner) as scope:
        return give_before(scope, visit_id=visit.visit_id)


def after(visit: ReadyVisit) -> AftercareGiven:
    with visit.made.clinic.scope(visit.made.practitioner) as scope:
        return give_after(scope, visit_id=visit.visit_id)


def file_of(visit: ReadyVisit, given: AftercareGiven) -> bytes:
    with visit.made.clinic.scope() as scope:
        return read_document(scope, given.document_id)


def words_of(data: bytes) -> str:
    with pypdfium2.PdfDocument(data) as pdf:
        pages = [page.get_textpage().get_text_bounded() for page in pdf]
    return " ".join(" ".join(pages).split())


def width_of(data: bytes) -> int:
    with pypdfium2.PdfDocument(data) as pdf:
        return round(pdf[0].get_width())


def test_the_sheet_before_has_the_dates_of_the_planned_day(context: Flask) -> None:
    made = make_discussed_plan()
    planned_at = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)
    visit = ReadyVisit(made, make_visit(made, planned_at=planned_at), None)

    words = words_of(file_of(visit, before(visit)))

    assert "Sunday 31 January 2027" in words
    assert "Call 999" in words
    assert "111" in words
    assert "0131 496 0000" in words
    assert "Cheeks to 1 mm" in words
    assert "Test Pen" in words


def test_the_scalp_has_its_own_advice_and_the_sheet_verifies(
    bare: ReadyVisit, context: Flask
) -> None:
    data = file_of(bare, before(bare))

    assert "minoxidil" in words_of(data).lower()
    report = verify_file(data, own_trust(context.config["SETTINGS"]))
    assert report.holds, report


def test_pressed_twice_it_is_the_same_sheet_and_two_messages(bare: ReadyVisit) -> None:
    first, again = before(bare), before(bare)

    assert first.document_id == again.document_id
    assert first.message_id != again.message_id


def test_the_message_holds_a_link_and_nothing_about_the_treatment(bare: ReadyVisit) -> None:
    before(bare)

    with bare.made.clinic.scope() as scope:
        (message,) = list_messages_to_patient(scope, bare.made.patient_id)
        letter = read_message(scope, message)
    assert "/document#" in letter.body
    for word in ("heek", "calp", "needl", "mm ", "scar"):
        assert word not in letter.subject + letter.body


def test_nothing_is_given_after_what_was_never_started(bare: ReadyVisit) -> None:
    with pytest.raises(AftercareNotPossible):
        after(bare)


def test_the_sheet_afterwards_is_about_what_was_done(context: Flask) -> None:
    ready = make_ready_visit()
    ready.start()
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        treatment = queries.find_treatment_of_visit(scope, ready.visit_id)
        assert treatment is not None
        done = replace(DONE, areas=(DoneArea("face_forehead", 500, 2),))
        complete_treatment(scope, treatment_id=treatment.id, done=done, after_number=0)

    given = after(ready)

    words = words_of(file_of(ready, given))
    assert "Forehead to 0.5 mm" in words
    assert "Cheeks" not in words
    assert given.treatment_id == treatment.id


def test_after_an_incident_there_is_a_sheet_too(bare: ReadyVisit) -> None:
    with bare.made.clinic.scope(bare.made.practitioner) as scope:
        wanted = NewIncident(
            bare.made.patient_id,
            bare.made.practitioner.id,
            PROCEDURE,
            {"face_nose": 250},
            "Treated before the form was signed.",
            now(),
        )
        incident_id = record_incident(scope, wanted).id
    with bare.made.clinic.scope(bare.made.practitioner) as scope:
        given = give_after_incident(scope, incident_id=incident_id)

    assert given.incident_id == incident_id
    assert "Nose to 0.25 mm" in words_of(file_of(bare, given))


def test_an_american_clinic_prints_on_letter_and_says_911(context: Flask) -> None:
    clinic = make_clinic(zone="America/Chicago", jurisdiction="US-TX", market="US", currency="USD")
    made = make_discussed_plan(clinic)
    visit = ReadyVisit(made, make_visit(made), None)

    data = file_of(visit, before(visit))

    assert width_of(data) == 612
    assert "Call 911" in words_of(data)


def test_a_european_clinic_prints_on_a4_and_says_112(context: Flask) -> None:
    clinic = make_clinic(zone="Europe/Berlin", jurisdiction="DE", market="EU", currency="EUR")
    made = make_discussed_plan(clinic)
    visit = ReadyVisit(made, make_visit(made), None)

    data = file_of(visit, before(visit))

    assert width_of(data) == 595
    assert "Call 112" in words_of(data)


def test_the_sheet_is_one_of_the_patients_documents(bare: ReadyVisit) -> None:
    before(bare)

    with bare.made.clinic.scope() as scope:
        (document,) = list_documents_of_patient(scope, bare.made.patient_id)
    assert document.kind == "aftercare"
