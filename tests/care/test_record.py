"""Completing is never refused: what was done is written down, marked, and told to the owner."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.care import queries, reading
from app.care.errors import RecordNotPossible
from app.care.models import TreatmentCompletion
from app.care.record import ClinicalNote, Done, DoneArea, Topical, read_note
from app.care.services.complete_treatment import complete_treatment
from app.errors import Stale
from app.kit.clock import now
from app.messaging.queries import page_messages
from app.messaging.services import read_message
from app.plans.queries import get_visit
from app.tenants.models import CartridgeLot
from tests.factories.care import ReadyVisit, make_ready_visit
from tests.factories.plans import make_visit

DONE = Done(
    device_model="Test Pen",
    device_serial="0001",
    lot="LOT-1",
    lot_expires_on=date(2099, 1, 31),
    areas=(DoneArea("face_cheeks", 1000, 3),),
    note=ClinicalNote(note="Tolerated well.", endpoint="Even redness", needle_count=12),
)


@pytest.fixture
def started(context: Flask) -> ReadyVisit:
    ready = make_ready_visit()
    ready.start()
    return ready


def complete(ready: ReadyVisit, done: Done = DONE, after: int = 0) -> TreatmentCompletion:
    with ready.made.clinic.scope(ready.made.practitioner) as scope:
        treatment = queries.find_treatment_of_visit(scope, ready.visit_id)
        assert treatment is not None
        return complete_treatment(scope, treatment_id=treatment.id, done=done, after_number=after)


def flags(ready: ReadyVisit) -> list[str]:
    with ready.made.clinic.scope() as scope:
        treatment = queries.find_treatment_of_visit(scope, ready.visit_id)
        assert treatment is not None
        latest = queries.find_latest_completion(scope, treatment.id)
        assert latest is not None
        return [one.text for one in reading.flags_for(scope, treatment, latest)]


def letters(ready: ReadyVisit, template: str) -> list[str]:
    """Return address, subject and body of every message made from a template."""
    with ready.made.clinic.scope() as scope:
        found = [one for one in page_messages(scope) if one.template == template]
        opened = [read_message(scope, one) for one in found]
    return [f"{one.to} {one.subject} {one.body}" for one in opened]


def test_a_record_closes_the_visit_and_stands_out_in_nothing(started: ReadyVisit) -> None:
    completion = complete(started)

    assert completion.number == 1
    assert not completion.beyond_consent
    assert flags(started) == []
    assert letters(started, "incident_alert") == []
    with started.made.clinic.scope() as scope:
        assert get_visit(scope, started.visit_id).state == "completed"


def test_what_clinicians_write_lies_encrypted(started: ReadyVisit) -> None:
    completion = complete(started)

    assert completion.note_cipher is not None
    assert b"Tolerated" not in completion.note_cipher
    with started.made.clinic.scope() as scope:
        note = read_note(scope, completion, started.made.patient_id)
    assert note == DONE.note


def test_deeper_than_agreed_is_recorded_shown_and_told_to_the_owner(started: ReadyVisit) -> None:
    deeper = replace(DONE, areas=(DoneArea("face_cheeks", 1001, 1),))

    assert complete(started, deeper).beyond_consent

    assert flags(started) == ["Cheeks: 1.001 mm, deeper than the 1 mm agreed to."]
    (letter,) = letters(started, "incident_alert")
    assert letter.startswith(started.made.clinic.owner.email)
    assert "/treatments/" in letter


def test_the_owners_message_holds_nothing_about_the_patient(started: ReadyVisit) -> None:
    complete(started, replace(DONE, areas=(DoneArea("face_forehead", 800, 1),)))

    (letter,) = letters(started, "incident_alert")
    for word in ("Aoife", "Nguyễn", "forehead", "Forehead", "0.8", "mm", "consent", "needl"):
        assert word not in letter


def test_an_area_that_was_not_started_is_recorded_too(started: ReadyVisit) -> None:
    both = (*DONE.areas, DoneArea("face_nose", 500, 1))

    assert complete(started, replace(DONE, areas=both)).beyond_consent

    assert flags(started) == ["Nose: treated, but not part of what was started."]


def test_a_place_that_is_never_treated_can_be_written_down(started: ReadyVisit) -> None:
    eyelid = replace(DONE, areas=(DoneArea("eyelid", 200, 1),))

    assert complete(started, eyelid).beyond_consent


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lot_expires_on": date(2020, 1, 31)}, "could be used until Friday 31 January 2020"),
        ({"lot": "FROM-THE-DRAWER"}, "is not in the clinic's own list"),
        (
            {"topicals": (Topical("Vitamin C serum", "V7", sterile=False,
                                  labelled_for_intradermal_use=False),)},
            "report lumps, also months later",
        ),
    ],
)  # fmt: skip
def test_what_stands_out_is_said_and_never_refused(
    started: ReadyVisit, change: dict[str, object], said: str
) -> None:
    completion = complete(started, replace(DONE, **change))

    assert not completion.beyond_consent
    assert said in flags(started)[0]


def test_a_lot_that_was_recalled_in_the_meantime_is_marked(started: ReadyVisit) -> None:
    with started.made.clinic.scope() as scope:
        lot = scope.session.get(CartridgeLot, (scope.tenant_id, started.made.lot_id))
        assert lot is not None
        lot.recalled_at = now()
    complete(started)

    assert flags(started) == ["Lot LOT-1 was recalled."]


def test_a_correction_is_a_new_row_and_the_old_one_stays(started: ReadyVisit) -> None:
    complete(started)
    complete(started, replace(DONE, areas=(DoneArea("face_cheeks", 900, 2),)), after=1)

    with started.made.clinic.scope() as scope:
        treatment = queries.find_treatment_of_visit(scope, started.visit_id)
        assert treatment is not None
        kept = queries.list_completions(scope, [treatment.id])
    assert [(one.number, one.areas[0]["depth_um"]) for one in kept] == [(1, 1000), (2, 900)]


def test_a_record_cannot_be_overwritten(started: ReadyVisit) -> None:
    complete(started)

    statement = text("UPDATE treatment_completion SET lot = 'X' WHERE tenant_id = :t")
    with pytest.raises(ProgrammingError), started.made.clinic.scope() as scope:
        scope.session.execute(statement, {"t": scope.tenant_id})


def test_of_two_writers_the_second_reads_first(started: ReadyVisit) -> None:
    complete(started)

    with pytest.raises(Stale):
        complete(started)


@pytest.mark.parametrize(
    "areas",
    [
        (),
        (DoneArea("the_moon", 500, 1),),
        (DoneArea("face_cheeks", 500, 1), DoneArea("face_cheeks", 600, 1)),
        (DoneArea("face_cheeks", 20_001, 1),),
    ],
)
def test_only_what_no_body_has_is_sent_back(
    started: ReadyVisit, areas: tuple[DoneArea, ...]
) -> None:
    with pytest.raises(RecordNotPossible):
        complete(started, replace(DONE, areas=areas))


def test_an_area_treated_beyond_the_plan_counts_for_its_interval(started: ReadyVisit) -> None:
    complete(started, replace(DONE, areas=(DoneArea("face_nose", 500, 1),)))
    again = ReadyVisit(started.made, make_visit(started.made), started.consent)
    again.ask()

    answer = again.may(areas={"face_nose": 500})

    assert "too_soon" in [one.code for one in answer.reasons]
