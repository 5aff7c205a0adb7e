"""Render one small document when a process starts, so that no patient waits for the first one."""

import threading
from datetime import UTC, datetime

from app.documents.blocks import Paragraph
from app.documents.compose import render
from app.documents.draft import DocumentDraft


def warm_up() -> None:
    """Load fonts and the renderer's code paths; takes about a second and keeps nothing."""
    render(
        DocumentDraft(
            title="Warm up",
            language="en",
            page="A4",
            author="Needlepoint",
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            reference="warm-up",
            summary=(("What", "Nothing"),),
            blocks=(Paragraph("Nothing is printed here."),),
        )
    )


def warm_up_beside() -> None:
    """Do the same in a thread of its own while the process begins to serve."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
