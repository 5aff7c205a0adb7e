"""Withdrawals and the quotes that they made, for programs."""

import uuid
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields

from app.audit.places import read_place, write_place
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.billing.refund_models import RefundQuote
from app.billing.services.quote_refund import note_handled
from app.care.withdrawal_board import board_of
from app.database import TenantScope
from app.idempotency import idempotent
from app.schemas import StrictSchema

bp = Blueprint(
    "withdrawals",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>",
    description="What follows from withdrawals",
)


class RefundQuoteResponse(StrictSchema):
    """What of a purchase would be given back, in minor units. It moves no money."""

    id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    purchase_id = fields.UUID(required=True)
    withdrawal_id = fields.UUID(required=True)
    paid_minor = fields.Integer(required=True)
    used_minor = fields.Integer(required=True)
    quoted_minor = fields.Integer(required=True)
    currency = fields.String(required=True)
    sessions = fields.Integer(required=True)
    sessions_used = fields.Integer(required=True)
    payment_under_way = fields.Boolean(required=True)
    quoted_at = fields.AwareDateTime(required=True)
    handled_at = fields.AwareDateTime(required=True, allow_none=True)


class FollowedResponse(StrictSchema):
    """A withdrawal with what it leaves to do."""

    withdrawal_id = fields.UUID(required=True)
    consent_id = fields.UUID(required=True)
    plan_id = fields.UUID(required=True)
    patient_id = fields.UUID(required=True)
    withdrawn_at = fields.AwareDateTime(required=True)
    purpose = fields.String(required=True)
    way = fields.String(required=True)
    has_receipt = fields.Boolean(required=True)
    is_open = fields.Boolean(required=True)
    visit_ids = fields.List(fields.UUID(), required=True)
    quotes = fields.List(fields.Nested(RefundQuoteResponse), required=True)
    place = fields.String(required=True)


class WithdrawalsQuery(StrictSchema):
    """After which line of each kind a page begins."""

    waiting = fields.String(load_default="")
    done = fields.String(load_default="")


@bp.get("/withdrawals")
@guard(Permission.CONSENT_STATUS)
@bp.arguments(WithdrawalsQuery, location="query")
@bp.response(200, FollowedResponse(many=True))
def list_withdrawals(scope: TenantScope, asked: dict[str, str]) -> list[dict[str, Any]]:
    """List withdrawals: those that somebody has to follow first, 50 of each kind.

    What follows is asked for by ``place``, the one of the last line of a kind: ``waiting`` for
    those that somebody has to follow, ``done`` for the others of the last 90 days.
    """
    board = board_of(
        scope,
        waiting_before=read_place(asked["waiting"]),
        done_before=read_place(asked["done"]),
    )
    return [
        {
            "withdrawal_id": one.line.withdrawal.id,
            "consent_id": one.line.withdrawal.consent_id,
            "plan_id": one.line.plan_id,
            "patient_id": one.line.patient_id,
            "withdrawn_at": one.line.withdrawal.withdrawn_at,
            "purpose": one.line.purpose,
            "way": one.line.withdrawal.way,
            "has_receipt": one.line.has_receipt,
            "is_open": one in board.waiting,
            "place": write_place(one.line.place),
            "visit_ids": [visit.id for visit, _ in one.visits],
            "quotes": [line.quote for line in one.quotes],
        }
        for one in [*board.waiting, *board.done]
    ]


@bp.post("/refund-quotes/<uuid:quote_id>/handled")
@guard(Permission.PAYMENT_TAKE)
@idempotent
@bp.response(200, RefundQuoteResponse)
def handled(scope: TenantScope, quote_id: uuid.UUID) -> RefundQuote:
    """Note that a quote was dealt with; twice is once."""
    return note_handled(scope, quote_id=quote_id)
