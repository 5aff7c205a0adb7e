"""What a document says about a form that was signed on paper, beside what it says of every form."""

from collections.abc import Iterator

from app.consent.documents.certificate import moment
from app.consent.documents.frozen import PaperFacts, PatientPaper
from app.documents.blocks import Block, Facts, Notice
from app.documents.draft import Attached
from app.kit.speech import mark, say

LATER = mark(
    "ENTERED LATER. The patient signed this on paper while the system could not be used. It was"
    " entered afterwards, at the second of the two times below."
)
PLAIN = mark(
    "The patient signed on paper. This file holds the scan of every page. The original is what was"
    " signed; where it lies is written below. The seal shows that the scan and this page were not"
    " changed since, and when that was."
)


def paper_signature(facts: PaperFacts, *, name: str, statement: str, zone: str) -> Iterator[Block]:
    """Yield what stands in the place of a signature made on a screen."""
    if facts.is_later:
        yield Notice(say("Entered later"), say(LATER))
    yield Notice(say("Signed on paper"), say(PLAIN))
    signed_at, entered_at = moment(facts.signed_at, zone), moment(facts.entered_at, zone)
    yield Facts(
        (
            (say("The patient"), name),
            (say("What they signed"), statement),
            (
                say("Signed on paper at"),
                say("%(time)s (as %(name)s says)", time=signed_at, name=facts.seen_by),
            ),
            (say("Entered at"), say("%(time)s (the server's clock)", time=entered_at)),
            (
                say("Seen by"),
                say("%(name)s, who saw the patient's ID and the patient sign", name=facts.seen_by),
            ),
            (say("Scanned by"), facts.scanned_by),
            (say("Original compared by"), facts.confirmed_by),
            (say("Where the original lies"), facts.original),
            (say("Printed form"), _print(facts, zone)),
        )
    )


def signed_in_words(paper: PatientPaper) -> str:
    """Return when it was signed; of a paper both times."""
    facts, zone = paper.paper, paper.place.zone
    if facts is None:
        return moment(paper.way.signed_at, zone)
    signed, entered = moment(facts.signed_at, zone), moment(facts.entered_at, zone)
    if facts.is_later:
        told = mark("ENTERED LATER: on paper, %(signed)s\nEntered %(entered)s")
    else:
        told = mark("on paper, %(signed)s\nEntered %(entered)s")
    return say(told, signed=signed, entered=entered)


def scan_files(scan: tuple[bytes, ...]) -> Iterator[Attached]:
    """Yield the scanned pages as files that the document carries."""
    for number, page in enumerate(scan, start=1):
        yield Attached(
            f"signed-page-{number:02d}.jpg",
            "image/jpeg",
            page,
            "Source",
            say(
                "Scan of page %(number)s of %(all)s of the form that the patient signed.",
                number=number,
                all=len(scan),
            ),
        )


def _print(facts: PaperFacts, zone: str) -> str:
    printed_at = moment(facts.printed_at, zone)
    if facts.blank_number:
        return say(
            "blank form number %(number)s, printed ahead on %(time)s; names, areas and depths were"
            " written in by hand",
            number=facts.blank_number,
            time=printed_at,
        )
    return say("code %(code)s, printed on %(time)s", code=facts.code, time=printed_at)
