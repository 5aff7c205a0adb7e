"""Where a clinic's chain stands, for people: sealed, anchored outside, time-stamped, checked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.audit import queries
from app.audit.anchors import stamp_token
from app.audit.restores import REASONS, RESTORE_ACCEPTED
from app.audit.sealing import LATE
from app.database import TenantScope
from app.storage.errors import StoreUnavailable

MOST_WAITING = 1000


@dataclass(frozen=True)
class AcceptedRestore:
    """What somebody accepted as lost: rows ``first`` to ``last``, signed in an anchor."""

    at: datetime
    by: str
    why: str
    first: int
    last: int
    anchor: int


@dataclass(frozen=True)
class ChainState:
    """``stamp`` is "stamped", "not_stamped", or "unknown" while the anchors cannot be read."""

    sealed_seq: int
    sealed_at: datetime | None
    waiting: int
    anchor_number: int | None
    anchored_seq: int
    anchored_at: datetime | None
    stamp: str
    stamped_at: datetime | None
    verified_at: datetime | None
    failed_checks: int
    restores: tuple[AcceptedRestore, ...] = ()


def chain_state(scope: TenantScope) -> ChainState:
    """Return where the clinic's chain stands now; counts at most a thousand waiting events."""
    head = queries.find_head(scope)
    # The last day's, as the next round sees them; older ones are the nightly round's.
    since = head.sealed_at - LATE if head else None
    waiting = len(queries.list_unsealed(scope, since=since, most=MOST_WAITING))
    if head is None:
        return ChainState(0, None, waiting, None, 0, None, "not_stamped", None, None, 0)
    stamp, stamped_at = _stamp_of(head.anchor_number)
    return ChainState(
        sealed_seq=head.seq,
        sealed_at=head.sealed_at,
        waiting=waiting,
        anchor_number=head.anchor_number,
        anchored_seq=head.anchored_seq,
        anchored_at=head.anchored_at,
        stamp=stamp,
        stamped_at=stamped_at,
        verified_at=head.verified_at,
        failed_checks=head.failed_checks,
        restores=tuple(_restores(scope)),
    )


def _restores(scope: TenantScope) -> Iterator[AcceptedRestore]:
    """Yield what was accepted as lost, from the record's own events."""
    for event in queries.page_events(scope, queries.Wanted(actions=(RESTORE_ACCEPTED,))):
        said = json.loads(event.details)
        yield AcceptedRestore(
            at=event.at,
            by=said["by"],
            why=REASONS.get(said["reason"], said["reason"]),
            first=said["first"],
            last=said["last"],
            anchor=said["anchor"],
        )


def _stamp_of(number: int | None) -> tuple[str, datetime | None]:
    if number is None:
        return "not_stamped", None
    try:
        token = stamp_token(number)
        if token is None:
            return "not_stamped", None
        said = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
        return "stamped", said
    except (StoreUnavailable, ValueError, TypeError, KeyError):
        return "unknown", None
