"""The page on which the clinic follows withdrawals: visits that still stand, money, receipts."""

import uuid

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.audit.places import read_place, write_place
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.billing.services.quote_refund import note_handled
from app.care.withdrawal_board import board_of
from app.database import TenantScope
from app.staff_pages import go_to

bp = Blueprint("withdrawal_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")


@bp.get("/withdrawals")
@guard(Permission.CONSENT_STATUS)
def show_withdrawals(scope: TenantScope) -> str:
    """List what somebody still has to follow, and what was done."""
    waiting, done = request.args.get("waiting", ""), request.args.get("done", "")
    board = board_of(scope, waiting_before=read_place(waiting), done_before=read_place(done))
    return render_template(
        "care/withdrawals.html",
        waiting=board.waiting,
        done=board.done,
        next_waiting=write_place(board.more_waiting),
        next_done=write_place(board.more_done),
        is_first=not waiting and not done,
    )


@bp.post("/refund-quotes/<uuid:quote_id>/handled")
@guard(Permission.PAYMENT_TAKE)
def handled(scope: TenantScope, quote_id: uuid.UUID) -> Response:
    """Note that a quote was dealt with."""
    note_handled(scope, quote_id=quote_id)
    return go_to(scope, "/withdrawals", "moved")
