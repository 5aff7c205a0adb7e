"""Why a patient says no, if they want to say so: a short list and their own words, encrypted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.consent.after.follow_models import ConsentDecline
from app.consent.ciphers import open_text
from app.consent.models import Consent
from app.database import TenantScope
from app.errors import Invalid
from app.kit.speech import mark, say

LONGEST = 2000
PLACE = "consent_decline.why"
REASONS: Mapping[str, str] = {
    "more_time": mark("I want more time to think"),
    "risks": mark("The risks worry me"),
    "unclear": mark("Something is not clear to me"),
    "another_way": mark("I want another treatment, or none"),
    "cost": mark("It costs too much"),
    "pressed": mark("I felt pressed to decide"),
    "other": mark("Something else"),
}


@dataclass(frozen=True)
class Why:
    """A patient's reason: codes of ``REASONS`` and their own words. Both may be empty."""

    reasons: tuple[str, ...] = ()
    words: str = ""

    def as_text(self) -> str:
        """Return it as one text to encrypt, or "" where nothing was said."""
        if not self.reasons and not self.words:
            return ""
        return json.dumps({"reasons": self.reasons, "words": self.words}, ensure_ascii=False)

    def in_words(self) -> tuple[str, ...]:
        """Return the chosen reasons in the language spoken."""
        return tuple(say(REASONS[one]) for one in self.reasons if one in REASONS)


def read_typed(reasons: list[str], words: str) -> Why:
    """Return what was chosen and typed, in the list's order; raises Invalid for too much."""
    plain = words.strip()
    if len(plain) > LONGEST:
        told = say("That is too long. Please use at most %(most)s characters.", most=LONGEST)
        raise Invalid(told, fields={"words": told})
    return Why(tuple(one for one in REASONS if one in reasons), plain)


def why_of(scope: TenantScope, consent: Consent, row: ConsentDecline) -> Why:
    """Return what a patient gave as their reason; raises NotReadable."""
    if row.why_cipher is None:
        return Why()
    kept = json.loads(open_text(scope, consent.patient_id, PLACE, row.id, row.why_cipher))
    return Why(tuple(kept["reasons"]), kept["words"])
