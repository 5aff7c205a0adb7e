"""The only place where an error becomes a response: problem+json (RFC 9457) or a plain page."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app, g, json, make_response, redirect, request
from flask import render_template as render
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException

from app.auth.guards import DESK_COOKIE, STAFF_COOKIE
from app.errors import (
    AppError,
    Conflict,
    Invalid,
    StepUpRequired,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from app.kit.speech import mark, translated
from app.vault import KeyShredded

log = structlog.get_logger(__name__)
SERIALIZATION_FAILURES = {"40001", "40P01", "55P03"}

# What a constraint's refusal means to the caller. The database's own text names values, so it is
# neither shown nor logged.
CONSTRAINTS: dict[str, tuple[str, str]] = {
    "consent_gate": (
        "consent_gate",
        "There is no consent in force for this area and depth at this moment.",
    ),
    "treatment_area_within_grant_ck": ("beyond_consent", "This is deeper than was agreed."),
    "payment_attempt_one_open_uq": ("payment_open", "A payment for this is open already."),
    "redemption_tenant_id_credit_id_uq": ("credit_spent", "This session was used already."),
    "redemption_tenant_id_treatment_id_uq": ("treatment_paid", "This treatment was paid already."),
    "ledger_account_floor_ck": ("not_enough_credit", "There is not enough credit for this."),
    "transfer_tenant_id_journal_leg_uq": ("booked_already", "This was booked already."),
    "signature_tenant_id_consent_id_uq": ("signed_already", "This was signed already."),
    "treatment_tenant_id_visit_id_uq": ("started_already", "This visit has started already."),
}


def register(app: Flask) -> None:
    """Install the handlers; more exact classes win over their families."""
    app.register_error_handler(AppError, answer_app_error)
    app.register_error_handler(IntegrityError, answer_constraint)
    app.register_error_handler(DataError, answer_unstorable)
    app.register_error_handler(KeyShredded, answer_erased)
    app.register_error_handler(OperationalError, answer_database_down)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_surprise)


def answer_app_error(error: AppError) -> Response:
    """Answer a named outcome; a page sends people who are not signed in to the sign-in."""
    if wants_page() and isinstance(error, StepUpRequired):
        return redirect_to("/step-up")
    if wants_page() and isinstance(error, Unauthenticated) and error.code == "unauthenticated":
        # On a shared device people switch in; whoever was there goes on to a page of their own.
        return _to_shared_desk() if _is_shared() else redirect_to("/sign-in")
    return problem(error.status, error.code, error.title, error.message, error.extra)


def _is_shared() -> bool:
    return DESK_COOKIE in request.cookies and not request.path.startswith("/shared-desk")


def _to_shared_desk() -> Response:
    return make_response(redirect("/shared-desk", 303))


def answer_constraint(error: IntegrityError) -> Response:
    """Answer a refusal of the database by the meaning of its constraint."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
    code, message = CONSTRAINTS.get(name, ("conflict", "This does not fit what is stored."))
    log.warning("database.refused", constraint=name)
    return problem(HTTPStatus.CONFLICT, code, Conflict.title, message, {})


def answer_unstorable(error: DataError) -> Response:
    """Answer a value that the database cannot hold, such as a NUL character or a huge number."""
    log.warning("database.unstorable", sqlstate=getattr(error.orig, "sqlstate", None))
    message = "Something that was sent holds a character or a number that cannot be stored."
    return problem(Invalid.status, Invalid.code, Invalid.title, message, {})


def answer_erased(_error: KeyShredded) -> Response:
    """Answer a wish to read what was erased: nobody can, and that is meant."""
    message = "What was asked for was erased. Nobody can read it any more."
    return problem(HTTPStatus.GONE, "record_erased", "This record was erased", message, {})


def answer_database_down(error: OperationalError) -> Response:
    """Answer a lost connection, a lock time-out or a deadlock: nothing was kept, try again."""
    state = getattr(error.orig, "sqlstate", None)
    log.error("database.unavailable", sqlstate=state)
    return problem(
        Unavailable.status, "unavailable", Unavailable.title, mark("Please try again."), {}
    )


def answer_http_error(error: HTTPException) -> Response:
    """Answer what the framework refuses: unknown paths, wrong methods, bad or large bodies."""
    status = HTTPStatus(error.code or 500)
    extra = _schema_problems(error)
    if status is HTTPStatus.UNPROCESSABLE_ENTITY:
        return problem(
            status, Invalid.code, Invalid.title, mark("Some fields need another look."), extra
        )
    if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        told = mark("Nothing of it was kept. Choose a smaller file, or send less at once.")
        return problem(status, status.name.lower(), TooLarge.title, told, extra)
    return problem(status, status.name.lower(), status.phrase, status.description, extra)


def answer_surprise(error: Exception) -> Response:
    """Answer anything else without a word of what it was; the log has its kind and place only."""
    if isinstance(error, ProgrammingError):
        log.error("database.programming", sqlstate=getattr(error.orig, "sqlstate", None))
    log.error("request.failed", kind=type(error).__name__, place=_place(error))
    if current_app.config["TESTING"]:
        current_app.extensions["needlepoint_last_error"] = error
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    message = mark("Nothing was changed. Please try again.")
    return problem(status, "internal", AppError.title, message, {})


def problem(
    status: HTTPStatus, code: str, title: str, message: str, extra: Mapping[str, Any]
) -> Response:
    """Return one problem document, or the same as a page for people."""
    if wants_page():
        page = render(
            "error.html",
            status=int(status),
            title=translated(title),
            message=translated(message),
            extra=extra,
            is_signed_in=STAFF_COOKIE in request.cookies,
        )
        return make_response(page, int(status))
    body = {
        "type": f"urn:needlepoint:problem:{code}",
        "title": title,
        "status": int(status),
        "code": code,
        "detail": message,
        "request_id": g.get("request_id", ""),
        **extra,
    }
    return Response(json.dumps(body), int(status), content_type="application/problem+json")


def wants_page() -> bool:
    """Return whether a person with a browser is waiting for the answer."""
    if request.path.startswith(("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")):
        return False
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "text/html"


def redirect_to(path: str) -> Response:
    """Send a person to sign in or to prove it again, and back to a page that they may see."""
    back = request.full_path.rstrip("?") if request.method == "GET" else _page_of(request.path)
    return make_response(redirect(f"{path}?next={quote(back, safe='')}", 303))


def _page_of(path: str) -> str:
    """Return the nearest page above the target of a form: browsers tell us no referrer."""
    known = current_app.url_map.bind("", script_name="/")
    while path and not known.test(path, method="GET"):
        path = path.rpartition("/")[0]
    return path or "/"


def _schema_problems(error: HTTPException) -> dict[str, Any]:
    messages = (getattr(error, "data", None) or {}).get("messages")
    if not messages:
        return {}
    found = (messages.get(part) for part in ("json", "query", "form", "files"))
    fields = next(filter(None, found), messages)
    return {"fields": fields}


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
