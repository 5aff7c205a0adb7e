"""A draft becomes a finished PDF whose text has been read back and compared.

Pure: the same draft gives the same bytes, and nothing is read from the network or the disk but the
fonts and our own template. Sealing comes after this, in ``seal``.
"""

from dataclasses import dataclass, replace
from datetime import UTC
from hashlib import sha256

from pypdf import PdfReader

from app.documents.blocks import Block, HashFact, Heading, Paragraph
from app.documents.container import files_of, open_pdf
from app.documents.draft import Attached, DocumentDraft, check_draft
from app.documents.errors import ReadBackFailed
from app.documents.fonts import refuse_missing_letters
from app.documents.ink import Ink
from app.documents.layout import Layout, Page
from app.documents.read_back import ReadBack, compare
from app.documents.renderer import LOGO_URL, Paper, html_to_pdf, template_environment
from app.documents.wording import Wording, wording_for

_INK_WIDTH_MM = 70.0
_INK_HEIGHT_MM = 26.0


@dataclass(frozen=True, slots=True)
class RenderedPdf:
    """A finished, unsealed PDF. ``read_back`` says how many values were compared, and how."""

    data: bytes
    sha256: str
    pages: int
    read_back: ReadBack


def render(draft: DocumentDraft) -> RenderedPdf:
    """Render a draft and prove that the PDF shows every value of it.

    :raise BadBlock, DocumentTooLarge, InkRefused, InkTooLarge: the draft breaks a rule
    :raise MissingGlyph: a letter cannot be printed
    :raise RenderFailed: the renderer gave up
    :raise ReadBackFailed: a value is not in the finished PDF as it was given
    """
    check_draft(draft)
    complete = replace(draft, blocks=(*draft.blocks, *_list_of_files(draft)))
    words = wording_for(draft.language)
    page = Layout(words).lay_out(complete)
    texts = [line.printed for line in page.lines]
    refuse_missing_letters([*texts, draft.mark, words.page, words.of], draft.language)
    data = page_to_pdf(complete, page, words)
    reader = open_pdf(data)
    _compare_files(reader, draft.attachments)
    read_back = compare(reader, page, lambda part: page_to_pdf(complete, part, words, alone=True))
    return RenderedPdf(
        data=data,
        sha256=sha256(data).hexdigest(),
        pages=read_back.pages,
        read_back=read_back,
    )


def page_to_pdf(draft: DocumentDraft, page: Page, words: Wording, *, alone: bool = False) -> bytes:
    """Draw a laid-out page; ``alone`` leaves the attached files out. Raises RenderFailed."""
    html = (
        template_environment()
        .get_template("document.html")
        .render(
            draft=draft,
            page=page,
            words=words,
            created=f"{draft.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            ink_width=_ink_width,
            ink_height=_ink_height,
            logo_url=LOGO_URL if draft.logo else "",
        )
    )
    paper = Paper(page=draft.page, language=draft.language, accent=draft.accent)
    attachments = () if alone else draft.attachments
    created_at = draft.created_at.astimezone(UTC)
    return html_to_pdf(html, paper, created_at, attachments, logo=draft.logo)


def _compare_files(reader: PdfReader, attachments: tuple[Attached, ...]) -> None:
    """Refuse a PDF that does not carry every file bit for bit, and no other."""
    carried = {file.name: file.data for file in files_of(reader)}
    for attached in attachments:
        if carried.pop(attached.name, None) != attached.data:
            raise ReadBackFailed(f"attached file {attached.name}")
    if carried:
        raise ReadBackFailed("attached files")


def _list_of_files(draft: DocumentDraft) -> tuple[Block, ...]:
    """Name every attached file and its hash on paper, so that a print says what it carried."""
    if not draft.attachments:
        return ()
    words = wording_for(draft.language)
    return (
        Heading(2, words.files_inside),
        *(block for attached in draft.attachments for block in _one_file(attached, words)),
    )


def _one_file(attached: Attached, words: Wording) -> tuple[Block, ...]:
    return (
        Paragraph(f"{attached.name}: {attached.description}"),
        HashFact(f"{words.fingerprint}, {attached.name}", sha256(attached.data).hexdigest()),
    )


def _ink_scale(ink: Ink) -> float:
    return min(_INK_WIDTH_MM / ink.width, _INK_HEIGHT_MM / ink.height)


def _ink_width(ink: Ink) -> float:
    return round(ink.width * _ink_scale(ink), 2)


def _ink_height(ink: Ink) -> float:
    return round(ink.height * _ink_scale(ink), 2)
