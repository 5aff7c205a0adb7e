"""A person's record as plain values: all that is theirs, and nothing that opens a page."""

from flask import Flask

from app.messaging.services import queue_message
from app.patients.queries import get_patient
from app.rights.record import whole_record
from tests.factories.plans import make_patient
from tests.factories.tenants import make_clinic

LETTERS = (
    ("sign_code", {"clinic": "Tern", "code": "48151623"}),
    (
        "sign_request",
        {
            **{"clinic": "Tern", "name": "A", "page": "https://x/sign", "code": "K7PM-4TQX-92ZD"},
            **{"link": "https://x/sign#abcdefghijklmnop1234", "expires": "tomorrow"},
        },
    ),
    ("rights_answer", {"clinic": "Tern", "name": "A", "decisions": "Bill 20261122, 07700900123"}),
)


def test_codes_and_links_are_left_out_and_numbers_are_not(context: Flask) -> None:
    clinic = make_clinic()
    patient_id, email = make_patient(clinic)
    with clinic.scope() as scope:
        for template, values in LETTERS:
            queue_message(
                scope,
                to=email,
                channel="email",
                template=template,
                values=values,
                patient_id=patient_id,
            )
        scope.session.flush()
        record = whole_record(scope, get_patient(scope, patient_id))

    bodies = " ".join(one["body"] for one in record["messages"])
    assert not [one for one in ("48151623", "K7PM", "abcdefghijklmnop") if one in bodies]
    assert "Bill 20261122, 07700900123" in bodies
