"""Messages: queued with their cause, encrypted at rest, sent once, patient with mail servers."""

import email
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from app.database.install import DatabaseUrls
from app.jobs.worker import work
from app.kit import clock
from app.messaging.errors import TooManyMessages
from app.messaging.models import Message
from app.messaging.services import (
    MOST_ASKED,
    MOST_ATTEMPTS,
    RETRY_AFTER,
    queue_message,
    read_message,
    send_message,
)
from app.messaging.templates import SUBJECTS, subject_of
from app.messaging.transport import Letter, MessageNotSent, OutboxOnly, Smtp
from tests.factories.tenants import MadeClinic, make_clinic, unique_email
from tests.fakes.mail_server import Inbox, mail_server
from tests.support.engines import superuser_engine

TO = "aoife.nguyen@patient.example"
CODE = "482913"
VALUES = {"clinic": "Tern & Thistle", "code": CODE, "minutes": "10"}
# The same message many times over, each with an id of its own.
AGAIN = (
    "INSERT INTO message SELECT (jsonb_populate_record(m, jsonb_build_object('id', uuidv7()))).*"
    " FROM message m, generate_series(1, :many) WHERE m.tenant_id = :t"
)
NOBODY_LISTENS = "smtp://127.0.0.1:9"


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def by_mail(context: Flask, inbox: Inbox) -> Iterator[Inbox]:
    """The application sends by the mail server of this test."""
    kept = context.extensions["needlepoint_transport"]
    context.extensions["needlepoint_transport"] = Smtp(inbox.url, "no-reply@clinic.example")
    yield inbox
    context.extensions["needlepoint_transport"] = kept


def queue(clinic: MadeClinic, to: str = TO, channel: str = "email") -> uuid.UUID:
    with clinic.scope() as scope:
        return queue_message(scope, to=to, channel=channel, template="sign_code", values=VALUES).id


def ask_to_pay(clinic: MadeClinic) -> None:
    values = {"clinic": "Tern & Thistle", "link": "/pay#x", "name": "Aoife", "amount": "£50"}
    with clinic.scope() as scope:
        queue_message(scope, to=TO, channel="email", template="pay_link", values=values)


def stored(clinic: MadeClinic, message_id: uuid.UUID) -> Message:
    with clinic.scope() as scope:
        return scope.session.scalars(select(Message).where(Message.id == message_id)).one()


def run_jobs(app: Flask) -> None:
    work(app, app.config["SETTINGS"].worker_url, until_empty=True)


class TestQueueing:
    def test_a_message_leaves_after_the_commit(
        self, context: Flask, clinic: MadeClinic, by_mail: Inbox
    ) -> None:
        to = unique_email("patient")
        message_id = queue(clinic, to=to)
        assert by_mail.letters == []

        run_jobs(context)

        letters = [email.message_from_string(one) for one in by_mail.letters]
        [letter] = [one for one in letters if one["To"] == to]
        assert CODE in letter.get_payload(decode=True).decode()
        assert stored(clinic, message_id).state == "sent"

    def test_what_is_rolled_back_is_never_sent(
        self, context: Flask, clinic: MadeClinic, by_mail: Inbox
    ) -> None:
        to = unique_email("patient")
        with clinic.scope() as scope:
            queue_message(scope, to=to, channel="email", template="sign_code", values=VALUES)
            scope.session.flush()
            scope.session.rollback()

        run_jobs(context)

        assert to not in by_mail.addresses

    def test_address_and_text_are_encrypted_at_rest(
        self, clinic: MadeClinic, admin_url: str, urls: DatabaseUrls
    ) -> None:
        message_id = queue(clinic)
        engine: Engine = superuser_engine(admin_url, urls.app)
        with engine.connect() as connection:
            asked = text("SELECT m\\:\\:text, to_cipher, body_cipher FROM message m WHERE id = :id")
            row = connection.execute(asked, {"id": message_id}).one()

        assert TO not in row[0]
        assert CODE not in row[0]
        assert TO.encode() not in bytes(row[1])
        assert CODE.encode() not in bytes(row[2])

    def test_case_41_a_clinic_sends_so_many_links_an_hour_and_others_send_theirs(
        self, clinic: MadeClinic, admin_url: str, urls: DatabaseUrls
    ) -> None:
        ask_to_pay(clinic)
        with superuser_engine(admin_url, urls.app).begin() as connection:
            connection.execute(text(AGAIN), {"t": clinic.tenant_id, "many": MOST_ASKED - 2})
        ask_to_pay(clinic)

        with pytest.raises(TooManyMessages, match="500 links within an hour"):
            ask_to_pay(clinic)

        queue(clinic)  # A code that a patient waits for is none of these.
        ask_to_pay(make_clinic(name="Juniper Quay"))
        with clock.shifted(timedelta(minutes=61)):
            ask_to_pay(clinic)

    def test_it_can_be_read_where_it_was_written(self, clinic: MadeClinic) -> None:
        message = stored(clinic, queue(clinic))

        with clinic.scope() as scope:
            assert read_message(scope, message).to == TO

    @pytest.mark.parametrize("template", SUBJECTS)
    def test_a_subject_holds_nothing_but_the_clinics_name(self, template: str) -> None:
        values = {"clinic": "Tern\r\nBcc: all@x.example", "name": "Aoife", "code": CODE}

        subject = subject_of(template, values)

        assert "\n" not in subject
        assert "\r" not in subject
        assert "Aoife" not in subject
        assert CODE not in subject


class TestSending:
    @pytest.mark.parametrize(
        "bait",
        ["https://evil.example/pay", "HTTP://evil.example", "//evil.example/x", "www.evil.example"],
    )
    def test_case_46_a_name_puts_no_link_into_a_message(
        self, clinic: MadeClinic, bait: str
    ) -> None:
        ours = {"link": "https://needle.example/sign#x", "page": "https://needle.example/sign"}
        said = {"clinic": f"Pay at {bait} now", "name": f"See {bait}", "expires": "soon"}
        values = VALUES | said | ours
        with clinic.scope() as scope:
            message = queue_message(
                scope, to=TO, channel="email", template="sign_request", values=values
            )
            letter = read_message(scope, message)

        assert "evil.example" not in letter.subject + letter.body
        assert values["link"] in letter.body

    def test_sent_twice_it_stays_sent_once(self, clinic: MadeClinic, by_mail: Inbox) -> None:
        message_id = queue(clinic)
        for _ in range(3):
            with clinic.scope() as scope:
                send_message(scope, message_id=message_id)

        assert len(by_mail.letters) == 1

    def test_case_39_while_the_mail_server_is_down_a_message_waits_and_then_leaves(
        self, context: Flask, clinic: MadeClinic, by_mail: Inbox
    ) -> None:
        to = unique_email("patient")
        up = context.extensions["needlepoint_transport"]
        context.extensions["needlepoint_transport"] = Smtp(NOBODY_LISTENS, "no-reply@c.example")
        with clock.shifted(-timedelta(minutes=5)):
            message_id = queue(clinic, to=to)
            with clinic.scope() as scope:
                send_message(scope, message_id=message_id)
        waiting = stored(clinic, message_id)
        assert (waiting.state, waiting.attempts) == ("queued", 1)
        assert to not in str(waiting.last_error)

        # Its first job and its retry are both due, and the server takes its time.
        context.extensions["needlepoint_transport"], by_mail.pause = up, 0.4
        run_jobs(context)

        assert stored(clinic, message_id).state == "sent"
        assert by_mail.addresses.count(to) == 1

    def test_after_a_day_of_tries_it_is_given_up_visibly(
        self, context: Flask, clinic: MadeClinic, by_mail: Inbox
    ) -> None:
        context.extensions["needlepoint_transport"] = Smtp(NOBODY_LISTENS, "no-reply@c.example")
        message_id = queue(clinic)
        for _ in range(MOST_ATTEMPTS):
            with clinic.scope() as scope:
                send_message(scope, message_id=message_id)

        failed = stored(clinic, message_id)
        assert (failed.state, failed.attempts) == ("failed", MOST_ATTEMPTS)

    def test_the_tries_reach_over_a_night_without_a_mail_server(self) -> None:
        assert sum(RETRY_AFTER, timedelta()) > timedelta(hours=20)
        assert list(RETRY_AFTER) == sorted(RETRY_AFTER)

    def test_a_code_that_has_run_out_is_not_sent_late(
        self, clinic: MadeClinic, by_mail: Inbox
    ) -> None:
        with clock.shifted(-timedelta(minutes=11)):
            message_id = queue(clinic)
        with clinic.scope() as scope:
            send_message(scope, message_id=message_id)

        stopped = stored(clinic, message_id)
        assert (stopped.state, by_mail.letters) == ("failed", [])
        assert "run out" in str(stopped.last_error)

    def test_the_demos_outbox_sends_nothing_anywhere(
        self, context: Flask, clinic: MadeClinic
    ) -> None:
        assert isinstance(context.extensions["needlepoint_transport"], OutboxOnly)
        message_id = queue(clinic)

        run_jobs(context)

        assert stored(clinic, message_id).state == "sent"


class TestHeaders:
    @pytest.mark.parametrize(
        "to", [f"{TO}\nBcc: all@x.example", f"{TO}\r\nSubject: x", f"{TO}\r\n\r\nHello"]
    )
    def test_an_address_cannot_add_a_header(
        self, clinic: MadeClinic, by_mail: Inbox, to: str
    ) -> None:
        message_id = queue(clinic, to=to)
        with clinic.scope() as scope:
            send_message(scope, message_id=message_id)

        assert by_mail.letters == []
        waiting = stored(clinic, message_id)
        assert waiting.last_error == "the address or the subject cannot be a header"

    @pytest.mark.parametrize("subject", ["Hello\nBcc: x@y.example", "Hello\r\nX: y"])
    def test_a_subject_cannot_add_a_header(self, inbox: Inbox, subject: str) -> None:
        letter = Letter(uuid.uuid4(), "email", TO, subject, "text")
        with pytest.raises(MessageNotSent):
            Smtp(inbox.url, "no-reply@clinic.example").deliver(letter)

        assert inbox.letters == []

    def test_a_body_may_hold_lines_that_look_like_headers_or_ends(self, inbox: Inbox) -> None:
        body = "Bcc: all@x.example\n.\nQUIT\nstill here"
        letter = Letter(uuid.uuid4(), "email", TO, "Hello", body)

        Smtp(inbox.url, "no-reply@clinic.example").deliver(letter)

        received = email.message_from_string(inbox.letters[0])
        assert received["Bcc"] is None
        assert "still here" in received.get_payload()
        assert inbox.addresses == [TO]

    def test_a_text_message_without_a_provider_says_so(self, inbox: Inbox) -> None:
        letter = Letter(uuid.uuid4(), "sms", "+447700900123", "Hello", "text")

        with pytest.raises(MessageNotSent, match="no provider"):
            Smtp(inbox.url, "no-reply@clinic.example").deliver(letter)
