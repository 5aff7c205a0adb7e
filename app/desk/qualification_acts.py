"""What is done about one qualification: check it, renew it, widen it, show it, put it aside."""

import uuid

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.desk.qualifications import choices_of_scope, scope_in
from app.documents.files import store
from app.forms import Form, asking_again, boxes_of, sent_file, sent_form
from app.idempotency import idempotent
from app.kit.clock import earliest_today
from app.staff_pages import go_to
from app.tenants import place_queries
from app.tenants.evidence_file import evidence_file
from app.tenants.models import Qualification
from app.tenants.queries import get_staff, list_locations
from app.tenants.services import keep_evidence, manage_qualification
from app.tenants.services.manage_qualification import Renewal
from app.uploads import ENVELOPE

bp = Blueprint(
    "qualification_acts",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/settings/qualifications/<uuid:qualification_id>",
)
LARGEST_UPLOAD = keep_evidence.MOST_BYTES + ENVELOPE


@bp.before_request
def take_larger_files() -> None:
    """Scans of certificates are larger than anything else that is sent here."""
    if request.endpoint == "qualification_acts.add_evidence":
        request.max_content_length = LARGEST_UPLOAD


@bp.post("/check")
@guard(Permission.QUALIFICATION_VERIFY)
def check(scope: TenantScope, qualification_id: uuid.UUID) -> Response:
    """Note that somebody else's qualification was looked up in its register."""
    row = manage_qualification.verify_qualification(scope, qualification_id=qualification_id)
    return go_to(scope, f"/settings/staff/{row.staff_id}", "checked")


@bp.get("/renew")
@guard(Permission.STAFF_MANAGE)
def ask_for_renewal(scope: TenantScope, qualification_id: uuid.UUID) -> str:
    """Ask for new last days."""
    row = place_queries.get_qualification(scope, qualification_id)
    form = Form(
        {
            "version": str(row.version),
            "insurance": row.insurance or "",
            **boxes_of("expires", row.expires_on),
            **boxes_of("insured", row.insurance_expires_on),
        }
    )
    return _page(scope, row, form, "desk/renew_qualification.html")


@bp.post("/renew")
@guard(Permission.STAFF_MANAGE)
def renew(scope: TenantScope, qualification_id: uuid.UUID) -> Response:
    """Enter new last days; what was checked before is checked again."""
    row, form = place_queries.get_qualification(scope, qualification_id), sent_form()
    page = "desk/renew_qualification.html"
    with asking_again(form, lambda again: _page(scope, row, again, page)):
        wanted = Renewal(
            expires_on=form.day("expires", "Enter the last day on which it is valid."),
            insurance=form.optional("insurance"),
            insurance_expires_on=form.optional_day("insured", "Enter the insurance's last day."),
            is_checked=form.typed("is_checked") == "yes",
        )
        version = form.whole("version", "Open this page again.", low=1, high=10**9)
        if wanted.expires_on < earliest_today(one.zone for one in list_locations(scope)):
            form.fail("expires", "This day has passed. To end a qualification, put it aside.")
        form.check()
        manage_qualification.renew_qualification(
            scope, qualification_id=row.id, wanted=wanted, version=version
        )
    return go_to(scope, f"/settings/staff/{row.staff_id}", "renewed")


@bp.post("/end")
@guard(Permission.STAFF_MANAGE)
def end(scope: TenantScope, qualification_id: uuid.UUID) -> Response:
    """Put a qualification aside at once; it stays readable."""
    row = manage_qualification.end_qualification(scope, qualification_id=qualification_id)
    return go_to(scope, f"/settings/staff/{row.staff_id}", "ended")


@bp.get("/covers")
@guard(Permission.STAFF_MANAGE)
def ask_what_it_covers(scope: TenantScope, qualification_id: uuid.UUID) -> str:
    """Ask for one more place or procedure."""
    row = place_queries.get_qualification(scope, qualification_id)
    return _page(scope, row, Form({"attests": "yes"}), "desk/qualification_covers.html")


@bp.post("/covers")
@guard(Permission.STAFF_MANAGE)
@idempotent
def cover(scope: TenantScope, qualification_id: uuid.UUID) -> Response:
    """Enter what a qualification allows at one more place, or for one more procedure."""
    row, form = place_queries.get_qualification(scope, qualification_id), sent_form()
    page = "desk/qualification_covers.html"
    with asking_again(form, lambda again: _page(scope, row, again, page)):
        allowed = scope_in(scope, form)
        form.check()
        _refuse_doubled(scope, row, form)
        manage_qualification.extend_qualification(scope, qualification_id=row.id, allowed=allowed)
    return go_to(scope, f"/settings/staff/{row.staff_id}", "covers")


@bp.get("/evidence")
@guard(Permission.STAFF_MANAGE)
def ask_for_evidence(scope: TenantScope, qualification_id: uuid.UUID) -> str:
    """Ask for a file that shows the qualification."""
    row = place_queries.get_qualification(scope, qualification_id)
    return _page(scope, row, Form(), "desk/qualification_evidence.html")


@bp.post("/evidence")
@guard(Permission.STAFF_MANAGE)
@idempotent
def add_evidence(scope: TenantScope, qualification_id: uuid.UUID) -> Response:
    """Keep a file that shows the qualification."""
    row, form = place_queries.get_qualification(scope, qualification_id), sent_form()
    page = "desk/qualification_evidence.html"
    with asking_again(form, lambda again: _page(scope, row, again, page)):
        data = sent_file("evidence") or b""
        keep_evidence.add_evidence(scope, store=store(), qualification_id=row.id, data=data)
    return go_to(scope, f"/settings/staff/{row.staff_id}", "evidence")


@bp.get("/evidence/<uuid:evidence_id>")
@guard(Permission.CLINIC_READ)
def show_evidence(
    scope: TenantScope, qualification_id: uuid.UUID, evidence_id: uuid.UUID
) -> Response:
    """Hand out a file to save; a browser never shows it as a page of ours."""
    return evidence_file(scope, qualification_id=qualification_id, evidence_id=evidence_id)


def _refuse_doubled(scope: TenantScope, row: Qualification, form: Form) -> None:
    wanted = (form.typed("location_id"), form.typed("procedure_id"))
    entered = place_queries.list_scopes(scope, row.id)
    if any((str(one.location_id), one.procedure_id) == wanted for one in entered):
        form.fail("procedure_id", "What it covers for this procedure there is entered already.")
        form.check()


def _page(scope: TenantScope, row: Qualification, form: Form, template: str) -> str:
    return render_template(
        template,
        form=form,
        held=row,
        member=get_staff(scope, row.staff_id),
        **choices_of_scope(scope),
    )
