"""What a patient sees when it is signed, and when a form has ended otherwise."""

import uuid
from datetime import datetime
from typing import Any

from app.consent import queries
from app.consent.errors import ReceiptNotPossible
from app.consent.holds.decided import decisions_in_force
from app.consent.models import Consent, ConsentState, Signature
from app.consent.purposes import rules_of
from app.consent.ways.services.hand_over import find_tablet
from app.consent.ways.services.prove_identity import masked_contact
from app.database import TenantScope
from app.documents.models import Document
from app.documents.queries import get_document
from app.documents.stamp_state import StampState
from app.kit.speech import mark, say
from app.pages_setup import moment
from app.plans.queries import get_plan_version, list_visits_of_plan
from app.tenants.queries import get_location, get_staff

_SEALS = {
    StampState.STAMPED: mark("Sealed and time-stamped"),
    StampState.NOT_STAMPED: mark("Sealed; not time-stamped yet"),
}
_ENDED = {
    ConsentState.DECLINED: (
        mark("You have said no"),
        mark("Nothing will be done. If you want to talk about it, call the clinic."),
    ),
    ConsentState.NOT_SAFE: (
        mark("We will not do this treatment now"),
        mark(
            "Thank you for your honest answers. A clinician has looked at them and decided that"
            " this treatment is not safe for you now. Nothing is done, and nothing that you told us"
            " is lost. The clinic talks with you about what is possible instead; you can also call."
        ),
    ),
    ConsentState.PAUSED: (
        mark("Your treatment is on hold"),
        mark(
            "A clinician looks at something first. Nothing is done until then. Your signed consent"
            " stays as it is. You can take it back at any time: call the clinic."
        ),
    ),
    ConsentState.WITHDRAWN: (
        mark("You have taken your consent back"),
        mark("Nothing further will be done under it. What was done before stays in your record."),
    ),
    ConsentState.VOIDED: (
        mark("The clinic has called this form back"),
        mark(
            "There is nothing that you have to do, and nothing will be done under it. If there is a"
            " new form, you get a message of its own. Please call if anything is unclear."
        ),
    ),
    ConsentState.EXPIRED: (
        mark("This form has run out"),
        mark("If you still want to go ahead, please ask the clinic for a new one."),
    ),
}
_OTHER = (
    mark("This form is no longer open"),
    mark(
        "The clinic has sent you a newer one, or has called this one back. Please call if in doubt."
    ),
)


def ended_view(
    scope: TenantScope, consent: Consent, state: ConsentState | None = None
) -> dict[str, Any]:
    """Return title and text for a form that ended without being in force.

    ``state`` is told in place of the stored one, for what has run out since last night.

    Who was told no reads by whom, why, and what to do next, in the clinician's own words.
    """
    title, text = _ENDED.get(state or ConsentState(consent.state), _OTHER)
    refusal = _refusal(scope, consent) if consent.state == ConsentState.NOT_SAFE else None
    return {"title": say(title), "text": say(text), "refusal": refusal}


def _refusal(scope: TenantScope, consent: Consent) -> dict[str, str] | None:
    found = decisions_in_force(scope, consent)
    if not found:
        return None
    decided = found[-1]
    name = get_staff(scope, decided.row.decided_by).name
    return {"by": name, "reason": decided.reason, "next_step": decided.terms.next_step}


def receipt_view(scope: TenantScope, consent: Consent, signature: Signature) -> dict[str, Any]:
    """Return the context of the receipt."""
    zone = get_location(scope, consent.location_id).zone
    document = get_document(scope, signature.document_id)
    masked = masked_contact(scope, consent)
    return {
        "receipt": {
            "code": signature.receipt_code,
            "signed_at": moment(signature.signed_at, zone),
            "seal_text": say(_SEALS[StampState(document.stamp_state)]),
        },
        "document": {"url": "/sign/document", "size": f"{-(-document.length // 1024)} KB"},
        "copy_text": _copy_text(consent, masked),
        "next_steps": _next_steps(scope, consent, signature.signed_at, zone),
        "withdraw_url": "/sign/withdraw",
        "shared_device": find_tablet(scope, consent.id) is not None,
    }


def _copy_text(consent: Consent, masked: str) -> str:
    if rules_of(consent.purpose).attested:
        if not masked:
            return say("When it is confirmed, ask at the desk for your copy on paper.")
        return say("When it is confirmed, we send a link to your copy to %(to)s.", to=masked)
    if not masked:
        return say("Ask at the desk for your copy on paper.")
    return say("We send a link to your copy to %(to)s.", to=masked)


def signed_document(scope: TenantScope, consent_id: uuid.UUID) -> Document | None:
    """Return the executed consent, or the patient's document while nobody has confirmed it."""
    attestation = queries.find_attestation(scope, consent_id)
    if attestation is not None:
        return get_document(scope, attestation.document_id)
    signature = queries.find_signature(scope, consent_id)
    return None if signature is None else get_document(scope, signature.document_id)


def require_signed_document(scope: TenantScope, consent_id: uuid.UUID) -> Document:
    """Return what a record of something later names; raises ReceiptNotPossible before signing."""
    signed = signed_document(scope, consent_id)
    if signed is None:
        raise ReceiptNotPossible("Nothing was signed that could be named on a record.")
    return signed


def _next_steps(
    scope: TenantScope, consent: Consent, signed_at: datetime, zone: str
) -> list[dict[str, object]]:
    version = get_plan_version(scope, consent.plan_version_id)
    name = get_staff(scope, version.practitioner_id).name
    signed = {"title": say("You signed"), "when": moment(signed_at, zone), "done": True}
    if not rules_of(consent.purpose).attested:
        return [signed]
    steps: list[dict[str, object]] = [
        signed,
        {
            "title": say("%(name)s confirms it", name=name),
            "text": say("Then your copy is complete and your consent is in force."),
            "done": consent.state == ConsentState.ACTIVE,
        },
    ]
    visits = [one for one in list_visits_of_plan(scope, consent.plan_id) if one.state == "planned"]
    if visits:
        when = moment(visits[0].planned_at, zone)
        steps.append({"title": say("Your visit"), "when": when, "done": False})
    return steps
