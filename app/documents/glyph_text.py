"""Keeps brackets true in the text layer of a PDF.

In a line that reads from right to left "(" is drawn with the picture of ")". The renderer remembers
one text for each picture, the first that it meets, so that a bracket elsewhere would be copied and
read aloud the wrong way round. Here each picture keeps the character that it shows.
"""

import io
from typing import Any

from fontTools.ttLib import TTFont

_PAIRS = ("()", "[]", "{}", "<>", "«»", "‹›", "≤≥", "⟨⟩", "（）", "「」")
_PARTNER = {a: b for p in _PAIRS for a, b in ((p[0], p[1]), (p[1], p[0]))}
MIRRORED = {ord(pair[1]): pair[0] for pair in _PAIRS}
# A few faces for each process: what is read once from a face stays true.
_brackets: dict[tuple[str, int, int], dict[str, int]] = {}


class TrueFonts(dict[Any, Any]):
    """The renderer's table of fonts; each font that enters gets a truthful table of texts."""

    def __setitem__(self, key: Any, font: Any) -> None:
        font.to_unicode = _TrueTexts(font)
        super().__setitem__(key, font)


class _TrueTexts(dict[int, str]):
    """Glyph to text; a mirrored bracket is stored as the bracket that is seen."""

    def __init__(self, font: Any) -> None:
        super().__init__()
        self._font = font

    def __setitem__(self, glyph: int, text: str) -> None:
        partner = _PARTNER.get(text)
        if partner is not None and _glyph_of(self._font, partner) == glyph:
            text = partner
        super().__setitem__(glyph, text)


def _glyph_of(font: Any, letter: str) -> int | None:
    """Return the glyph that the font's own table gives to a bracket."""
    key = (font.hash, font.index, len(font.file_content))
    if key not in _brackets:
        _brackets[key] = _read_brackets(font.file_content, font.index)
    return _brackets[key].get(letter)


def _read_brackets(file_content: bytes, index: int) -> dict[str, int]:
    with TTFont(io.BytesIO(file_content), fontNumber=index, lazy=True) as font:
        names = font.getBestCmap()
        return {
            letter: font.getGlyphID(names[ord(letter)])
            for letter in _PARTNER
            if ord(letter) in names
        }
