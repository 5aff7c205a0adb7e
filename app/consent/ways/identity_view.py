"""The page that asks who it is: what it shows, and what was typed as a date of birth."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.consent import queries
from app.consent.models import Consent
from app.consent.signing.page_frame import clock, location_of
from app.consent.ways.services.hand_over import find_tablet
from app.consent.ways.services.prove_identity import (
    Proof,
    code_is_out,
    find_contact,
    id_was_shown,
    other_contacts,
)
from app.database import TenantScope
from app.kit.speech import mark, say
from app.messaging.services import CODE_LASTS
from app.tenants.queries import get_staff

_ORDERS = {"US": "mdy", "JP": "ymd"}
# What is not looked at, as opposed to what is wrong.
PROOF_STATUS = {Proof.LOCKED: 429, Proof.LATER: 429}
_PARTS = ("day", "month", "year")
_LOCKED = mark(
    "That did not match five times, so this link is locked. We have told the clinic. Ask for a new"
    " link, which goes to the address that the clinic has for you, or call the clinic."
)
_COPY_LOCKED = mark(
    "That did not match five times. We have told the clinic. Please wait ten minutes and ask for a"
    " new code, or call the clinic."
)
_LATER = mark(
    "Somebody has tried too often to open forms of this clinic. Nothing is wrong with your link."
    " Please wait an hour, or call the clinic."
)
_NO_CONTACT = mark(
    "The clinic has no address or number to send you a code. Please show your ID to the person at"
    " the desk, or call the clinic."
)
_WRONG = mark("The code or the date of birth does not match. Please check both.")


def typed_birth(form: Mapping[str, str]) -> str:
    """Return the typed date of birth as an ISO date, or "" where it is none."""
    try:
        day, month, year = (int(form.get(f"birth_{part}", "")) for part in _PARTS)
        return date(year, month, day).isoformat()
    except (ValueError, OverflowError):
        return ""


def date_order(scope: TenantScope, consent: Consent) -> str:
    """Return in which order people at a place write a date: "dmy", "mdy" or "ymd"."""
    return _ORDERS.get(location_of(scope, consent).market, "dmy")


def birth_errors(born: str) -> list[dict[str, str]]:
    """Return what is wrong with a date of birth before anything is compared."""
    if born:
        return []
    message = say("Enter your date of birth, for example 27 3 1988.")
    return [{"field": "birth", "message": message}]


def identity_view(
    scope: TenantScope,
    consent: Consent,
    *,
    proof: Proof | None = None,
    errors: list[dict[str, str]] | None = None,
    birth: Mapping[str, str] | None = None,
    path: str = "/sign/identity",
) -> dict[str, Any]:
    """Return the context of the page. The code is never shown again."""
    where, location = find_contact(scope, consent), location_of(scope, consent)
    wrong = list(errors or [])
    if proof is Proof.WRONG and not wrong:
        wrong = [{"field": "birth" if id_was_shown(consent) else "code", "message": say(_WRONG)}]
    seen_by = consent.identity_attested_by
    is_for_signing = consent.state in queries.UNSIGNED
    stopped = {Proof.LOCKED: _LOCKED if is_for_signing else _COPY_LOCKED, Proof.LATER: _LATER}
    unknown = where is None and not id_was_shown(consent)
    return {
        "errors": wrong,
        "purpose": say("a treatment that you have talked about with the clinic"),
        "minutes": 10,
        "channel": where.channel if where else "",
        "sent_to": where.masked if where else "",
        "others": [
            {"channel": one.channel, "sent_to": one.masked}
            for one in other_contacts(scope, consent)
        ],
        "code_sent": code_is_out(consent),
        "send_url": f"{path}/code",
        "action_url": path,
        "birth": {part: (birth or {}).get(f"birth_{part}", "") for part in _PARTS},
        "date_order": date_order(scope, consent),
        "expires_text": _expires(consent, location.zone),
        "in_person_text": say("%(name)s has checked your ID.", name=get_staff(scope, seen_by).name)
        if seen_by is not None and id_was_shown(consent)
        else None,
        "locked_text": _stopped_text(stopped.get(proof) if proof else None, unknown),
        "again_url": "/sign/neutral" if is_for_signing and proof is Proof.LOCKED else None,
        "shared_device": find_tablet(scope, consent.id) is not None,
    }


def _stopped_text(stopped: str | None, unknown: bool) -> str | None:
    told = stopped or (_NO_CONTACT if unknown else None)
    return say(told) if told else None


def _expires(consent: Consent, zone: str) -> str | None:
    sent = consent.code_sent_at
    if sent is None:
        return None
    return say("It works until %(time)s.", time=clock(sent + CODE_LASTS, zone))
