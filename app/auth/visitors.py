"""What a browser tells about itself: where it is, what it is, and whether it was here before.

Only words and a shortened address are ever stored, so that a person recognises their own devices
without us keeping a trail of where they have been.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import Response, request

from app.auth.cookies import set_cookie
from app.kit.ids import hash_secret

DEVICE_COOKIE = "__Host-needlepoint-device"
DEVICE_SECONDS = 365 * 24 * 3600
# The first that matches wins, so the ones that pretend to be others come first.
BROWSERS = (
    ("Edg/|EdgA/|EdgiOS/", "Edge"),
    ("OPR/|Opera", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/|FxiOS/", "Firefox"),
    ("Chrome/|CriOS/|Chromium/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh|Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Visitor:
    """A browser or program that wants to sign in. ``device_token`` is empty when it is new."""

    address: str
    device_words: str
    device_token: str

    @property
    def counted_address(self) -> str:
        """The part of the address that one household or attacker holds: IPv6 by its /64."""
        found = _parsed(self.address)
        if isinstance(found, IPv6Address):
            return found.exploded[:19]
        return self.address

    @property
    def near_address(self) -> str:
        """The address without its last part, which tells places apart but not people."""
        found = _parsed(self.address)
        if isinstance(found, IPv4Address):
            return str(found).rsplit(".", 1)[0] + ".x"
        if isinstance(found, IPv6Address):
            return ":".join(part.lstrip("0") or "0" for part in found.exploded.split(":")[:3]) + "…"
        return ""

    @property
    def device_hash(self) -> bytes:
        """The hash by which the browser is known; a new one matches nothing."""
        return hash_secret(self.device_token or "no device")


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def visitor() -> Visitor:
    """Return who sends the running request."""
    return Visitor(
        address=request.remote_addr or "",
        device_words=words_of(request.headers.get("User-Agent", "")),
        device_token=request.cookies.get(DEVICE_COOKIE, ""),
    )


def words_of(user_agent: str) -> str:
    """Return a browser in words: "Firefox on Windows". Nothing of the text itself is kept."""
    text = user_agent[:400]
    browser = next((name for mark, name in BROWSERS if re.search(mark, text)), "")
    system = next((name for mark, name in SYSTEMS if re.search(mark, text)), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "A program or an unknown browser"


def remember_device(response: Response, token: str) -> None:
    """Set the cookie by which a browser that has signed in is known again."""
    set_cookie(response, DEVICE_COOKIE, token, seconds=DEVICE_SECONDS)
