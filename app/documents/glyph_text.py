"""Keeps brackets, Arabic and Hebrew letters true in the text layer of a PDF.

In a line that reads from right to left "(" is drawn with the picture of ")". The renderer remembers
one text for each picture, the first that it meets, so that a bracket elsewhere would be copied and
read aloud the wrong way round. An Arabic letter with a mark is one cluster of two pictures, of
which it gives one the whole text and the other none; the same pictures stand elsewhere without the
mark. Here each picture keeps what it shows, by the font's own table.
"""

import io
import unicodedata
from collections.abc import Iterator
from typing import Any

from fontTools.ttLib import TTFont

_PAIRS = ("()", "[]", "{}", "<>", "«»", "‹›", "≤≥", "⟨⟩", "（）", "「」")
_PARTNER = {a: b for p in _PAIRS for a, b in ((p[0], p[1]), (p[1], p[0]))}
MIRRORED = {ord(pair[1]): pair[0] for pair in _PAIRS}
# A few faces for each process: what is read once from a face stays true.
_brackets: dict[tuple[str, int, int], dict[str, int]] = {}
_arabic: dict[tuple[str, int, int], dict[int, tuple[str, ...]]] = {}
_LETTERS = (
    range(0x0591, 0x0600),
    range(0x0600, 0x0700),
    range(0x0750, 0x0780),
    range(0x08A0, 0x0900),
)
_FORMS = (range(0xFB1D, 0xFB50), range(0xFB50, 0xFE00), range(0xFE70, 0xFEFD))
_TATWEEL = "\u0640"


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
        super().__setitem__(glyph, _arabic_text(self._font, glyph, text))


def _glyph_of(font: Any, letter: str) -> int | None:
    """Return the glyph that the font's own table gives to a bracket."""
    key = (font.hash, font.index, len(font.file_content))
    if key not in _brackets:
        _brackets[key] = _read_brackets(font.file_content, font.index)
    return _brackets[key].get(letter)


def _arabic_text(font: Any, glyph: int, text: str) -> str:
    """Return what an Arabic glyph shows; ``text`` is what stood where it was met first."""
    key = (font.hash, font.index, len(font.file_content))
    if key not in _arabic:
        _arabic[key] = _read_arabic(font.file_content, font.index)
    shown = _arabic[key].get(glyph, ())
    if not shown or text in shown:
        return text
    return next((one for one in shown if set(one) <= set(text)), shown[0])


def _read_arabic(file_content: bytes, index: int) -> dict[int, tuple[str, ...]]:
    """Return what each Arabic glyph of a face shows, plain letters before their joined forms."""
    found: dict[int, list[str]] = {}
    with TTFont(io.BytesIO(file_content), fontNumber=index, lazy=True) as font:
        names = font.getBestCmap()
        for code_point, text in _arabic_letters(names):
            texts = found.setdefault(font.getGlyphID(names[code_point]), [])
            if text not in texts:
                texts.append(text)
    return {glyph: tuple(texts) for glyph, texts in found.items()}


def _arabic_letters(names: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Yield each Arabic and Hebrew code point of a face with the plain letters it stands for."""
    for code_point in sorted(names):
        if any(code_point in block for block in _LETTERS):
            yield code_point, chr(code_point)
    for code_point in sorted(names):
        if any(code_point in block for block in _FORMS):
            plain = unicodedata.normalize("NFKC", chr(code_point)).replace(_TATWEEL, "").strip()
            if plain:
                yield code_point, plain


def _read_brackets(file_content: bytes, index: int) -> dict[str, int]:
    with TTFont(io.BytesIO(file_content), fontNumber=index, lazy=True) as font:
        names = font.getBestCmap()
        return {
            letter: font.getGlyphID(names[ord(letter)])
            for letter in _PARTNER
            if ord(letter) in names
        }
