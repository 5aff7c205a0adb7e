"""Papers fit what people have in their printers: Letter in some countries, A4 in all others."""

import io

import pytest
from flask import Flask
from pypdf import PdfReader

from app.consent.paper.making import print_of
from app.consent.paper.services.print_paper import print_paper
from app.documents.files import read_document
from app.documents.queries import list_documents_of_patient
from app.tenants.models import Location
from app.tenants.paper_size import paper_size
from app.tenants.services.manage_location import NewLocation, change_location
from tests.factories.consent import make_asked_consent, make_signed_consent
from tests.factories.plans import MadePlan, make_discussed_plan
from tests.factories.tenants import make_clinic

A4, LETTER = (595, 842), (612, 792)


def in_texas() -> MadePlan:
    texas = make_clinic(zone="America/Chicago", jurisdiction="US-TX", market="US", currency="USD")
    return make_discussed_plan(texas)


def sizes(data: bytes) -> set[tuple[int, int]]:
    boxes = (page.mediabox for page in PdfReader(io.BytesIO(data)).pages)
    return {(round(box.width), round(box.height)) for box in boxes}


@pytest.mark.parametrize(
    ("jurisdiction", "size"),
    [
        *((one, "Letter") for one in ("US", "US-TX", "CA", "CA-ON", "MX", "PH", "us-ca")),
        *((one, "A4") for one in ("GB-SCT", "DE", "AT", "JP", "AU", "NZ", "CH", "USB", "")),
    ],
)
def test_the_paper_is_that_of_the_country(jurisdiction: str, size: str) -> None:
    assert paper_size(Location(jurisdiction=jurisdiction, market="UK")) == size


def test_a_form_printed_in_texas_is_on_letter(context: Flask) -> None:
    asked = make_asked_consent(in_texas())

    with asked.made.clinic.scope() as scope:
        paper = print_paper(scope, consent_id=asked.id)
        assert sizes(print_of(scope, asked.read(scope), paper)) == {LETTER}


def test_a_form_printed_in_scotland_is_on_a4(context: Flask) -> None:
    asked = make_asked_consent(make_discussed_plan())

    with asked.made.clinic.scope() as scope:
        paper = print_paper(scope, consent_id=asked.id)
        assert sizes(print_of(scope, asked.read(scope), paper)) == {A4}


def test_what_was_sealed_in_texas_stays_on_letter_after_a_move(context: Flask) -> None:
    signed = make_signed_consent(in_texas())
    clinic = signed.made.clinic
    moved = NewLocation(
        name="Harbour",
        address="1 Quay Street",
        zone="Europe/Berlin",
        currency="USD",
        jurisdiction="DE",
        market="EU",
        premises_kind="independent clinic",
        emergency_contact="0131 496 0000",
    )

    with clinic.scope() as scope:
        change_location(scope, location_id=clinic.location_id, wanted=moved, version=1)
    with clinic.scope() as scope:
        (document,) = list_documents_of_patient(scope, signed.made.patient_id)
        assert sizes(read_document(scope, document.id)) == {LETTER}
