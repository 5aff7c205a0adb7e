"""Words that promise too much are found in German and Arabic as people write them."""

import json

import pytest

from app.catalogue.wording import blocked_words_in, doubtful_words_in
from app.consent.forms.content import form_from_json, shipped_form
from app.consent.forms.lint import lint_form
from tests.catalogue.plans import catalogue
from tests.consent.forms import block_of

FOUND = {
    "de": {
        "Wir garantieren Ihnen ein Ergebnis.": "garantieren",
        "Mit Zufriedenheitsgarantie.": "garantieren",
        "garantierte Wirkung": "garantieren",
        "DAUERHAFTER Erfolg": "dauerhaft",
        "ein permanentes Ergebnis": "permanent",
        "eine schmerzlose Behandlung": "schmerzfrei",
        "völlig schmerzfreies Verfahren": "schmerzfrei",
        "Ohne jedes Risiko.": "risikofrei",
        "risikolosen": "risikofrei",
        "100 Prozent wirksam": "100 %",
        "zu 100 % wirksam": "100 %",
        "ein natürlicheres Aussehen": "natürlich",
        "ein natu\u0308rliches Aussehen": "natürlich",
        "na\u00adtür\u00adlich": "natürlich",
        "Das Gerät ist FDA-zugelassen.": "FDA-zugelassen",
        "eine sanfte Hautaufhellung": "Aufhellung",
        "Keine Ausfallzeit!": "keine Ausfallzeit",
        "für alle geeignet": "jeder",
        "an jeder Körperstelle": "jede Stelle",
    },
    "ar": {
        "نتائج مضمونة": "ضمان",
        "نَضْمَنُ لكِ النتيجة": "ضمان",
        "مع الضمان": "ضمان",
        "مضـــمون": "ضمان",
        "النتيجة الدائمة": "دائم",
        "أثر دائمٌ": "دائم",
        "بشكلٍ دائم": "دائم",
        "بدون أي ألم": "بلا ألم",
        "بِلا أَلَم": "بلا ألم",
        "علاج خالٍ من المخاطر": "بلا مخاطر",
        "فعالية ١٠٠٪": "100 %",
        "المظهر الطبيعي": "طبيعي",
        "بالشكل الطبيعيّ": "طبيعي",
        "ﻃﺒﻴﻌﻲ": "طبيعي",
        "معتمدة من إدارة الغذاء والدواء الأمريكية": "معتمد من FDA",
        "التبييض الآمن": "تبييض",
        "بدون فترة نقاهة": "بلا فترة نقاهة",
        "يناسب الجميع": "للجميع",
        "أيّ مكان من الجسم": "أي مكان",
    },
}
HONEST = {
    "de": (
        "Ihre Haut kann besser aussehen. Niemand kann das vorher sicher wissen.",
        "Es kann weh tun. Die Rötung hält meist drei Tage an.",
        "Die Risiken stehen unten, auch die seltenen.",
        "Bei jeder Sitzung fragen wir Sie noch einmal.",
        "Die Behandlung dauert etwa eine Stunde.",
    ),
    "ar": (
        "قد تبدو بشرتك أفضل. لا يمكن لأحد أن يعرف ذلك مسبقًا.",
        "قد تشعر بالألم. يستمر الاحمرار عادة ثلاثة أيام.",
        "المخاطر مذكورة أدناه، وكذلك النادرة منها.",
        "نسألك دائمًا قبل كل جلسة.",
        "احمرار غير طبيعي أو تورم غير الطبيعي: اتصل بنا.",
        "القائمة التالية تخص شهر رمضان.",
    ),
}
WORDS = [(language, text, word) for language, own in FOUND.items() for text, word in own.items()]


@pytest.mark.parametrize(("language", "text", "word"), WORDS)
def test_a_blocked_word_is_found_as_people_write_it(language: str, text: str, word: str) -> None:
    assert blocked_words_in(text, language) == (word,)


@pytest.mark.parametrize(
    ("language", "text"), [(one, text) for one, own in HONEST.items() for text in own]
)
def test_honest_text_passes(language: str, text: str) -> None:
    assert blocked_words_in(text, language) == ()
    assert doubtful_words_in(text, language) == ()


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("de", "Die Wirkung ist garantiert.", "garantieren"),
        ("de", "Ganz schmerzlos.", "schmerzfrei"),
        ("ar", "النتيجة مَضمونة.", "ضمان"),
        ("ar", "المظهر الطبيعي.", "طبيعي"),
    ],
)
def test_a_draft_with_a_blocked_word_of_its_language_cannot_be_published(
    language: str, text: str, word: str
) -> None:
    raw = json.loads(shipped_form("mechanical", language)[0])
    block_of(raw, "be-2")["text"] = text

    found = lint_form(form_from_json(json.dumps(raw)), catalogue())

    assert [(one.severity, one.clause, one.message) for one in found] == [
        ("error", "be-2", f"The word '{word}' may not be used.")
    ]
