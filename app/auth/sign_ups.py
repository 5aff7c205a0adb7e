"""Somebody without an account asks for one together with a clinic.

Nothing exists before the address is proved, and asking takes the same steps and gives the same
answer for every address: whether it has an account is told only to whoever reads its letters. The
link asks for the password once more, so that nobody can be talked into confirming an account that
somebody else has a password for.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import text

from app.auth import queries
from app.auth.accounts import take_as_proved
from app.auth.attempts import clear_attempts, count_attempt, count_letter, count_sign_up
from app.auth.errors import AccountLinkNotUsable
from app.auth.letters import Filled, Queued, fills, link, queue_letter
from app.auth.passwords import hash_password, verify_password
from app.auth.services import ENSURE_PERSON, WrongCredentials, normal_email
from app.auth.visitors import Visitor
from app.database import ScopedSession
from app.kit.clock import now
from app.kit.ids import hash_secret, new_id, new_secret
from app.vault import root_decrypt, root_encrypt

log = structlog.get_logger(__name__)
LASTS = timedelta(hours=48)
TRIES, TRY_WINDOW = 5, 900
PLACE = "sign_up"
PUT = text("SELECT door.put_sign_up(:id, :cipher, :at, :ends)")
LINK = text("SELECT door.link_sign_up(:id, :hash)")
FIND = text("SELECT * FROM door.find_sign_up(:hash, :at)")
TAKE = text("SELECT door.take_sign_up(:id)")


@dataclass(frozen=True)
class NewPerson:
    """Who asks: the address as typed, their name, and the password that they want."""

    email: str
    name: str
    password: str


@dataclass(frozen=True)
class Confirmed:
    """A proved address with its account, and what was asked for."""

    email: str
    login: queries.Login
    wanted: dict[str, str]


def ask_to_sign_up(
    session: ScopedSession, person: NewPerson, *, wanted: dict[str, str], visitor: Visitor
) -> None:
    """Keep what was asked for, sealed, and send a letter to the address.

    Raises Invalid for what is no address, WeakPassword and TooManyTries; each for known and unknown
    addresses alike.
    """
    plain = normal_email(person.email)
    hashed = hash_password(person.password, about=(plain, person.name, *wanted.values()))
    count_sign_up(session, visitor)
    count_letter(session, visitor, plain)
    sign_up_id, at = new_id(), now()
    kept = {"email": plain, "name": person.name, "hash": hashed, "wanted": wanted}
    cipher = root_encrypt(PLACE, sign_up_id, json.dumps(kept).encode())
    session.execute(PUT, {"id": sign_up_id, "cipher": cipher, "at": at, "ends": at + LASTS})
    queue_letter(session, "sign_up", to=plain, detail=str(sign_up_id))


@fills("sign_up")
def _fill_letter(session: ScopedSession, queued: Queued) -> Filled | None:
    token = new_secret()
    values = {"id": uuid.UUID(queued.detail), "hash": hash_secret(token)}
    if not session.execute(LINK, values).scalar_one():
        return None
    is_known = queries.find_login(session, queued.to) is not None
    return Filled("sign_up", {"is_known": is_known, **link("/sign-up/confirm", token)})


def confirm_sign_up(session: ScopedSession, *, token: str, password: str) -> Confirmed:
    """Take the address as proved; return its account, made now where there was none.

    Asks for the account's own password, or where there is no account yet for the one that was
    chosen. Raises AccountLinkNotUsable, WrongCredentials or TooManyTries.
    """
    row = session.execute(FIND, {"hash": hash_secret(token.strip()), "at": now()}).first()
    if row is None:
        raise AccountLinkNotUsable
    sign_up_id, cipher = row
    key = f"sign-up-link:{sign_up_id}"
    count_attempt(session, key, most=TRIES, seconds=TRY_WINDOW)
    kept = json.loads(root_decrypt(PLACE, sign_up_id, cipher))
    login = queries.find_login(session, kept["email"])
    if not verify_password(login.password_hash if login else kept["hash"], password):
        raise WrongCredentials("That is not the password. An account that you have keeps its own.")
    if not session.execute(TAKE, {"id": sign_up_id}).scalar_one():
        raise AccountLinkNotUsable
    clear_attempts(session, key)
    if login is None:
        login = _new_login(session, kept)
    else:
        take_as_proved(session, login.person_id)
    return Confirmed(kept["email"], login, kept["wanted"])


def _new_login(session: ScopedSession, kept: dict[str, str]) -> queries.Login:
    values = {"id": new_id(), "at": now(), "verified": now()}
    values |= {name: kept[name] for name in ("email", "name", "hash")}
    made = session.execute(ENSURE_PERSON, values).scalar_one()
    login = queries.find_login(session, kept["email"])
    # Somebody else was faster with this address, or its account was disabled.
    if made != values["id"] or login is None:
        raise AccountLinkNotUsable
    log.info("auth.signed_up", person_id=str(made))
    return login
