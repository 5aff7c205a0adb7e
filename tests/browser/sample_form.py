"""The two long pages' examples: the health questions and the form as it is read."""

from typing import Any

from tests.browser.samples import AUTOSAVE, NURSE, _frame


def _question(name: str, text: str, **more: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {
        "kind": "yes_no_unsure",
        "hint": None,
        "why": None,
        "value": None,
        "follow_ups": [],
    }
    return {"id": name, "text": text} | blank | more


QUESTIONS = _frame(
    3,
    intro="Your answers keep you safe. If you are not sure, say so: we look at it with you.",
    action_url="/post/questions",
    autosave=AUTOSAVE,
    saved_at="13:58",
    returning=None,
    sections=[
        {
            "id": "now",
            "title": "Right now",
            "intro": None,
            "questions": [
                _question(
                    "pregnancy",
                    "Are you, or could you be, pregnant?",
                    why="We do not treat during pregnancy: numbing cream and "
                    "the skin behave differently then.",
                ),
                _question(
                    "isotretinoin_now",
                    "Do you take isotretinoin tablets?",
                    hint="Also known as Roaccutane or Accutane.",
                    why="It can make skin heal more slowly.",
                    follow_ups=[
                        _question(
                            "isotretinoin_last", "If yes: when was your last tablet?", kind="date"
                        ),
                    ],
                ),
            ],
        },
        {
            "id": "skin",
            "title": "Your skin",
            "intro": "About the places that we plan to treat: your forehead and your cheeks.",
            "questions": [
                _question(
                    "keloid_self", "Have you ever had a scar that grew bigger than the wound?"
                ),
                _question(
                    "fitzpatrick",
                    "What does strong sun do to your skin?",
                    kind="choice",
                    options=[
                        {"value": "burns", "label": "Always burns, never tans"},
                        {"value": "both", "label": "Sometimes burns, then tans"},
                        {
                            "value": "rarely",
                            "label": "Rarely burns",
                            "hint": "Naturally brown or black skin",
                        },
                    ],
                ),
                _question("hope", "What do you hope will be different?", kind="long_text"),
            ],
        },
    ],
)

_RISKS = [
    {
        "title": "Expected",
        "odds": "almost everyone",
        "risks": [
            {
                "id": "redness",
                "name": "Redness",
                "text": "Like a sunburn.",
                "lasts": "one to three days",
            }
            | {"serious": False, "reason": None},
            {
                "id": "soreness",
                "name": "Soreness",
                "text": "Pricking during the treatment, tight and dry skin after it.",
            }
            | {"lasts": "up to a week", "serious": False, "reason": None},
        ],
    },
    {
        "title": "Rare",
        "odds": "fewer than 1 in 1,000 people",
        "risks": [
            {
                "id": "scar",
                "name": "A raised scar",
                "text": "It may need treatment and may stay.",
                "lasts": None,
            }
            | {"serious": True, "reason": None},
        ],
    },
]

READ = _frame(
    4,
    document={
        "title": "Microneedling of your forehead and cheeks",
        "version_text": "Form MN-FACE, version 3, in English, approved 2 September 2026",
        "minutes": 6,
        "sha256": "5f" * 32,
    },
    summary=[
        {"label": "Where", "value": "Forehead to 0.5 mm, cheeks to 1.5 mm"},
        {"label": "By", "value": f"{NURSE}, registered nurse, TEST-NMC-00A0002"},
        {"label": "How often", "value": "3 visits, 4 weeks apart"},
        {"label": "Price", "value": "£526.50 GBP, of which £50.00 GBP as a deposit"},
    ],
    personal=[
        {
            "id": "pih",
            "name": "Dark marks",
            "text": "Patches of skin can turn darker.",
            "lasts": "weeks to many months, and it can stay",
            "serious": True,
            "reason": "You told us that dark marks stay after spots.",
        },
    ],
    sections=[
        {
            "id": "what",
            "number": "1",
            "title": "What will be done",
            "blocks": [
                {
                    "kind": "paragraph",
                    "text": "A pen with very fine needles makes many tiny channels in the skin. "
                    "While they heal, new collagen forms.",
                },
                {
                    "kind": "list",
                    "items": ["Numbing cream, about 30 minutes", "Needling, about 20 minutes"],
                },
            ],
            "asked": [
                {
                    "text": "Can I go to work the next day?",
                    "answer": "Yes. You will still be red, and make-up has to wait for 24 hours.",
                    "by": NURSE,
                    "at": "Friday 20 November 2026, 16:40",
                },
                {"text": "Does it hurt?", "answer": None, "by": None, "at": None},
            ],
        },
        {
            "id": "benefit",
            "number": "2",
            "title": "What it can and cannot do for you",
            "blocks": [
                {
                    "kind": "paragraph",
                    "text": "It usually softens scars by a grade or so over several months. It "
                    "rarely removes them. Deep, narrow scars respond least.",
                },
                {
                    "kind": "notice",
                    "title": "Not what the maker tested",
                    "text": "The maker of the pen has tested it on cheeks, not on the forehead.",
                    "tone": "wait",
                },
            ],
            "asked": [],
        },
        {
            "id": "risks",
            "number": "3",
            "title": "What can go wrong",
            "blocks": [{"kind": "risks", "groups": _RISKS}],
            "asked": [],
        },
        {
            "id": "other",
            "number": "4",
            "title": "Other ways, also doing nothing",
            "blocks": [
                {
                    "kind": "table",
                    "caption": "Other ways",
                    "columns": ["Way", "What speaks for it", "What speaks against it"],
                    "rows": [
                        ["Doing nothing", "No risk, no cost", "The scars stay as they are"],
                        [
                            "Fractional laser",
                            "About as good for some scars",
                            "More dark marks afterwards",
                        ],
                    ],
                },
            ],
            "asked": [],
        },
    ],
    action_url="/post/read",
    answers_text=f"{NURSE} answers before you sign.",
    questions={},
    autosave=AUTOSAVE,
    saved_at=None,
    print_url="/page/read",
)
