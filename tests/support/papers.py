"""What a reader of a PDF would read."""

import pypdfium2


def text_of_pdf(data: bytes) -> str:
    """Return the text of all pages, one blank between words."""
    with pypdfium2.PdfDocument(data) as pdf:
        pages = [page.get_textpage().get_text_bounded() for page in pdf]
    return " ".join(" ".join(pages).split())
