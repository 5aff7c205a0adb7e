"""Words that have no place in what patients read before they decide.

Some promise what nobody can promise or are untrue of these devices: those stop a text. Others are
often used too lightly: those are pointed out to its editor. Each language has words of its own; a
text in a language without a list is held against the English one, which catches brand words.
"""

import re
import unicodedata
from collections.abc import Mapping

_ENGLISH = {
    "guarantee": r"\bguarant\w*",
    "permanent": r"\bpermanent\w*",
    "painless": r"\bpainless\w*|\bpain[- ]free\b",
    "risk-free": r"\brisk[- ]free\b",
    "100 %": r"\b100\s?(%|per ?cent\b)",
    "natural": r"\bnatural\w*",
    "FDA approved": r"\bF\.?D\.?A\.?[- ]approv\w*",
    "whitening": r"\bwhiten\w*",
    "no downtime": r"\bno[- ]down[- ]?time\b",
    "anyone": r"\banyone\b",
    "any part": r"\bany part\b",
}
_GERMAN = {
    "garantieren": r"\b\w*garant\w*",
    "dauerhaft": r"\bdauerhaft\w*",
    "permanent": r"\bpermanent\w*",
    "schmerzfrei": r"\bschmerz(frei|los)\w*",
    "risikofrei": r"\brisiko(frei|los)\w*|\bohne (jedes )?risiko\b",
    "100 %": r"\b100\s?(%|prozent\b)",
    "natürlich": r"\b\w*natürlich\w*",
    "FDA-zugelassen": r"\bFDA[- ](zugelassen|zulassung|geprüft)\w*|\bvon der FDA zugelassen\b",
    "Aufhellung": r"\b(haut)?aufhell\w*|\bbleich\w*",
    "keine Ausfallzeit": r"\b(keine|ohne) ausfallzeit\b",
    "jeder": r"\bfür (jeden|jede|alle) geeignet\b|\bbei (jedem|allen) geeignet\b",
    "jede Stelle": r"\b(jede|jeder) (körper)?stelle\b",
}
_ARABIC = {
    "ضمان": r"(نضمن|مضمون|ضمان)",
    "دائم": r"(دائمة|دائم\b|إلى الأبد)",
    "بلا ألم": r"((بلا|بدون|من دون) (أي )?ألم|غير مؤلم)",
    "بلا مخاطر": r"((بلا|بدون|من دون) (أي )?مخاطر|(خالية|خالي|خال) من (أي )?(ال)?مخاطر)",
    "100 %": r"(100\s?[%٪]|١٠٠\s?[%٪]|مئة بالمئة|مائة بالمائة)",
    "طبيعي": r"(?<!غير )\b[وفبكل]?(ال|لل)?طبيعي",
    "معتمد من FDA": r"(معتمد|موافق علي|مصرح)\w* من (FDA|(هيئة|إدارة) الغذاء والدواء)",
    "تبييض": r"(تبييض|تفتيح البشرة)",
    "بلا فترة نقاهة": r"(بلا|بدون) فترة (نقاهة|تعافٍ)",
    "للجميع": r"(مناسب للجميع|تناسب الجميع|يناسب الجميع)",
    "أي مكان": r"(أي جزء من الجسم|أي مكان من الجسم)",
}
_WORD = re.compile(r"\w+")
_LOOK_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})
# The stretch, the vowel signs, and the small alef over a letter.
_SIGNS = frozenset(map(chr, (0x0640, *range(0x064B, 0x0653), 0x0670)))
_BLOCKED: Mapping[str, Mapping[str, str]] = {"en": _ENGLISH, "de": _GERMAN, "ar": _ARABIC}
_DOUBTFUL: Mapping[str, Mapping[str, str]] = {
    "en": {
        "proven": r"\bproven\b",
        "safe": r"\bsafe(ly|r|st)?\b",
        "cure": r"\bcur(e|es|ed|ing)\b",
        "erase": r"\beras\w*",
        "remove": r"\bremov\w*",
    },
    "de": {
        "bewiesen": r"\b(bewiesen|erwiesen|nachgewiesen)\w*",
        "sicher": r"\bsicher(e|en|er|es)? (verfahren|methode|behandlung)\b|\bungefährlich\w*",
        "geheilt": r"\b(geheilt|heilt Narben)\w*",
        "auslöschen": r"\bausgelöscht\w*|\bauslösch\w*",
        "beseitigen": r"\bbeseitig\w*|\bverschwind\w*",
    },
    "ar": {
        "مثبت": r"(مثبت علمياً|أثبتت الدراسات)",
        "آمن": r"(آمن تماماً|آمنة تماماً|علاج آمن)",
        "شفاء": r"(يشفي الندبات|شفاء تام)",
        "محو": r"(يمحو|تمحو|محو الندبات)",
        "إزالة": r"(يزيل الندبات|إزالة الندبات|تزيل الندبات)",
    },
}


def blocked_words_in(text: str, locale: str = "en") -> tuple[str, ...]:
    """Return the blocked words that a text uses, in any form or case."""
    return _found(_words_of(_BLOCKED, locale), text)


def doubtful_words_in(text: str, locale: str = "en") -> tuple[str, ...]:
    """Return words that an editor should look at twice."""
    return _found(_words_of(_DOUBTFUL, locale), text)


def mixed_words_in(text: str) -> tuple[str, ...]:
    """Return words in which a letter of another alphabet stands for one that it looks like."""
    return tuple(word for word in _WORD.findall(text) if len(_alphabets_of(word)) > 1)


def _alphabets_of(word: str) -> frozenset[str]:
    names = (unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter != "μ")
    return frozenset(names) & _LOOK_ALIKE


def _words_of(lists: Mapping[str, Mapping[str, str]], locale: str) -> Mapping[str, str]:
    language = locale.partition("-")[0].lower()
    return lists.get(language, lists["en"])


def _found(patterns: Mapping[str, str], text: str) -> tuple[str, ...]:
    plain = _plain(text)
    return tuple(
        word for word, pattern in patterns.items() if re.search(pattern, plain, re.IGNORECASE)
    )


def _plain(text: str) -> str:
    """Return a text without what hides a word from a list and from no reader.

    That is: letters in parts or in special forms, vowel signs and the stretch of Arabic words,
    and characters without a picture, such as the soft hyphen. Blanks count once, and every dash is
    a hyphen.
    """
    letters = (
        "-" if unicodedata.category(letter) == "Pd" else letter
        for letter in unicodedata.normalize("NFKC", text)
        if letter not in _SIGNS and unicodedata.category(letter) != "Cf"
    )
    return " ".join("".join(letters).split())
