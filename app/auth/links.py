"""What somebody brings from a message, a link or a typed code: looked up with counted tries."""

from app.auth.attempts import TRY_WINDOW, count_attempt, digest, uncount_attempt
from app.auth.queries import Secret
from app.auth.secrets import SecretKind, find_token
from app.auth.visitors import Visitor
from app.database import ScopedSession

# Wrong ones from one network address in a quarter of an hour: a code has 59 bits, a link 256.
CODE_TRIES, LINK_TRIES = 20, 200


def find_link(
    session: ScopedSession, kind: SecretKind, token: str, where: Visitor
) -> Secret | None:
    """Return what a link or code stands for, or None; raises TooManyTries.

    Tries are counted by network address before they are looked at, and right ones taken back: many
    patients may share one address, as in a waiting room, and none of them guesses.
    """
    most = CODE_TRIES if kind == "short_code" else LINK_TRIES
    key = f"{kind}:{digest(where.counted_address)}"
    count_attempt(session, key, most=most, seconds=TRY_WINDOW)
    found = find_token(session, kind, token)
    if found is not None:
        uncount_attempt(session, key)
    return found
