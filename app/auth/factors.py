"""Second factors: codes from an authenticator, and recovery codes for the day it is lost."""

import re
import secrets
import uuid
from dataclasses import dataclass

import pyotp
import structlog
from sqlalchemy import text

from app import jobs
from app.auth import account_queries, queries
from app.auth.attempts import clear_attempts, count_attempt, place_of_tries
from app.auth.letters import queue_notice
from app.auth.passwords import hash_code, verify_code
from app.auth.services import WrongCredentials, known_device, renew_session
from app.auth.visitors import Visitor
from app.database import ScopedSession, commit_before_refusal
from app.errors import Conflict, Invalid
from app.kit.clock import now
from app.vault import root_decrypt, root_encrypt

log = structlog.get_logger(__name__)
STEP_SECONDS = 30
CODE_TRIES, CODE_WINDOW = 5, 600
BASE32 = re.compile(r"[A-Z2-7]{32}")
RECOVERY_CODES = 10
# Without letters and digits that people mistake for each other; ten of these are 50 bits.
RECOVERY_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RECOVERY_LENGTH = 10
SET_TOTP = text("SELECT door.set_totp(:person_id, :cipher)")
USE_STEP = text("SELECT door.use_totp_step(:person_id, :step)")
PUT_CODE = text("SELECT door.put_recovery_code(:person_id, :slot, :hash, :at)")
USE_CODE = text("SELECT door.use_recovery_code(:person_id, :slot, :hash, :at)")
DROP_CODES = text("SELECT door.drop_recovery_codes(:person_id)")


class NoSecondFactor(Conflict):
    """The act needs a second factor and the person has none yet."""

    code = "no_second_factor"
    title = "Set up your second factor first"


@dataclass(frozen=True)
class SteppedUp:
    """A proof that was accepted: the tokens replace the ones before."""

    token: str
    device_token: str


def step_up(
    session: ScopedSession, login: queries.LoginSession, *, code: str, visitor: Visitor
) -> SteppedUp:
    """Prove by a code that it is the person; return the new token that replaces the old one.

    Takes six digits from the authenticator or a recovery code, each once. Raises NoSecondFactor,
    WrongCredentials or TooManyTries.
    """
    account = account_queries.find_account(session, login.person_id)
    if account is None or not account.has_factor:
        raise NoSecondFactor
    key = f"factor:{place_of_tries(session, login, visitor, account.email)}"
    count_attempt(session, key, most=CODE_TRIES, seconds=CODE_WINDOW)
    plain = "".join(one for one in code.upper() if one.isalnum())
    is_recovery = len(plain) == RECOVERY_LENGTH + 1
    use = _use_recovery_code if is_recovery else _use_totp
    if not use(session, login.person_id, plain):
        note_refusal(session, login, "recovery_code" if is_recovery else "code")
        raise WrongCredentials("That code is not right. Wait for the next one and try again.")
    clear_attempts(session, key)
    return accept_factor(session, login, visitor, account.email)


def note_refusal(session: ScopedSession, login: queries.LoginSession, method: str) -> None:
    """Let the clinics of a person know that their second factor was refused: a password may be in
    other hands."""
    log.warning("auth.factor_refused", person_id=str(login.person_id), method=method)
    jobs.note_in_clinics(
        session, login.person_id, "auth.note_refusal", session_id=login.session_id, method=method
    )
    commit_before_refusal(session)


def accept_factor(
    session: ScopedSession, login: queries.LoginSession, visitor: Visitor, email: str
) -> SteppedUp:
    """Note that a second factor was shown: a new token, and a browser to know again."""
    device_token = known_device(session, login.person_id, visitor, email)
    log.info("auth.stepped_up", person_id=str(login.person_id))
    token = renew_session(session, login.session_id, stepped_up_at=now())
    return SteppedUp(token, device_token)


def _use_totp(session: ScopedSession, person_id: uuid.UUID, code: str) -> bool:
    cipher = queries.find_totp_cipher(session, person_id)
    if cipher is None:
        return False
    step = _matching_step(root_decrypt("person.totp", person_id, cipher).decode(), code)
    if step is None:
        return False
    return bool(session.execute(USE_STEP, {"person_id": person_id, "step": step}).scalar_one())


def _matching_step(secret: str, code: str) -> int | None:
    current = int(now().timestamp()) // STEP_SECONDS
    one_time = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if pyotp.utils.strings_equal(code, one_time.generate_otp(step)):
            return step
    return None


def _use_recovery_code(session: ScopedSession, person_id: uuid.UUID, plain: str) -> bool:
    slot = int(plain[0]) if plain[0].isascii() and plain[0].isdigit() else -1
    stored = account_queries.find_recovery_hash(session, person_id, slot)
    if not verify_code(stored, plain):
        return False
    values = {"person_id": person_id, "slot": slot, "hash": stored, "at": now()}
    used = bool(session.execute(USE_CODE, values).scalar_one())
    if used:
        queue_notice(session, person_id, "recovery_code_used")
    return used


def enrol_totp(session: ScopedSession, *, person_id: uuid.UUID, secret: str, code: str) -> None:
    """Store an authenticator once the person has shown a code made with it."""
    if queries.find_totp_cipher(session, person_id) is not None:
        raise Conflict("An authenticator is set up already. Remove it first.")
    if not BASE32.fullmatch(secret):
        raise Invalid("Load the page again and scan the new picture.", fields={"secret": "format"})
    step = _matching_step(secret, code.strip().replace(" ", ""))
    if step is None:
        raise WrongCredentials("That code is not right. Check the clock of your phone.")
    cipher = root_encrypt("person.totp", person_id, secret.encode())
    session.execute(SET_TOTP, {"person_id": person_id, "cipher": cipher})
    queue_notice(session, person_id, "authenticator_added")


def remove_totp(session: ScopedSession, person_id: uuid.UUID) -> None:
    """Take the authenticator away; whoever may do that has just shown a second factor."""
    if queries.find_totp_cipher(session, person_id) is None:
        raise NoSecondFactor("There is no authenticator to remove.")
    session.execute(SET_TOTP, {"person_id": person_id, "cipher": None})
    queue_notice(session, person_id, "authenticator_removed")
    drop_codes_without_factor(session, person_id)


def drop_codes_without_factor(session: ScopedSession, person_id: uuid.UUID) -> None:
    """Forget the recovery codes where no factor is left that they could stand in for."""
    account = account_queries.find_account(session, person_id)
    if account is not None and not account.has_factor:
        session.execute(DROP_CODES, {"person_id": person_id})


def make_recovery_codes(session: ScopedSession, person_id: uuid.UUID) -> list[str]:
    """Return ten new codes, to be shown once; the earlier ones are worth nothing from now on.

    Each begins with the number of its place, so that one slow hash is enough to check one.
    """
    account = account_queries.find_account(session, person_id)
    if account is None or not account.has_factor:
        raise NoSecondFactor
    codes = []
    for slot in range(RECOVERY_CODES):
        letters = "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH))
        values = {"person_id": person_id, "slot": slot, "hash": hash_code(f"{slot}{letters}")}
        session.execute(PUT_CODE, {**values, "at": now()})
        codes.append(f"{slot}-{letters[:5]}-{letters[5:]}")
    queue_notice(session, person_id, "recovery_codes_renewed")
    return codes


def first_codes(session: ScopedSession, person_id: uuid.UUID) -> list[str]:
    """Return recovery codes where the person has none yet, else an empty list."""
    account = account_queries.find_account(session, person_id)
    if account is None or account.codes_left:
        return []
    return make_recovery_codes(session, person_id)
