"""Text messages by a provider's HTTP API, spoken for real with one that stands in."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.config import BadSettings, read_settings
from app.messaging.text_messages import TextMessages, checked_provider
from app.messaging.transport import ByChannel, Letter, MessageNotSent, Smtp
from tests.fakes.text_provider import Phones, text_provider

TO, BODY = "+447700900123", "12345678 is your code"


@pytest.fixture
def phones() -> Iterator[Phones]:
    with text_provider() as running:
        yield running


def letter(channel: str = "sms") -> Letter:
    return Letter(uuid.uuid4(), channel, TO, "a subject", BODY)


def test_a_message_arrives_with_number_sender_and_text(phones: Phones) -> None:
    TextMessages(phones.url, "Needlepoint").deliver(letter())

    assert phones.sent == [{"To": TO, "From": "Needlepoint", "Body": BODY}]


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_refusal_tells_neither_number_nor_code(phones: Phones, status: int) -> None:
    phones.refuses = status

    with pytest.raises(MessageNotSent) as refused:
        TextMessages(phones.url, "Needlepoint").deliver(letter())
    assert str(status) in str(refused.value)
    assert TO not in str(refused.value)
    assert "12345678" not in str(refused.value)


def test_wrong_credentials_and_silence_are_failures(phones: Phones) -> None:
    wrong = phones.url.replace("a%20token", "another")

    for url in (wrong, "http://AC:x@127.0.0.1:9"):
        with pytest.raises(MessageNotSent):
            TextMessages(url, "Needlepoint").deliver(letter())


@pytest.mark.parametrize(
    "url",
    ["http://AC:x@provider.example", "https://provider.example", "ftp://AC:x@127.0.0.1", ""],
)
def test_an_address_that_would_leak_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        checked_provider(url)


def test_each_channel_leaves_by_its_own_way(phones: Phones) -> None:
    both = ByChannel(
        Smtp("smtp://127.0.0.1:9", "x@c.example"), TextMessages(phones.url, "Needlepoint")
    )

    both.deliver(letter())
    assert len(phones.sent) == 1
    with pytest.raises(MessageNotSent, match="mail server"):
        both.deliver(letter("email"))
    assert both.carries("sms")
    assert not Smtp("smtp://127.0.0.1:9", "x@c.example").carries("sms")


def test_settings_need_provider_and_sender_together() -> None:
    with pytest.raises(BadSettings, match="SMS_FROM"):
        read_settings({"NEEDLEPOINT_SMS_URL": "https://AC:x@provider.example"})
    found = read_settings(
        {"NEEDLEPOINT_SMS_URL": "https://AC:x@p.example", "NEEDLEPOINT_SMS_FROM": "Clinic"}
    )
    assert replace(found).sms_from == "Clinic"
