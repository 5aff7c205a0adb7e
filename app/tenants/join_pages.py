"""The pages behind an invitation: the link, the offer, and the one page for what does not open."""

import uuid

from flask import Blueprint, Response, g, make_response, redirect, render_template, request

from app.auth.csrf import csrf_token
from app.auth.guards import STAFF_COOKIE, LinkNotUsable, invited, public
from app.auth.permissions import ROLE_HINTS, ROLE_WORDS
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.tenants import queries, staff_queries
from app.tenants.join_routes import finish_joining
from app.tenants.joining import join, standing_of
from app.tenants.models import StaffInvitation

bp = Blueprint("join_pages", __name__, url_prefix="/invitation")
WORDS = {
    "title": "You are invited to a clinic’s team",
    "lead": "Open the invitation to see who invites you and what for. Nothing happens before you"
    " accept it.",
    "button": "Open my invitation",
}


@bp.get("")
@public
def show_link() -> str:
    """Show the page behind the link; the token is in the fragment and not seen here."""
    return render_template(
        "tenants/invitation_link.html",
        clinic=None,
        exchange_url="/api/v1/invitation/exchange",
        neutral_url="/invitation/ended",
        words=WORDS,
    )


@bp.get("/ended")
@public
def show_ended() -> tuple[str, int]:
    """Show the one page for every invitation that does not open."""
    return render_template("tenants/invitation_ended.html", clinic=None), 410


@bp.errorhandler(LinkNotUsable)
def answer_dead_link(_error: LinkNotUsable) -> Response:
    """Say the same whatever the reason."""
    return make_response(*show_ended())


@bp.get("/accept")
@invited
def show_offer(scope: TenantScope, invitation_id: uuid.UUID, _token: str) -> str:
    """Show who invites, to what; ask a new person for a name and a password."""
    return _offer_page(scope, staff_queries.get_invitation(scope, invitation_id), Form())


@bp.post("/accept")
@invited
def accept(scope: TenantScope, invitation_id: uuid.UUID, token: str) -> Response:
    """Join the clinic and go to its day."""
    form = sent_form()
    invitation = staff_queries.get_invitation(scope, invitation_id)
    with asking_again(form, lambda again: _offer_page(scope, invitation, again), {"": "password"}):
        name, password = form.typed("name").strip(), form.typed("password")
        member, signed_in = join(scope, invitation, token, name=name, password=password)
    response = make_response(redirect(f"/clinics/{member.tenant_id}/today?said=joined", 303))
    finish_joining(response, signed_in)
    return response


def _offer_page(scope: TenantScope, invitation: StaffInvitation, form: Form) -> str:
    places = {one.id: one.name for one in queries.list_locations(scope)}
    clinic = queries.get_clinic(scope)
    token = request.cookies.get(STAFF_COOKIE, "")
    return render_template(
        "tenants/invitation.html",
        clinic={"name": clinic.legal_name, "address": clinic.address},
        form=form,
        invitation=invitation,
        role=ROLE_WORDS[invitation.role],
        hint=ROLE_HINTS[invitation.role],
        places=[places[one] for one in invitation.location_ids if one in places],
        standing=standing_of(invitation),
        csrf_token=g.csrf_token,
        sign_out_token=csrf_token(token) if token else "",
    )
