"""What the clinic has to follow after a withdrawal, on one page: visits, money, the receipt."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.audit.queries import Place
from app.billing.refund_models import RefundQuote
from app.billing.refund_queries import list_quotes_of
from app.care.withdrawal_queries import (
    WithdrawalLine,
    find_open,
    list_visits_expected,
    page_open,
    page_recent,
)
from app.consent.after.withdrawal_paper import through_whom
from app.consent.after.withdrawal_queries import STOPS_TREATMENT
from app.consent.purposes import PURPOSE_WORDS, Purpose
from app.database import TenantScope
from app.kit.clock import now
from app.kit.money import format_money
from app.pages_setup import moment
from app.plans.models import Visit
from app.tenants.queries import list_locations_in_reach, map_staff_names

SHOWN_FOR = timedelta(days=90)
PAGE = 50


@dataclass(frozen=True)
class QuoteLine:
    """A quote in words: what was bought, the sum that is quoted and how it was worked out."""

    quote: RefundQuote
    name: str
    amount: str
    formula: str


@dataclass(frozen=True)
class Followed:
    """One withdrawal with everything that it leaves to do."""

    line: WithdrawalLine
    at: str
    through: str
    what: str
    visits: tuple[tuple[Visit, str], ...]
    quotes: tuple[QuoteLine, ...]


@dataclass(frozen=True)
class Board:
    """Two lists with what follows: what somebody has to look at, and the others of 90 days."""

    waiting: list[Followed]
    done: list[Followed]
    more_waiting: Place | None
    more_done: Place | None


def board_of(
    scope: TenantScope,
    *,
    waiting_before: Place | None = None,
    done_before: Place | None = None,
    size: int = PAGE,
) -> Board:
    """Return a page of the withdrawals that somebody has to look at, and one of the others."""
    waiting = page_open(scope, before=waiting_before, size=size)
    recent = page_recent(scope, since=now() - SHOWN_FOR, before=done_before, size=size)
    told = _told(scope, [*waiting, *recent])
    still_open = find_open(scope, {one.withdrawal.id for one in recent})
    return Board(
        waiting=told[: len(waiting)],
        done=[one for one in told[len(waiting) :] if one.line.withdrawal.id not in still_open],
        more_waiting=_following(waiting, size),
        more_done=_following(recent, size),
    )


def _following(lines: Sequence[WithdrawalLine], size: int) -> Place | None:
    return lines[-1].place if len(lines) == size else None


def _told(scope: TenantScope, lines: Sequence[WithdrawalLine]) -> list[Followed]:
    zones = {one.id: one.zone for one in list_locations_in_reach(scope)}
    names = map_staff_names(scope)
    visits: defaultdict[uuid.UUID, list[Visit]] = defaultdict(list)
    for visit in list_visits_expected(scope, {one.plan_id for one in lines}):
        visits[visit.plan_id].append(visit)
    quotes: defaultdict[uuid.UUID, list[QuoteLine]] = defaultdict(list)
    for quote, name in list_quotes_of(scope, {one.withdrawal.id for one in lines}):
        quotes[quote.withdrawal_id].append(_quote_line(quote, name))
    found = []
    for one in lines:
        zone, withdrawal = zones[one.location_id], one.withdrawal
        by = names.get(withdrawal.recorded_by, "") if withdrawal.recorded_by else ""
        found.append(
            Followed(
                one,
                moment(withdrawal.withdrawn_at, zone),
                through_whom(withdrawal.way, by),
                PURPOSE_WORDS[Purpose(one.purpose)],
                tuple((visit, moment(visit.planned_at, zone)) for visit in visits[one.plan_id])
                if one.purpose in STOPS_TREATMENT
                else (),
                tuple(quotes[withdrawal.id]),
            )
        )
    return found


def _quote_line(quote: RefundQuote, name: str) -> QuoteLine:
    paid, used = (
        format_money(minor, quote.currency) for minor in (quote.paid_minor, quote.used_minor)
    )
    formula = (
        f"{paid} paid, less {used} for {quote.sessions_used} of {quote.sessions} sessions used,"
        " each at its share of the price fixed at the sale"
    )
    return QuoteLine(quote, name, format_money(quote.quoted_minor, quote.currency), formula)
