"""The outcomes of composing, sealing and reading documents that a caller has to know."""

import unicodedata

from app.errors import Invalid, TooLarge, Unavailable
from app.kit.speech import say


class BadBlock(Invalid):
    """A block of a draft breaks a rule of the paper, such as a skipped heading level."""

    code = "bad_document_block"
    title = "The document is not well formed"


class MissingGlyph(Invalid):
    """A letter cannot be printed with the fonts of the paper, so the document is refused.

    ``letter`` is the character, ``code_point`` its U+ notation; no other text is carried.
    """

    code = "missing_glyph"
    title = "A letter cannot be printed"

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self.code_point = f"U+{ord(letter):04X}"
        name = unicodedata.name(letter, "a character without a name")
        super().__init__(
            say(
                "The character %(label)s cannot be printed on paper. Please write it in another"
                " way.",
                label=f"{self.code_point} ({name})",
            ),
            code_point=self.code_point,
        )


class InkRefused(Invalid):
    """The drawn signature is empty or not possible on its canvas."""

    code = "ink_refused"
    title = "The drawn signature cannot be used"


class InkTooLarge(TooLarge):
    """The drawn signature has more strokes or points than a hand draws."""

    code = "ink_too_large"
    title = "The drawn signature is too large"


class DocumentTooLarge(TooLarge):
    """The draft holds more text, rows or attached bytes than one document may."""

    code = "document_too_large"
    title = "The document is too large"


class RenderFailed(Unavailable):
    """The renderer gave up; nothing was signed."""

    code = "render_failed"
    title = "The document could not be made just now"


class ReadBackFailed(Unavailable):
    """The text read from the finished PDF is not the text that was to be printed.

    Names the slot and never the value, since the value may be health data.
    """

    code = "read_back_failed"
    title = "The document did not pass its own check"

    def __init__(self, slot: str) -> None:
        self.slot = slot
        super().__init__(
            f"The finished document does not show what was to be printed at {slot}.", slot=slot
        )


class SealUnusable(ValueError):
    """The configured certificate may not seal documents; the start of the program stops here."""


class SealFailed(Unavailable):
    """The document could not be sealed; nothing was signed."""

    code = "seal_failed"
    title = "The document could not be sealed just now"


class ClocksDiffer(Unavailable):
    """The application's clock and the database's differ; nothing is signed at a time that lies."""

    code = "clocks_differ"
    title = "This cannot be sealed just now"


class StampRefused(Exception):
    """The time-stamp authority did not answer in time, or answered with something untrue.

    Never reaches a caller: the document is sealed all the same and says "not time-stamped".
    ``reason`` is one plain sentence.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
