"""What a patient is told about their data before the first question about health.

The product's own words say how the system keeps data; the clinic, which decides about them
(GDPR article 13), adds its own notice in its settings. The hash is of everything that was shown.
"""

from dataclasses import dataclass
from hashlib import sha256

from app.database import TenantScope
from app.kit.speech import mark, say
from app.tenants.place_queries import get_settings

LINES = (
    mark(
        "Your answers, your signature and your documents are stored encrypted, with a"
        " key of your own."
    ),
    mark(
        "The people who treat you can read them. The front desk sees only whether a"
        " form is finished."
    ),
    mark("Messages to you never say what you are treated for, and links never carry your answers."),
    mark("We use one cookie, which keeps you in your form. Nobody follows you on these pages."),
    mark(
        "The clinic keeps its records for as long as the law and its own rules ask."
        " After that they are made unreadable."
    ),
    mark("You may ask the clinic what it has about you, and ask it to correct what is wrong."),
)


@dataclass(frozen=True)
class PrivacyNotice:
    """``lines`` are the product's, ``own`` the clinic's paragraphs; ``sha256`` is hexadecimal."""

    lines: tuple[str, ...]
    own: tuple[str, ...]
    sha256: str


def privacy_notice(scope: TenantScope) -> PrivacyNotice:
    """Return the notice that is in force, in the language that is spoken."""
    lines = tuple(say(line) for line in LINES)
    typed = get_settings(scope).privacy_notice
    own = tuple(part.strip() for part in typed.split("\n") if part.strip())
    return PrivacyNotice(lines, own, sha256("\n".join((*lines, *own)).encode()).hexdigest())
