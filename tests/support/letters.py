"""Letters to people about their accounts, read as their readers would."""

import re
import threading
from pathlib import Path

from flask import Flask

from app.jobs.worker import work

UNTIL_EMPTY = {"until_empty": True}
LINK = re.compile(r"https?://[^\s/#]+(/[\w/-]+)#(\S+)")


def letters_to(app: Flask, email: str) -> list[str]:
    """Send what is queued; return the letters to an address, the oldest first."""
    settings = app.config["SETTINGS"]
    # In a thread of its own, since a browser under test keeps this one's event loop.
    worker = threading.Thread(target=work, args=(app, settings.worker_url), kwargs=UNTIL_EMPTY)
    worker.start()
    worker.join()
    found = sorted((Path(settings.home) / "letters").glob("*.txt"))
    return [text for one in found if (text := one.read_text()).startswith(f"To: {email}\n")]


def link_in(letter: str) -> tuple[str, str]:
    """Return path and secret of the link in a letter."""
    found = LINK.search(letter)
    assert found is not None, letter
    return found[1], found[2]
