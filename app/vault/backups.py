"""How long backups may still hold what was erased: the window that this installation promises."""

from datetime import datetime, timedelta

from flask import current_app

from app.kit.clock import now


def backup_days() -> int:
    """Return for how many days a backup is kept."""
    return int(current_app.config["SETTINGS"].backup_days)


def backups_end() -> datetime:
    """Return when the last backup that was made until now is gone."""
    return now() + timedelta(days=backup_days())
