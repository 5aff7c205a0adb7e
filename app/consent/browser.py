"""Where an act came from, for the sealed evidence: address, and what the browser says it is."""

from dataclasses import dataclass

from flask import request

LONGEST_AGENT = 300


@dataclass(frozen=True)
class Browser:
    """A browser or program as it shows itself; empty where an act has none."""

    address: str = ""
    user_agent: str = ""


NOWHERE = Browser()


def this_browser() -> Browser:
    """Return what sent the request that is answered now."""
    agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT]
    return Browser(request.remote_addr or "", agent)
