"""What every page of the patient's way shows around its own part."""

import uuid
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, g, make_response, redirect, render_template, request

from app.auth.cookies import set_cookie
from app.consent import queries
from app.consent.models import Consent
from app.consent.purposes import rules_of
from app.consent.screening.fields import Fields
from app.consent.services.request_consent import LINK_LASTS
from app.consent.signing.drafts import check_fields
from app.consent.signing.steps import ORDER, Step, may_show, require_usable, step_of
from app.consent.still_current import require_no_news
from app.consent.ways.link_reference import read_reference
from app.consent.ways.services.hand_over import ASK_AFTER, COVER_AFTER, find_tablet
from app.database import TenantScope
from app.kit.clock import now
from app.kit.in_words import day_at_place
from app.tenants import brand
from app.tenants.models import Location
from app.tenants.queries import get_clinic, get_location

AGAIN_COOKIE = "__Host-sign-again"
AGAIN_SECONDS = 900
# A page that was opened may end days later, in a tab that somebody comes back to.
_REMEMBERED = {HTTPStatus.GONE: AGAIN_SECONDS, HTTPStatus.OK: int(LINK_LASTS.total_seconds())}
_PATHS = {
    Step.IDENTITY: "/sign/identity",
    Step.ELECTRONIC: "/sign/electronic",
    Step.QUESTIONS: "/sign/questions",
    Step.HOLD: "/sign/hold",
    Step.READ: "/sign/read",
    Step.UNDERSTOOD: "/sign/understood",
    Step.SIGN: "/sign/signature",
    Step.RECEIPT: "/sign/receipt",
}
# Nobody goes back behind the proof of who they are, nor behind the receipt.
_FIRST_BACK = Step.ELECTRONIC
_NOT_FIELDS = frozenset({"csrf_token"})


def show(
    scope: TenantScope,
    consent: Consent,
    step: Step,
    template: str,
    *,
    status: int = 200,
    **context: object,
) -> tuple[str, int]:
    """Return a step's page with its status; errors in ``context`` go with 4xx."""
    steps = _steps_of(consent)
    number = steps.index(step) + 1 if step in steps else None
    before = _page_before(steps, step)
    page = render_template(
        f"signing/{template}.html",
        **{
            "clinic": clinic_frame(scope, consent),
            "progress": {"step": number, "total": len(steps)} if number else None,
            "back_url": _PATHS[before] if before else None,
            "errors": [],
            "tablet": tablet_frame(scope, consent, step),
            **context,
        },
    )
    return page, status


def tablet_frame(scope: TenantScope, consent: Consent, step: Step) -> dict[str, object] | None:
    """Return what a page on the clinic's tablet does when nobody touches it, else None."""
    if find_tablet(scope, consent.id) is None:
        return None
    return {
        "ask_seconds": int(ASK_AFTER.total_seconds()),
        "cover_seconds": int(COVER_AFTER.total_seconds()),
        "is_over": step is Step.RECEIPT,
    }


def _steps_of(consent: Consent) -> tuple[Step, ...]:
    """Return the numbered pages of a consent's way: without health questions it is shorter."""
    screens = rules_of(consent.purpose).screens
    return tuple(
        one for one in ORDER if one is not Step.HOLD and (screens or one is not Step.QUESTIONS)
    )


def _page_before(steps: tuple[Step, ...], step: Step) -> Step | None:
    if step not in steps or step in (Step.IDENTITY, _FIRST_BACK, Step.RECEIPT):
        return None
    return steps[steps.index(step) - 1]


def clinic_frame(scope: TenantScope, consent: Consent) -> dict[str, str | None]:
    """Return the clinic's head and foot, kept for the page of a failure too."""
    frame = brand.clinic_frame(get_clinic(scope), location_of(scope, consent))
    g.clinic_frame = frame
    return frame


def open_step(scope: TenantScope, consent_id: uuid.UUID, step: Step) -> Consent | Response:
    """Return the consent where a step may be shown, else the way to the page that may.

    Raises ProcessingRestricted or PatientDeceased while the form rests, AskedBeforeNews or
    NotDiscussed where it became too old. What is sent is taken first, so that nothing is lost.
    """
    consent = queries.get_consent(scope, consent_id)
    clinic_frame(scope, consent)  # Also the page that says why not has the clinic's head.
    require_usable(scope, consent)
    if request.method == "GET" and consent.identified_at is not None:
        require_no_news(scope, consent)
    return consent if may_show(consent, step) else go_on(consent)


def go_on(consent: Consent) -> Response:
    """Return the way to the furthest page."""
    return to_step(step_of(consent))


def to_step(step: Step) -> Response:
    """Return the way to a page."""
    return to_path(_PATHS[step])


def to_path(path: str) -> Response:
    """Return the way to a path of ours."""
    return make_response(redirect(path, 303))


def location_of(scope: TenantScope, consent: Consent) -> Location:
    """Return the place whose clock and law govern a consent."""
    return get_location(scope, consent.location_id)


def remember_reference(response: Response, reference: str) -> Response:
    """Let a person whose link is dead, or whose page ends later, ask for a new one."""
    seconds = _REMEMBERED.get(HTTPStatus(response.status_code))
    if seconds is not None and read_reference(reference) is not None:
        set_cookie(response, AGAIN_COOKIE, reference, seconds=seconds)
    return response


def posted_fields() -> Fields:
    """Return the posted form as texts, or lists where a field repeats; raises TooLarge."""
    values = {
        name: given if len(given) > 1 else given[0]
        for name, given in request.form.lists()
        if name not in _NOT_FIELDS
    }
    return check_fields(values)


def autosave_of(scope: TenantScope, consent: Consent, page: str) -> dict[str, Any]:
    """Return what lets a page save as people type, and when that was last done."""
    draft = queries.get_draft(scope, consent.id)
    zone = location_of(scope, consent).zone
    return {
        "autosave": {
            "url": f"/api/v1/sign/drafts/{page}",
            "sequence": draft.sequence,
            "key": f"{consent.id}:{page}",
            "shared_device": find_tablet(scope, consent.id) is not None,
        },
        "saved_at": clock(draft.updated_at, zone) if draft.sequence else None,
    }


def clock(at: datetime, zone: str) -> str:
    """Return the time of day at a place: "14:03"."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def day_text(zone: str) -> str:
    """Return today for people: "Saturday 21 November 2026, Edinburgh time"."""
    return day_at_place(now(), zone)


def pdf_answer(data: bytes, name: str) -> Response:
    """Return a sealed file to keep; no cache holds a copy of it."""
    response = Response(data, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
