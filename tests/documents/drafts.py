"""Drafts that the tests of this room share: plain functions, no fixtures."""

import math
from datetime import UTC, datetime

from app.documents.blocks import (
    Block,
    Bullets,
    CodeImage,
    Facts,
    HashFact,
    Heading,
    Notice,
    Paragraph,
    SignatureBlock,
    Table,
)
from app.documents.draft import Attached, DocumentDraft
from app.documents.ink import Ink

MADE_AT = datetime(2026, 11, 24, 14, 30, 5, tzinfo=UTC)


def make_draft(*blocks: Block, **changes: object) -> DocumentDraft:
    """Return a small draft; ``changes`` replace its fields."""
    fields: dict[str, object] = {
        "title": "Consent to microneedling",
        "language": "en",
        "page": "A4",
        "author": "Thistle Skin Clinic, 12 Rose Street, Edinburgh EH2 2PR",
        "created_at": MADE_AT,
        "reference": "C-2026-000184",
        "summary": (("Who", "Ailsa Ní Mhaoláin, born 3 March 1989"), ("In force", "Not yet")),
        "blocks": blocks or (Paragraph("I agree."),),
    }
    return DocumentDraft(**{**fields, **changes})  # type: ignore[arg-type]  # a test may pass wrong values


def make_ink() -> Ink:
    """Return two strokes that look a little like a hand's."""
    first = tuple(
        (20 + i * 2.6, 70 + 38 * math.sin(i / 5) * math.exp(-i / 140), i * 12) for i in range(120)
    )
    second = tuple((60 + i * 4.0, 118 - i * 0.15, 1600 + i * 10) for i in range(60))
    return Ink(width=400, height=150, strokes=(first, second))


def make_signature(**changes: object) -> SignatureBlock:
    fields: dict[str, object] = {
        "label": "The patient's signature",
        "name": "Ailsa Ní Mhaoláin",
        "meaning": "I agree to the treatment described above. I can change my mind at any time.",
        "at_utc": MADE_AT,
        "zone": "Europe/London",
        "method": "Drawn with a finger on a phone, after a code sent to the number on file",
        "ink": make_ink(),
    }
    return SignatureBlock(**{**fields, **changes})  # type: ignore[arg-type]  # a test may pass wrong values


def make_attachment(data: bytes = b'{"answers_sha256": "00ff"}\n') -> Attached:
    return Attached("evidence.json", "application/json", data, "Data", "What is known at sealing")


def consent_blocks() -> tuple[Block, ...]:
    """Return about three pages that look like the real thing."""
    risks = (
        ("Redness and warmth", "Almost everyone", "Hours to three days"),
        ("Small bruises, dryness, peeling", "Common: 1 in 10", "Up to a week"),
        ("Cold sores coming back", "Uncommon: 1 in 100", "Tell us if you ever had them"),
        ("Darker or lighter patches", "Uncommon, more often in darker skin", "Weeks to months"),
        ("Infection, scarring", "Rare: fewer than 1 in 1,000", "May be permanent"),
    )
    areas = tuple((f"Area {i}", "1.5 mm at most", "Three, four weeks apart") for i in range(1, 15))
    return (
        Notice("You can change your mind", "Up to and during the treatment, without a reason."),
        Heading(2, "What will be done"),
        Paragraph(
            "Fine needles make many tiny channels in the skin of the areas below. The skin answers "
            "with new collagen over weeks. It cannot promise a result for any one person.",
            numbered=True,
        ),
        Paragraph("A numbing cream is put on for 30 minutes before each visit.", numbered=True),
        Facts((("Procedure", "Mechanical microneedling"), ("Device", "Dermapen-type, 12 needles"))),
        Table("Areas and greatest depth", ("Area", "Depth", "Visits"), areas),
        Heading(2, "Risks"),
        Heading(3, "How likely and how serious"),
        Table("Risks, most likely first", ("Risk", "How likely", "How long"), risks, (3, 3, 2)),
        Heading(3, "What would make it unsafe"),
        Bullets(
            ("Isotretinoin in the last six months", "A cold sore now", "A tendency to keloids")
        ),
        Heading(2, "Other ways"),
        *(
            Paragraph(
                f"Choice {i}: creams, peels, laser or doing nothing at all are real choices, each "
                "with its own good and bad sides, and you were told about them in words you "
                "understood.",
                numbered=True,
            )
            for i in range(1, 9)
        ),
        Heading(2, "Signature"),
        make_signature(),
        HashFact("Fingerprint of what was shown on the screen (SHA-256)", "0123456789abcdef" * 4),
        CodeImage(
            "https://example.test/verify/C-2026-000184",
            "Code that opens the verify page",
            "This code opens a page that says whether a file is the one that was sealed and "
            "whether the consent was withdrawn. It does not show any health data.",
        ),
    )
