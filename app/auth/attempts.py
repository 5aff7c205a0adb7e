"""Attempt counters, counted and committed before a secret is looked at."""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import text

from app.auth.account_queries import exists_known_device
from app.auth.queries import LoginSession
from app.auth.visitors import Visitor
from app.database import ScopedSession, commit_before_check
from app.errors import TooManyTries
from app.kit.clock import now
from app.kit.speech import say

COUNT = text("SELECT door.count_attempt(:key, :seconds, :at)")
UNCOUNT = text("SELECT door.uncount_attempt(:key)")
CLEAR = text("SELECT door.clear_attempts(:key)")
TRIES, TRY_WINDOW = 10, 900
FROM_ONE_ADDRESS = 200
# From everywhere together, browsers that have signed in before not counted.
FROM_STRANGERS, STRANGERS_WINDOW = 40, 3600
SIGN_UPS, SIGN_UP_WINDOW = 20, 3600
LETTERS, LETTER_WINDOW = 5, 3600


def count_attempt(session: ScopedSession, key: str, *, most: int, seconds: int) -> int:
    """Count one try, commit it, and return which one it is; raises TooManyTries beyond ``most``.

    ``key`` holds ids or hashes, never an address or a code.
    """
    values = {"key": key, "seconds": seconds, "at": now()}
    count = int(session.execute(COUNT, values).scalar_one())
    commit_before_check(session)
    if count > most:
        minutes = max(1, seconds // 60)
        raise TooManyTries(
            say("There were too many tries. Please wait %(minutes)s minutes.", minutes=minutes)
        )
    return count


def clear_attempts(session: ScopedSession, key: str) -> None:
    """Forget the tries after a success."""
    session.execute(CLEAR, {"key": key})


def uncount_attempt(session: ScopedSession, key: str) -> None:
    """Take back one try that was right, and leave the wrong ones of others counted."""
    session.execute(UNCOUNT, {"key": key})


def digest(text: str) -> str:
    """Return the form in which an address or an email stands in a counter's key."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class SignInTry:
    """A counted try: what a success clears, and where it takes back no more than itself."""

    own_key: str
    shared_keys: tuple[str, ...]

    def was_right(self, session: ScopedSession) -> None:
        """Forget the own tries; the counters shared with others lose this one only."""
        clear_attempts(session, self.own_key)
        for key in self.shared_keys:
            uncount_attempt(session, key)


def place_of_tries(
    session: ScopedSession, login: LoginSession, visitor: Visitor, email: str
) -> str:
    """Return whose tries are counted together in a session: the person's, at one device.

    Never the session's own, since whoever has a password or a PIN can open any number of them. All
    browsers that were never here before share one place while they wait, and one once they are in.
    """
    if login.device_id is not None:
        return f"{login.person_id}:desk:{login.device_id}"
    if exists_known_device(session, visitor.device_hash, email):
        return f"{login.person_id}:device:{visitor.device_hash.hex()}"
    return f"{login.person_id}:{'waiting' if login.needs_factor else 'in'}"


def count_sign_in(session: ScopedSession, visitor: Visitor, plain_email: str) -> SignInTry:
    """Count a try of a password.

    Four budgets, each committed before the password is looked at: per network address; per account
    from a browser that signed in there before; per account and address from any other; and per
    account from all others together. So whoever hammers an account from elsewhere uses up the
    strangers' budgets and never its owner's own. Unknown accounts take exactly the same steps.
    """
    where, account = digest(visitor.counted_address), digest(plain_email)
    everywhere = f"address:{where}"
    count_attempt(session, everywhere, most=FROM_ONE_ADDRESS, seconds=TRY_WINDOW)
    if exists_known_device(session, visitor.device_hash, plain_email):
        key = f"login:{account}:device:{visitor.device_hash.hex()}"
        count_attempt(session, key, most=TRIES, seconds=TRY_WINDOW)
        return SignInTry(key, (everywhere,))
    key = f"login:{account}:from:{where}"
    count_attempt(session, key, most=TRIES, seconds=TRY_WINDOW)
    strangers = f"login:{account}:strangers"
    count_attempt(session, strangers, most=FROM_STRANGERS, seconds=STRANGERS_WINDOW)
    return SignInTry(key, (everywhere, strangers))


def count_sign_up(session: ScopedSession, visitor: Visitor) -> None:
    """Count one clinic that is asked for from a network address; raises TooManyTries."""
    key = "sign-up:" + digest(visitor.counted_address)
    count_attempt(session, key, most=SIGN_UPS, seconds=SIGN_UP_WINDOW)


def count_letter(session: ScopedSession, visitor: Visitor, plain_email: str) -> None:
    """Count a letter that anybody may ask for, by its address and by who asks."""
    where = "letters-from:" + digest(visitor.counted_address)
    count_attempt(session, where, most=LETTERS * 6, seconds=LETTER_WINDOW)
    count_attempt(session, "letters-to:" + digest(plain_email), most=LETTERS, seconds=LETTER_WINDOW)
