"""Pages on which an owner invites somebody, sends the invitation again, or cancels it."""

import uuid

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.auth.guards import guard, require_step_up
from app.auth.permissions import Permission
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.staff_pages import go_to
from app.tenants.models import Role
from app.tenants.people_pages import choices_of_terms, read_terms
from app.tenants.services import invite_staff
from app.tenants.services.invite_staff import NewInvitation

bp = Blueprint(
    "invitation_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>/settings/invitations"
)


@bp.get("/new")
@guard(Permission.STAFF_MANAGE)
def ask_for_invitation(scope: TenantScope) -> str:
    """Ask whom to invite, as what and where."""
    return _page(scope, Form({"reach": "all"}))


@bp.post("/new")
@guard(Permission.STAFF_MANAGE)
@idempotent
def invite(scope: TenantScope) -> Response:
    """Send an invitation; another owner is invited with a fresh second factor only."""
    form = sent_form()
    if form.typed("role") == Role.OWNER.value:
        require_step_up()
    with asking_again(form, lambda again: _page(scope, again), {"": "email"}):
        email = form.text("email", "Enter their email address.", most=254)
        terms = read_terms(scope, form)
        wanted = NewInvitation(email, terms.role, terms.location_ids)
        invite_staff.invite_staff(scope, wanted)
    return go_to(scope, "/settings/staff", "invited")


@bp.post("/<uuid:invitation_id>/resend")
@guard(Permission.STAFF_MANAGE)
@idempotent
def resend(scope: TenantScope, invitation_id: uuid.UUID) -> Response:
    """Send a fresh link; the one before dies."""
    invite_staff.resend_invitation(scope, invitation_id=invitation_id)
    return go_to(scope, "/settings/staff", "invited-again")


@bp.post("/<uuid:invitation_id>/cancel")
@guard(Permission.STAFF_MANAGE)
def cancel(scope: TenantScope, invitation_id: uuid.UUID) -> Response:
    """Take an invitation back."""
    invite_staff.cancel_invitation(scope, invitation_id=invitation_id)
    return go_to(scope, "/settings/staff", "uninvited")


def _page(scope: TenantScope, form: Form) -> str:
    return render_template("tenants/invite_staff.html", form=form, **choices_of_terms(scope, form))
