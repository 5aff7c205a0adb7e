"""What a document says about a form that was signed on paper, beside what it says of every form."""

from collections.abc import Iterator

from app.consent.certificate import moment
from app.consent.papers import PaperFacts, PatientPaper
from app.documents.blocks import Block, Facts, Notice
from app.documents.draft import Attached

LATER = (
    "ENTERED LATER. The patient signed this on paper while the system could not be used. It was"
    " entered afterwards, at the second of the two times below."
)
PLAIN = (
    "The patient signed on paper. This file holds the scan of every page. The original is what was"
    " signed; where it lies is written below. The seal shows that the scan and this page were not"
    " changed since, and when that was."
)


def paper_signature(facts: PaperFacts, *, name: str, statement: str, zone: str) -> Iterator[Block]:
    """Yield what stands in the place of a signature made on a screen."""
    if facts.is_later:
        yield Notice("Entered later", LATER)
    yield Notice("Signed on paper", PLAIN)
    yield Facts(
        (
            ("The patient", name),
            ("What they signed", statement),
            ("Signed on paper at", f"{moment(facts.signed_at, zone)} (as {facts.seen_by} says)"),
            ("Entered at", f"{moment(facts.entered_at, zone)} (the server's clock)"),
            ("Seen by", f"{facts.seen_by}, who saw the patient's ID and the patient sign"),
            ("Scanned by", facts.scanned_by),
            ("Original compared by", facts.confirmed_by),
            ("Where the original lies", facts.original),
            ("Printed form", _print(facts, zone)),
        )
    )


def signed_in_words(paper: PatientPaper) -> str:
    """Return when it was signed; of a paper both times."""
    facts, zone = paper.paper, paper.place.zone
    if facts is None:
        return moment(paper.way.signed_at, zone)
    later = "ENTERED LATER: " if facts.is_later else ""
    entered = moment(facts.entered_at, zone)
    return f"{later}on paper, {moment(facts.signed_at, zone)}\nEntered {entered}"


def scan_files(scan: tuple[bytes, ...]) -> Iterator[Attached]:
    """Yield the scanned pages as files that the document carries."""
    for number, page in enumerate(scan, start=1):
        yield Attached(
            f"signed-page-{number:02d}.jpg",
            "image/jpeg",
            page,
            "Source",
            f"Scan of page {number} of {len(scan)} of the form that the patient signed.",
        )


def _print(facts: PaperFacts, zone: str) -> str:
    if facts.blank_number:
        return (
            f"blank form number {facts.blank_number}, printed ahead on"
            f" {moment(facts.printed_at, zone)}; names, areas and depths were written in by hand"
        )
    return f"code {facts.code}, printed on {moment(facts.printed_at, zone)}"
