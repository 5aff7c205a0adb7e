"""Structured logs without health data: events have names, ids and codes, never what people
typed."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# A second net under the rule that nobody logs such things: keys that would hold them are blanked.
HIDDEN_KEYS = re.compile(
    r"(name|email|phone|address|birth|answer|note|reason|token|secret|password|code|ink|body)$"
)
CARD_NUMBER = re.compile(r"\b(?:\d[ -]?){13,19}\b")
PLAIN_KEYS = frozenset({"problem_code", "status_code"})


def blank_personal_values(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank values whose key says that they are personal, and anything like a card number."""
    for key, value in event.items():
        if key in PLAIN_KEYS:
            continue
        if HIDDEN_KEYS.search(key):
            event[key] = "[hidden]"
        elif isinstance(value, str) and not key.endswith(("_id", "event", "timestamp")):
            event[key] = CARD_NUMBER.sub("[hidden]", value)
    return event


def configure() -> None:
    """Send JSON lines to standard error, from structlog and from libraries alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        blank_personal_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Its warnings are tracebacks about chains that a verifier reports in words anyway.
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s")
