"""Words that have no place in what patients read before they decide.

Some promise what nobody can promise or are untrue of these devices: those stop a text. Others are
often used too lightly: those are pointed out to its editor.
"""

import re

_BLOCKED = {
    "guarantee": r"\bguarant\w*",
    "permanent": r"\bpermanent\w*",
    "painless": r"\bpainless\w*",
    "risk-free": r"\brisk[- ]free\b",
    "100 %": r"\b100\s?(%|per ?cent\b)",
    "natural": r"\bnatural\w*",
    "FDA approved": r"\bFDA[- ]approv\w*",
    "whitening": r"\bwhiten\w*",
    "no downtime": r"\bno downtime\b",
    "anyone": r"\banyone\b",
    "any part": r"\bany part\b",
}
_DOUBTFUL = {
    "proven": r"\bproven\b",
    "safe": r"\bsafe(ly|r|st)?\b",
    "cure": r"\bcur(e|es|ed|ing)\b",
    "erase": r"\beras\w*",
    "remove": r"\bremov\w*",
}


def blocked_words_in(text: str) -> tuple[str, ...]:
    """Return the blocked words that a text uses, in any form or case."""
    return _found(_BLOCKED, text)


def doubtful_words_in(text: str) -> tuple[str, ...]:
    """Return words that an editor should look at twice."""
    return _found(_DOUBTFUL, text)


def _found(patterns: dict[str, str], text: str) -> tuple[str, ...]:
    return tuple(
        word for word, pattern in patterns.items() if re.search(pattern, text, re.IGNORECASE)
    )
