"""Ways out for a message: a mail server, or the outbox of a demo that sends nothing anywhere."""

import smtplib
import uuid
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app

TIMEOUT_SECONDS = 10


class MessageNotSent(Exception):
    """The message did not leave; the text says why and holds no address."""


@dataclass(frozen=True)
class Letter:
    """An opened message on its way out."""

    id: uuid.UUID
    channel: str
    to: str
    subject: str
    body: str
    is_erased: bool = False


class Transport(Protocol):
    """Something that takes a letter or raises MessageNotSent."""

    def carries(self, channel: str) -> bool:
        """Whether messages of a channel leave by this way."""

    def deliver(self, letter: Letter) -> None:
        """Take the letter over; raises MessageNotSent."""


class OutboxOnly:
    """The demo's transport: the message can be read on the outbox page and goes nowhere else."""

    def carries(self, channel: str) -> bool:
        """Everything can be read on the outbox page."""
        return True

    def deliver(self, letter: Letter) -> None:
        """Do nothing: the outbox page reads the message's own row."""


class Smtp:
    """Delivery by a mail server, "smtp://user:password@host:port" or "smtps://…"."""

    def __init__(self, url: str, sender: str) -> None:
        self._parts = urlsplit(url)
        self._sender = sender

    def carries(self, channel: str) -> bool:
        """Whether messages of a channel leave by this way."""
        return channel == "email"

    def deliver(self, letter: Letter) -> None:
        """Send an email; text messages need a provider of their own."""
        if letter.channel != "email":
            raise MessageNotSent("no provider for text messages is configured")
        try:
            self._send(_mail(self._sender, letter))
        except ValueError as problem:
            # Line ends in an address or a subject would become headers of the writer's choice.
            raise MessageNotSent("the address or the subject cannot be a header") from problem
        except (OSError, smtplib.SMTPException) as problem:
            raise MessageNotSent(f"the mail server refused: {type(problem).__name__}") from problem

    def _send(self, mail: EmailMessage) -> None:
        kind = smtplib.SMTP_SSL if self._parts.scheme == "smtps" else smtplib.SMTP
        host, port = self._parts.hostname or "", self._parts.port or 25
        with kind(host, port, timeout=TIMEOUT_SECONDS) as server:
            if self._parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls()
            if self._parts.username:
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            server.send_message(mail)


class ByChannel:
    """Each channel by the first way that carries it."""

    def __init__(self, *ways: Transport) -> None:
        self._ways = ways

    def carries(self, channel: str) -> bool:
        """Whether messages of a channel leave by any way."""
        return any(way.carries(channel) for way in self._ways)

    def deliver(self, letter: Letter) -> None:
        """Hand the letter to its way; raises MessageNotSent."""
        for way in self._ways:
            if way.carries(letter.channel):
                way.deliver(letter)
                return
        raise MessageNotSent("nothing is configured that carries this message")


def _mail(sender: str, letter: Letter) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, letter.to, letter.subject
    mail["Message-ID"] = f"<{letter.id}@needlepoint>"
    mail.set_content(letter.body)
    return mail


def transport() -> Transport:
    """Return this application's way out."""
    found: Transport = current_app.extensions["needlepoint_transport"]
    return found
