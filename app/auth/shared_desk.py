"""A device that several people use: enrolled by the owner, switched in seconds, locked when idle.

Whoever switches acts under their own name. A PIN opens a short session on that device in that
clinic alone; it is no second factor, so a step-up is asked for as everywhere.
"""

import uuid
from datetime import timedelta
from itertools import pairwise

import structlog

from app import audit
from app.auth import desk_queries, passkeys
from app.auth.attempts import clear_attempts, count_attempt, uncount_attempt
from app.auth.challenges import Credential
from app.auth.letters import queue_notice
from app.auth.models import SharedDevice, StaffPin
from app.auth.passwords import hash_code, verify_code
from app.auth.secrets import issue_secret, revoke_secrets
from app.auth.services import SharedPlace, WrongCredentials, open_session
from app.auth.visitors import Visitor
from app.database import Actor, TenantScope, commit_before_refusal
from app.errors import Invalid
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.names import BadName, clean_name

log = structlog.get_logger(__name__)
DEVICE_LASTS = timedelta(days=365)
IDLE_SECONDS = 120
PIN_TRIES, PIN_WINDOW = 5, 900
ON_ONE_DEVICE = 30
SHORTEST_PIN, LONGEST_PIN = 6, 12
MOST_NAME = 60


def enrol_device(scope: TenantScope, *, name: str) -> tuple[SharedDevice, str]:
    """Make the device in hand a shared one; return it with the secret for its cookie."""
    try:
        plain = clean_name(name, longest=MOST_NAME)
    except BadName as bad:
        raise Invalid(bad.reason, fields={"name": bad.reason}) from bad
    device = SharedDevice(
        tenant_id=scope.tenant_id,
        id=new_id(),
        name=plain,
        enrolled_by=scope.actor.id,
        enrolled_at=now(),
    )
    scope.session.add(device)
    token = issue_secret(scope, "shared_device", subject_id=device.id, lasts=DEVICE_LASTS)
    audit.record(scope, "auth:device:enrol", subject_id=device.id)
    return device, token


def revoke_device(scope: TenantScope, *, device_id: uuid.UUID) -> SharedDevice:
    """Take a device's right away: it, and every session on it, ends with the next request."""
    device = desk_queries.get_shared_device(scope, device_id)
    revoke_secrets(scope, "shared_device", subject_id=device.id)
    if device.revoked_at is None:
        device.revoked_at = now()
        audit.record(scope, "auth:device:revoke", subject_id=device.id)
    return device


def set_pin(scope: TenantScope, *, pin: str) -> None:
    """Set the acting person's own PIN; raises Invalid for one that anybody would try."""
    _refuse_easy_pin(pin)
    staff_id, person_id = scope.actor.id, scope.actor.person_id
    if staff_id is None or person_id is None:
        raise Invalid("Only a member of staff has a PIN.")
    row = desk_queries.find_pin(scope, staff_id)
    if row is None:
        row = StaffPin(tenant_id=scope.tenant_id, id=new_id(), staff_id=staff_id)
        scope.session.add(row)
    row.pin_hash, row.set_at = hash_code(pin), now()
    queue_notice(scope.session, person_id, "pin_set")
    audit.record(scope, "auth:pin:set", subject_id=staff_id)


def _refuse_easy_pin(pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        told = f"Use {SHORTEST_PIN} to {LONGEST_PIN} digits."
        raise Invalid(told, fields={"pin": told})
    steps = {(int(after) - int(one)) % 10 for one, after in pairwise(pin)}
    repeats = any(pin == pin[:size] * (len(pin) // size) for size in (2, 3))
    if len(set(pin)) < 3 or len(steps) == 1 or repeats:
        told = "That PIN is among the first that anybody would try. Use another."
        raise Invalid(told, fields={"pin": told})


def switch_by_pin(
    scope: TenantScope,
    device_id: uuid.UUID,
    *,
    staff_id: uuid.UUID,
    pin: str,
    visitor: Visitor,
    lasts_seconds: int,
) -> str:
    """Open a session for a member of staff on a shared device; return its token.

    Tries are counted before the PIN is checked. Raises WrongCredentials or TooManyTries.
    """
    found = prove_pin(scope, device_id, staff_id=staff_id, pin=pin)
    return _switched(
        scope, device_id, found.staff_id, found.person_id, "pin", visitor, lasts_seconds
    )


def prove_pin(
    scope: TenantScope, device_id: uuid.UUID, *, staff_id: uuid.UUID, pin: str
) -> desk_queries.OnDuty:
    """Return whose PIN it is; raises WrongCredentials or TooManyTries."""
    key = f"pin:{device_id}:{staff_id}"
    count_attempt(scope.session, f"pins:{device_id}", most=ON_ONE_DEVICE, seconds=PIN_WINDOW)
    count_attempt(scope.session, key, most=PIN_TRIES, seconds=PIN_WINDOW)
    found = {one.staff_id: one for one in desk_queries.list_on_duty(scope)}.get(staff_id)
    if not verify_code(found.pin_hash if found else None, pin) or found is None:
        log.warning("auth.pin_refused", device_id=str(device_id))
        audit.record(
            scope,
            "auth:pin:refuse",
            subject_id=found.staff_id if found else None,
            device_id=device_id,
        )
        commit_before_refusal(scope.session)
        raise WrongCredentials("That PIN is not right.")
    clear_attempts(scope.session, key)
    # Only this try is taken back: whoever knows one PIN would else go on guessing all the others.
    uncount_attempt(scope.session, f"pins:{device_id}")
    return found


def switch_by_passkey(
    scope: TenantScope,
    device_id: uuid.UUID,
    *,
    credential: Credential,
    browser: str,
    visitor: Visitor,
    lasts_seconds: int,
) -> str:
    """Open a session on a shared device by a passkey; raises WrongCredentials."""
    person_id = passkeys.prove(scope.session, "sign_in", credential, browser)
    staff_id = desk_queries.find_staff_of_person(scope, person_id)
    if staff_id is None:
        raise WrongCredentials("That passkey belongs to nobody at this clinic.")
    return _switched(scope, device_id, staff_id, person_id, "passkey", visitor, lasts_seconds)


def _switched(
    scope: TenantScope,
    device_id: uuid.UUID,
    staff_id: uuid.UUID,
    person_id: uuid.UUID,
    method: str,
    visitor: Visitor,
    lasts_seconds: int,
) -> str:
    token = open_session(
        scope.session,
        person_id=person_id,
        visitor=visitor,
        method=method,
        lasts_seconds=lasts_seconds,
        shared=SharedPlace(scope.tenant_id, device_id, IDLE_SECONDS),
    )
    desk_queries.get_shared_device(scope, device_id).last_used_at = now()
    acting = TenantScope(
        scope.tenant_id, Actor("staff", staff_id, person_id, device_id), scope.session
    )
    audit.record(acting, "auth:desk:switch", subject_id=staff_id, method=method)
    return token
