"""What the frame of every staff page shows: the clinic, who is signed in, and the places to go.

Rooms below and above need none of this: a context processor fills it in wherever a page extends
``layout/staff.html``.
"""

import uuid
from functools import cache
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    has_request_context,
    make_response,
    redirect,
    request,
)

from app.auth import permissions
from app.auth.guards import has_permission
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import AskAgain
from app.tenants.brand import clinic_frame
from app.tenants.queries import get_home_zone

bp = Blueprint("staff_pages", __name__)
# Where to go, in the order of a day. A place is shown once its page exists.
PLACES = (
    ("Today", "/today", Permission.PLAN_READ),
    ("Holds", "/holds", Permission.CONSENT_STATUS),
    ("Patients", "/patients", Permission.PATIENT_READ),
    ("Packages", "/packages", Permission.PACKAGE_SELL),
    ("Ledger", "/ledger", Permission.LEDGER_READ),
    ("Outbox", "/outbox", Permission.OUTBOX_READ),
    ("Record of acts", "/audit", Permission.AUDIT_READ),
    ("Settings", "/settings", Permission.CLINIC_READ),
)
ROLE_WORDS = permissions.ROLE_WORDS
# What a page may say after an act. The address carries the key only, never the words.
SAID = {
    "signed-up": "Your clinic is ready. Follow the list below to your first consent.",
    "location": "The location was added. Its opening hours are next.",
    "invited": "The invitation is on its way. It works once, for three days.",
    "invited-again": "A new invitation is on its way. The one before no longer works.",
    "uninvited": "The invitation is cancelled. Its link no longer works.",
    "joined": "Welcome. This is where your day begins.",
    "pin": "Your PIN is set.",
    "changed": "The change holds from their very next click.",
    "disabled": "They are shut out from their very next click.",
    "enabled": "They can work here again.",
    "location-closed": "The location closes on that day. Nothing of its records is lost.",
    "location-open": "The location is open.",
    "location-changed": "The location was changed.",
    "settings": "The settings were saved as a new version.",
    "policy": "Your decision was recorded.",
    "checked": "You have noted that you checked it.",
    "renewed": "The new last days were entered.",
    "ended": "The qualification was ended.",
    "evidence": "The file was added.",
    "covers": "What the qualification covers was added.",
    "qualification": "The qualification was added.",
    "device": "The device was added.",
    "lot": "The cartridges were added.",
    "export": "The export is being made. You can close this page; it goes on.",
    "export-gone": "The export was thrown away.",
    "leaving": "The clinic is leaving. Until the day below, any owner can call it off.",
    "staying": "Called off. Everybody can work again.",
    "catalogue": "The catalogue is approved and in force.",
    "form": "The consent form is published.",
    "form-begun": "The draft is begun. Add its sections one after the other.",
    "form-waits": "The form waits for the next person. It is sent to nobody before.",
    "form-step": "Noted. The step stands below with your name.",
    "form-brought": "The form was brought in as a draft.",
    "form-gone": "The draft was thrown away.",
    "draft": "The draft was saved.",
    "patient": "The patient was added.",
    "reason": "Thank you. Your reason stands beside your look at this chart.",
    "patient-lookalike": "The patient was added. Look at the name once more, please.",
    "patient-changed": "The record was changed.",
    "contact-added": "The contact was added.",
    "contact-changed": "The contact was changed.",
    "contact-removed": "The contact was removed.",
    "age-checked": "The age check was noted.",
    "death-noted": "Noted. Nothing is sent to this patient any more.",
    "death-revoked": "Noted. The patient can be written to and treated again.",
    "merged": "The two records are one patient now. You can undo that here at any time.",
    "parted": "The two records stand by themselves again.",
    "plan": "The plan was saved.",
    "discussion": "The discussion was recorded.",
    "consent": "The consent form is on its way. It stands in the outbox, too.",
    "person": "Added. They put their name to it before the patient signs.",
    "person-said": "Taken down, with your name beside it.",
    "blanks": "The blank forms are numbered. Open and print each.",
    "paper-print": "The print is ready. Open the file and print it.",
    "paper-blank": "The blank form is noted. Add its answers and its scan.",
    "paper-answers": "The answers were entered.",
    "paper-scan": "The scan was added.",
    "paper-confirmed": "The scan is sealed. A practitioner confirms the consent next.",
    "device-back": "The device shows nothing of the form any more. What was filled in is kept.",
    "called-back": "Called back. The patient is told that there is nothing to do.",
    "visit": "The visit was planned.",
    "decided": "Your decision was recorded.",
    "evidence-entered": "The evidence was entered. Now decide.",
    "stopped": "Stopped. Nothing is treated under this consent until somebody has decided.",
    "safety-entered": "Entered. Consents from before it are asked for anew.",
    "safety-ended": "Ended. It makes no consent out of date any more.",
    "standing": "Approved. It counts from the next answers on.",
    "standing-ended": "Ended. Every such answer is looked at again.",
    "agreed": "Your word was recorded.",
    "asked-outside": "The question is on its way. It opens once, for three days.",
    "moved": "Noted.",
    "package": "The package is on offer.",
    "retired": "The package is off the offer. What was sold of it stays as it was.",
    "sold": "Sold. Price, deposit and terms are fixed now.",
    "pay-link": "The link to the payment is on its way. It stands in the outbox, too.",
    "rights-request": "Written down. Answer it by the day that stands beside it.",
    "rights-decided": "Decided. What is due is being carried out, and the patient gets the answer.",
    "rights-closed": "Noted as answered.",
    "limit-placed": "The limit is in force.",
    "limit-lifted": "The limit was lifted.",
    "addendum": "The correction stands beside the record now.",
    "photo": "The photograph was added.",
    "photo-released": "The photograph may be shown to others now.",
    "photo-removed": "The photograph was put aside.",
    "photo-restored": "The photograph is shown again.",
    "copy-begun": "The copy is being made. This page shows when it is ready.",
    "copy-sent": "The link is on its way. It stands in the outbox, too.",
    "copy-not-sent": "Not sent: there is no email address. Hand the copy over in person instead.",
    "connected": (
        "The clinic has its account. Stripe has a few questions before cards are accepted."
    ),
}


@bp.app_errorhandler(AskAgain)
def show_again(again: AskAgain) -> Response:
    """Answer with the form as it was typed and what is wrong with it."""
    return make_response(again.page, again.status)


@bp.app_context_processor
def layout_values() -> dict[str, Any]:
    """Return the values of ``layout/staff.html`` while a member of staff is in a clinic."""
    work = g.get("unit_of_work")
    if not has_request_context() or "staff" not in g or work is None or work.scope is None:
        return {}
    # Nothing here asks the database: after a rollback the page of an error has the same frame.
    return _values_of(work.scope)


def _values_of(scope: TenantScope) -> dict[str, Any]:
    base = clinic_url(scope)
    return {
        "base": base,
        "clinic": clinic_frame(g.staff),
        "me": {
            "name": g.staff.name,
            "role": ROLE_WORDS[g.staff.role],
            "sign_out_url": "/sign-out",
            "id": scope.actor.id,
        },
        "places": [
            {"label": label, "url": base + path, "current": _is_current(base + path), "count": None}
            for label, path, permission in PLACES
            if has_permission(permission) and _page_exists(base + path)
        ],
        "search_url": f"{base}/patients/search"
        if has_permission(Permission.PATIENT_READ)
        else None,
        "may": lambda name: has_permission(Permission(name)),
        "said": SAID.get(request.args.get("said", "")),
        "page_exists": lambda path: _page_exists(base + path),
        "clinic_zone": cache(lambda: get_home_zone(scope)),
    }


def _is_current(url: str) -> bool:
    return request.path == url or request.path.startswith(url + "/")


def _page_exists(url: str) -> bool:
    return current_app.url_map.bind("").test(url, "GET")


def clinic_url(scope: TenantScope, path: str = "") -> str:
    """Return the address of a page of the entered clinic."""
    return f"/clinics/{scope.tenant_id}{path}"


def go_to(scope: TenantScope, path: str, said: str = "") -> Response:
    """Go on to a page of the clinic after an act, which then says what was done."""
    query = f"{'&' if '?' in path else '?'}said={said}" if said else ""
    # Werkzeug's own class; the application answers with Flask's.
    return make_response(redirect(clinic_url(scope, path) + query, 303))


def asked_id(name: str) -> uuid.UUID | None:
    """Return an id from the address's query, or None where there is none that could be one."""
    try:
        return uuid.UUID(request.args.get(name, ""))
    except ValueError:
        return None
