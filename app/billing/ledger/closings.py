"""Close the ledger once a night: sums that a page reads in place of every transfer.

The transfers stay the evidence. A closing is added up from all of them and never from the one
before, and the one before is checked on the way.
"""

from datetime import datetime, timedelta

from app.billing.ledger import queries
from app.billing.models import LedgerClosing
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id

# A transfer gets its time before it is committed. Nothing is under way for as long as an hour.
SETTLED_AFTER = timedelta(hours=1)


def close_ledger(scope: TenantScope) -> bool:
    """Close up to the last whole hour but one; return whether the closing before was right.

    Closing the same hour again changes nothing.
    """
    at = now()
    through = (at - SETTLED_AFTER).replace(minute=0, second=0, microsecond=0)
    before = queries.find_last_closing(scope)
    was_right = before is None or _is_right(scope, before)
    if before is None or before < through:
        for balance in queries.sum_transfers(scope, until=through):
            scope.session.add(
                LedgerClosing(
                    tenant_id=scope.tenant_id,
                    id=new_id(),
                    through=through,
                    kind=balance.kind,
                    currency=balance.currency,
                    debits_minor=balance.debits_minor,
                    credits_minor=balance.credits_minor,
                    made_at=at,
                )
            )
    return was_right


def _is_right(scope: TenantScope, through: datetime) -> bool:
    closed = queries.add_up(queries.list_closed(scope, through))
    return closed == queries.sum_transfers(scope, until=through)
