"""Passkeys (WebAuthn): a signature by a device that first made sure of its owner.

User verification is always required, so a passkey is two factors in one. A challenge serves once,
for five minutes, for one purpose and in the browser that asked for it.
"""

import json
import uuid
from typing import Any

import structlog
from sqlalchemy import text
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.auth import account_queries, queries
from app.auth.attempts import count_attempt, digest
from app.auth.challenges import Credential, checked, new_challenge, site, take_challenge
from app.auth.factors import SteppedUp, accept_factor, drop_codes_without_factor, note_refusal
from app.auth.letters import queue_notice
from app.auth.services import (
    SignedIn,
    WrongCredentials,
    known_device,
    open_session,
)
from app.auth.visitors import Visitor
from app.database import ScopedSession
from app.errors import Conflict, Invalid, NotFound
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.names import BadName, clean_name

log = structlog.get_logger(__name__)
ASKED, ASKED_WINDOW = 100, 900
MOST_PASSKEYS, LONGEST_NAME = 20, 60
ADD = text(
    "SELECT door.add_passkey(:id, :person_id, :credential, :key, :count, :name, :backed_up, :at)"
)
USE = text("SELECT door.use_passkey(:id, :count, :at)")
REMOVE = text("SELECT door.remove_passkey(:person_id, :id)")


def ask_to_register(
    session: ScopedSession, account: account_queries.Account, *, browser: str
) -> dict[str, Any]:
    """Return what a browser needs to make a passkey. ``browser`` is its cookie."""
    place = site()
    held = account_queries.list_passkeys(session, account.person_id)
    if len(held) >= MOST_PASSKEYS:
        raise Conflict(f"You have {MOST_PASSKEYS} passkeys. Remove one first.")
    options = generate_registration_options(
        rp_id=place.host,
        rp_name="Needlepoint",
        user_id=account.person_id.bytes,
        user_name=account.email,
        user_display_name=account.name,
        challenge=new_challenge(session, "register", browser),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in held],
    )
    return dict(json.loads(options_to_json(options)))


def register(
    session: ScopedSession,
    person_id: uuid.UUID,
    *,
    name: str,
    credential: Credential,
    browser: str,
) -> uuid.UUID:
    """Keep a passkey under a name; raises WrongCredentials for one that does not hold."""
    place, plain = site(), _name(name)
    challenge = take_challenge(session, "register", credential, browser)
    found = checked(
        lambda: verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    )
    values = {
        "id": (passkey_id := new_id()),
        "person_id": person_id,
        "credential": found.credential_id,
        "key": found.credential_public_key,
        "count": found.sign_count,
        "name": plain,
        "backed_up": found.credential_backed_up,
        "at": now(),
    }
    if not session.execute(ADD, values).scalar_one():
        raise Conflict("This passkey is registered already.")
    queue_notice(session, person_id, "passkey_added")
    log.info("auth.passkey_added", person_id=str(person_id))
    return passkey_id


def _name(name: str) -> str:
    try:
        return clean_name(name, longest=LONGEST_NAME)
    except BadName as bad:
        raise Invalid(bad.reason, fields={"name": bad.reason}) from bad


def ask_to_sign_in(session: ScopedSession, *, visitor: Visitor, browser: str) -> dict[str, Any]:
    """Return what a browser needs to offer its passkeys; names no account."""
    key = "passkey-ask:" + digest(visitor.counted_address)
    count_attempt(session, key, most=ASKED, seconds=ASKED_WINDOW)
    return _asking(session, "sign_in", browser, [])


def sign_in(
    session: ScopedSession,
    *,
    credential: Credential,
    visitor: Visitor,
    browser: str,
    lasts_seconds: int,
) -> SignedIn:
    """Open a session by a passkey; raises WrongCredentials."""
    person_id = prove(session, "sign_in", credential, browser)
    account = account_queries.find_account(session, person_id)
    if account is None:
        raise WrongCredentials
    token = open_session(
        session,
        person_id=person_id,
        visitor=visitor,
        method="passkey",
        lasts_seconds=lasts_seconds,
    )
    device_token = known_device(session, person_id, visitor, account.email)
    log.info("auth.signed_in", person_id=str(person_id), waits=False)
    return SignedIn(token, device_token, person_id, needs_factor=False)


def ask_to_step_up(
    session: ScopedSession, login: queries.LoginSession, *, browser: str
) -> dict[str, Any]:
    """Return what a browser needs to show one of the person's own passkeys."""
    held = account_queries.list_passkeys(session, login.person_id)
    return _asking(session, "step_up", browser, [one.credential_id for one in held])


def step_up(
    session: ScopedSession,
    login: queries.LoginSession,
    *,
    credential: Credential,
    visitor: Visitor,
    browser: str,
) -> SteppedUp:
    """Prove by a passkey of the same person that it is them; raises WrongCredentials."""
    try:
        person_id = prove(session, "step_up", credential, browser)
    except WrongCredentials:
        note_refusal(session, login, "passkey")
        raise
    if person_id != login.person_id:
        note_refusal(session, login, "passkey")
        raise WrongCredentials("That passkey belongs to somebody else.")
    account = account_queries.find_account(session, login.person_id)
    return accept_factor(session, login, visitor, account.email if account else "")


def remove(session: ScopedSession, person_id: uuid.UUID, passkey_id: uuid.UUID) -> None:
    """Take one of the person's passkeys away; raises NotFound for anybody else's."""
    values = {"person_id": person_id, "id": passkey_id}
    if not session.execute(REMOVE, values).scalar_one():
        raise NotFound("There is no such passkey.")
    queue_notice(session, person_id, "passkey_removed")
    drop_codes_without_factor(session, person_id)
    log.info("auth.passkey_removed", person_id=str(person_id))


def _asking(
    session: ScopedSession, purpose: str, browser: str, allowed: list[bytes]
) -> dict[str, Any]:
    options = generate_authentication_options(
        rp_id=site().host,
        challenge=new_challenge(session, purpose, browser),
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(options_to_json(options)))


def prove(session: ScopedSession, purpose: str, credential: Credential, browser: str) -> uuid.UUID:
    """Return whose passkey signed the challenge; raises WrongCredentials, whatever is wrong."""
    place = site()
    challenge = take_challenge(session, purpose, credential, browser)
    raw_id = checked(lambda: base64url_to_bytes(credential["rawId"]))
    stored = account_queries.find_passkey(session, raw_id)
    if stored is None:
        raise WrongCredentials
    found = checked(
        lambda: verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=stored.public_key,
            # A counter that does not grow tells of a copy of the key, and is refused.
            credential_current_sign_count=stored.sign_count,
            require_user_verification=True,
        )
    )
    handle = credential["response"].get("userHandle")
    if handle and checked(lambda: base64url_to_bytes(handle)) != stored.person_id.bytes:
        raise WrongCredentials
    values = {"id": stored.passkey_id, "count": found.new_sign_count, "at": now()}
    session.execute(USE, values)
    return stored.person_id
