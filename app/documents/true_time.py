"""Nothing is sealed by a clock that is wrong: two machines have to agree on the time first.

The application's machine and the database's keep time apart from each other. Where they differ by
more than their statement can explain, one of them lies, and nobody can tell which.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from flask import current_app

from app.database import TenantScope
from app.documents.errors import ClocksDiffer
from app.documents.queries import get_database_time

EXTENSION = "needlepoint_machine_time"
FURTHEST_APART = timedelta(seconds=2)


def require_true_time(scope: TenantScope) -> None:
    """Raise ClocksDiffer when this machine's clock and the database's are further apart."""
    machine = cast(Callable[[], datetime], current_app.extensions[EXTENSION])
    asked = machine()
    theirs = get_database_time(scope)
    heard = machine()
    if not asked - FURTHEST_APART <= theirs <= heard + FURTHEST_APART:
        raise ClocksDiffer(
            "The clocks of this installation differ. Nothing is sealed until they agree."
        )
