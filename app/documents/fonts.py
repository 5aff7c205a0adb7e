"""Which letters the paper can print, decided from the fonts' own tables before rendering.

The renderer silently falls back to any font of the machine, or draws an empty box. A document that
somebody signs may do neither, so every letter must be in a family of our list, in regular and in
bold.
"""

import subprocess
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from fontTools.ttLib import TTFont

from app.documents.errors import MissingGlyph

_BASE = ("Noto Sans",)
_SCRIPTS = (
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Gurmukhi",
    "Noto Sans Gujarati",
    "Noto Sans Tamil",
    "Noto Sans Telugu",
    "Noto Sans Kannada",
    "Noto Sans Malayalam",
    "Noto Sans Sinhala",
    "Noto Sans Thai",
    "Noto Sans Lao",
    "Noto Sans Khmer",
    "Noto Sans Myanmar",
    "Noto Sans Georgian",
    "Noto Sans Armenian",
    "Noto Sans Ethiopic",
)
_EAST_ASIA = {
    "ja": "Noto Sans CJK JP",
    "ko": "Noto Sans CJK KR",
    "zh": "Noto Sans CJK SC",
    "zh-hant": "Noto Sans CJK TC",
    "zh-tw": "Noto Sans CJK TC",
    "zh-hk": "Noto Sans CJK HK",
}
# Joiners, isolates and the text-style selector shape or order their neighbours and have no picture.
_SHAPELESS = {0x200C, 0x200D, *range(0x2066, 0x206A), 0xFE0E}
_WHITE = {" ", "\n", "\u00a0"}
_NEVER = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class FontFile:
    """One face: the file, its place in a collection, and the family that it really belongs to."""

    path: str
    index: int
    family: str


def families_for(language: str) -> tuple[str, ...]:
    """Return the paper's font families, first choice first, for a BCP 47 tag."""
    tag = language.lower()
    east_asia = _EAST_ASIA.get(tag) or _EAST_ASIA.get(tag.split("-")[0]) or _EAST_ASIA["ja"]
    return (*_BASE, *_SCRIPTS, east_asia)


def missing_letters(texts: Iterable[str], language: str) -> tuple[str, ...]:
    """Return each letter of the texts that cannot be printed, in order of its code point."""
    wanted = {letter for text in texts for letter in text} - _WHITE
    families = families_for(language)
    return tuple(sorted(letter for letter in wanted if not _is_printable(letter, families)))


def refuse_missing_letters(texts: Iterable[str], language: str) -> None:
    """Raise MissingGlyph for the first letter, by code point, that cannot be printed."""
    for letter in missing_letters(texts, language):
        raise MissingGlyph(letter)


def _is_printable(letter: str, families: tuple[str, ...]) -> bool:
    code_point = ord(letter)
    if code_point in _SHAPELESS:
        return True
    if unicodedata.category(letter) in _NEVER:
        return False
    return any(code_point in _code_points(family) for family in families)


@cache
def _code_points(family: str) -> frozenset[int]:
    """Return what a family can print in regular and in bold alike; nothing if not installed."""
    faces = [find_face(family, style) for style in ("Regular", "Bold")]
    if any(face.family != family for face in faces):
        return frozenset()
    regular, bold = (_read_code_points(face) for face in faces)
    return regular & bold


def _read_code_points(face: FontFile) -> frozenset[int]:
    with TTFont(face.path, fontNumber=face.index, lazy=True) as font:
        return frozenset(font["cmap"].getBestCmap())


@cache
def find_face(family: str, style: str) -> FontFile:
    """Ask fontconfig for the face that the renderer would take; its family tells if it is ours."""
    found = subprocess.run(
        ["/usr/bin/fc-match", "-f", "%{file}\n%{index}\n%{family[0]}", f"{family}:style={style}"],
        capture_output=True,
        check=True,
        text=True,
        timeout=20,
    ).stdout.split("\n")
    return FontFile(path=found[0], index=int(found[1]), family=found[2])
