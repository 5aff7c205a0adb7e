"""Quiet hours on the clock of the place that a message is about."""

import uuid
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app.kit.clock import frozen
from app.messaging.models import Message
from app.messaging.quiet_hours import leaves_at
from app.messaging.services import queue_message, send_message
from app.messaging.transport import Smtp
from app.tenants.queries import get_clinic
from app.tenants.services.manage_location import NewLocation, add_location
from app.tenants.services.save_settings import NewSettings, save_settings
from tests.factories.tenants import MadeClinic, make_clinic

VALUES = {
    "clinic": "Tern & Thistle",
    "name": "Aoife",
    "link": "https://x.example/y",
    "contact": "0131 496 0000",
    "code": "482913",
    "minutes": "10",
}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "leaves"),
    [
        ("2026-11-22 20:59", "Europe/London", None),
        ("2026-11-22 21:00", "Europe/London", "2026-11-23 08:00"),
        ("2026-11-23 07:59", "Europe/London", "2026-11-23 08:00"),
        ("2026-11-23 08:00", "Europe/London", None),
        # The same instant is noon in London and nine in the evening in Tokyo.
        ("2026-11-22 12:00", "Europe/London", None),
        ("2026-11-22 12:00", "Asia/Tokyo", "2026-11-22 23:00"),
        # London's clocks go back in this night, so that eight o'clock comes an hour later in UTC.
        ("2026-10-24 21:30", "Europe/London", "2026-10-25 08:00"),
        ("2026-10-24 19:30", "Europe/London", None),
        ("2026-03-28 22:00", "Europe/London", "2026-03-29 07:00"),
    ],
)
def test_a_message_waits_for_the_places_own_morning(at: str, zone: str, leaves: str | None) -> None:
    found = leaves_at(utc(at), quiet_from="21:00", quiet_until="08:00", zone=zone)

    assert found == (None if leaves is None else utc(leaves))


def test_quiet_hours_may_lie_within_a_day() -> None:
    at = utc("2026-11-22 13:00")

    assert leaves_at(at, quiet_from="12:30", quiet_until="14:00", zone="Europe/London") == utc(
        "2026-11-22 14:00"
    )
    assert leaves_at(at, quiet_from="14:00", quiet_until="15:00", zone="Europe/London") is None


@pytest.mark.parametrize(
    ("at", "until", "leaves"),
    [
        # From one to two o'clock comes twice: the first half past one is over, the second is not.
        ("2026-10-25 00:10", "01:30", "2026-10-25 00:30"),
        ("2026-10-25 01:10", "01:30", "2026-10-25 01:30"),
        # From one to two o'clock never comes: the end is the moment after it.
        ("2026-03-29 00:10", "01:30", "2026-03-29 01:30"),
    ],
)
def test_an_end_in_the_hour_of_a_change_of_the_clocks_lies_ahead(
    at: str, until: str, leaves: str
) -> None:
    found = leaves_at(utc(at), quiet_from="21:00", quiet_until=until, zone="Europe/London")

    assert found == utc(leaves)


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    """A clinic in London and Tokyo that is quiet from nine to eight."""
    made = make_clinic()
    with made.scope() as scope:
        clinic = get_clinic(scope)
        save_settings(
            scope,
            NewSettings(
                clinic.legal_name,
                clinic.address,
                "#1f5f5b",
                ("en",),
                {"clinical": 10, "financial": 7},
                quiet_from="21:00",
                quiet_until="08:00",
            ),
            version=clinic.version,
        )
    return made


def queue(clinic: MadeClinic, template: str, **more: object) -> Message:
    with clinic.scope() as scope:
        return queue_message(
            scope, to="a@b.example", channel="email", template=template, values=VALUES, **more
        )


def tokyo_of(clinic: MadeClinic) -> uuid.UUID:
    """Add a location in Tokyo and return its id."""
    with clinic.scope() as scope:
        return add_location(
            scope,
            NewLocation(
                "Tokyo", "1-1 Example", "Asia/Tokyo", "JPY", "JP", "JP", "clinic", "03 0000 0000"
            ),
        ).id


def test_what_is_not_urgent_waits_and_a_code_does_not(clinic: MadeClinic) -> None:
    with frozen(utc("2026-11-22 22:15")):
        assert queue(clinic, "aftercare").not_before == utc("2026-11-23 08:00")
        assert queue(clinic, "sign_code").not_before is None


def test_the_location_that_a_message_is_about_decides(clinic: MadeClinic) -> None:
    tokyo_id = tokyo_of(clinic)
    with frozen(utc("2026-11-22 12:15")):
        assert queue(clinic, "aftercare").not_before is None
        late = queue(clinic, "aftercare", location_id=tokyo_id)
    assert late.not_before == utc("2026-11-22 23:00")


def test_without_quiet_hours_nothing_waits(context: Flask) -> None:
    with frozen(utc("2026-11-22 03:00")):
        assert queue(make_clinic(), "aftercare").not_before is None


def test_a_second_try_waits_for_the_end_of_the_night_too(
    context: Flask, clinic: MadeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_listens = Smtp("smtp://127.0.0.1:9", "no-reply@c.example")
    monkeypatch.setitem(context.extensions, "needlepoint_transport", nobody_listens)
    with frozen(utc("2026-11-22 20:59:30")):
        message = queue(clinic, "aftercare")
        with clinic.scope() as scope:
            send_message(scope, message_id=message.id)
        with clinic.scope() as scope:
            [waiting] = scope.session.scalars(select(Message).where(Message.id == message.id))

    assert (waiting.state, waiting.not_before) == ("queued", utc("2026-11-23 08:00"))


def test_a_second_try_asks_the_location_that_the_message_is_about(
    context: Flask, clinic: MadeClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_listens = Smtp("smtp://127.0.0.1:9", "no-reply@c.example")
    monkeypatch.setitem(context.extensions, "needlepoint_transport", nobody_listens)
    # A minute before nine in the evening in Tokyo it is noon in London, where the patient lives.
    with frozen(utc("2026-11-22 11:59:30")):
        message = queue(clinic, "aftercare", location_id=tokyo_of(clinic))
        with clinic.scope() as scope:
            send_message(scope, message_id=message.id)
        with clinic.scope() as scope:
            [waiting] = scope.session.scalars(select(Message).where(Message.id == message.id))

    assert (waiting.state, waiting.not_before) == ("queued", utc("2026-11-22 23:00"))
