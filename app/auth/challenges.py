"""Challenges for passkeys: used once, within five minutes, for one purpose, by one browser."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from sqlalchemy import text
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException

from app.auth.letters import public_url
from app.auth.services import WrongCredentials
from app.database import ScopedSession, commit_before_check
from app.errors import Conflict
from app.kit.clock import now
from app.kit.ids import hash_secret, new_secret

log = structlog.get_logger(__name__)
CHALLENGE_LASTS = timedelta(minutes=5)
PUT = text("SELECT door.put_challenge(:hash, :binding, :purpose, :at, :ends)")
TAKE = text("SELECT door.take_challenge(:hash, :binding, :purpose, :at)")
Credential = dict[str, Any]
Checked = TypeVar("Checked")
# What a credential can raise that is not what it should be.
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, IndexError, AttributeError)


class PasskeysNotPossible(Conflict):
    """Browsers offer passkeys for names only, and this installation is reached by a number."""

    code = "passkeys_not_possible"
    title = "Passkeys need an address with a name"


@dataclass(frozen=True)
class Site:
    """The installation as browsers bind passkeys to it."""

    host: str
    origin: str


def site() -> Site:
    """Return the installation's host and origin; raises PasskeysNotPossible."""
    parts = urlsplit(public_url())
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return Site(host, f"{parts.scheme}://{parts.netloc}")
    raise PasskeysNotPossible


def is_possible() -> bool:
    """Return whether browsers offer passkeys for this installation."""
    try:
        site()
    except PasskeysNotPossible:
        return False
    return True


def new_challenge(session: ScopedSession, purpose: str, browser: str) -> bytes:
    """Return a fresh challenge that only this browser can answer. ``browser`` is its cookie."""
    challenge, at = new_secret(), now()
    values = {
        "hash": hash_secret(challenge),
        "binding": hash_secret(browser),
        "purpose": purpose,
        "at": at,
        "ends": at + CHALLENGE_LASTS,
    }
    session.execute(PUT, values)
    return base64url_to_bytes(challenge)


def take_challenge(
    session: ScopedSession, purpose: str, credential: Credential, browser: str
) -> bytes:
    """Use up the challenge that a credential answers, before anything of it is believed."""
    said = checked(lambda: _client_data(credential))
    values = {"hash": hash_secret(said), "binding": hash_secret(browser), "purpose": purpose}
    taken = session.execute(TAKE, {**values, "at": now()}).scalar_one()
    commit_before_check(session)
    if not taken:
        raise WrongCredentials("That took too long. Please try again.")
    return base64url_to_bytes(said)


def _client_data(credential: Credential) -> str:
    data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    said = data["challenge"]
    if not isinstance(said, str):
        raise TypeError
    return bytes_to_base64url(base64url_to_bytes(said))


def checked(check: Callable[[], Checked]) -> Checked:
    """Return what a check of a credential gives; raises WrongCredentials, whatever is wrong."""
    try:
        return check()
    except UNREADABLE as problem:
        log.warning("auth.passkey_refused", kind=type(problem).__name__)
        raise WrongCredentials("That passkey was not accepted.") from problem
