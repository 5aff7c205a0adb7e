"""What this room does by the clock."""

from app import jobs
from app.audit.rounds import run_round


@jobs.regular("audit.round")
def seal_and_anchor() -> None:
    """Seal what happened since the last round, anchor the heads that moved, stamp the anchors."""
    run_round()
