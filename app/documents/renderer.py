"""WeasyPrint behind a locked door: no network, no file, one variant, the same bytes each time.

Fonts are configured once for each process, since a new configuration for every document leaks
memory and time. The lock is there because Pango's font map is not made for two threads at once.
"""

import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from string import Template
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from app.documents.draft import Attached
from app.documents.errors import RenderFailed
from app.documents.fonts import families_for
from app.documents.glyph_text import TrueFonts

_TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"
# Names the logo in the template; no request could ever be made of it.
LOGO_URL = "needlepoint-logo:"
_OPTIONS = {"pdf_variant": "pdf/a-3a"}
_RENDERING = threading.Lock()

# PDF/UA's identifier is foreign to PDF/A, which therefore wants the schema described in the file,
# with these very prefixes.
_UA_CLAIM = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:about="">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
_RDF_END = b"</rdf:RDF>"


class RequestRefused(FatalURLFetchingError):  # type: ignore[misc]  # the renderer ships no types
    """Something in the document wanted to be fetched; the rendering stops."""


class LockedFetcher(URLFetcher):  # type: ignore[misc]  # the renderer ships no types
    """Fetches nothing: every text, path and letter is already in the HTML.

    The one name that it knows is that of the clinic's logo, whose bytes it was given.
    """

    def __init__(self, logo: bytes | None = None) -> None:
        super().__init__(timeout=0, allowed_protocols=set(), allow_redirects=False)
        self._logo = logo

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if self._logo is None or url != LOGO_URL:
            raise RequestRefused("a document may not fetch anything")
        return URLFetcherResponse(url, body=self._logo, headers={"Content-Type": "image/png"})


@dataclass(frozen=True, slots=True)
class Paper:
    """What decides the style sheet: the page size, the language's fonts and the clinic's colour."""

    page: str
    language: str
    accent: str


@cache
def template_environment() -> Environment:
    """Return the environment of the paper's own template; every value is escaped."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


@cache
def _font_configuration() -> FontConfiguration:
    return FontConfiguration()


@cache
def _style_text() -> str:
    return (_TEMPLATES / "document.css").read_text(encoding="utf-8")


@cache
def _style_sheet(paper: Paper) -> CSS:
    families = ", ".join(f'"{family}"' for family in families_for(paper.language))
    text = Template(_style_text()).substitute(
        page=paper.page, families=families, accent=paper.accent
    )
    return CSS(string=text, font_config=_font_configuration(), url_fetcher=LockedFetcher())


def html_to_pdf(
    html: str,
    paper: Paper,
    created_at: datetime,
    attachments: Sequence[Attached],
    *,
    logo: bytes | None = None,
) -> bytes:
    """Return PDF/A-3A and PDF/UA-1 bytes; raises RenderFailed, which holds nothing of the text."""
    try:
        with _RENDERING, warnings.catch_warnings():
            # The renderer leaves closing the file of its colour profile to the collector.
            warnings.simplefilter("ignore", ResourceWarning)
            document = HTML(string=html, url_fetcher=LockedFetcher(logo)).render(
                font_config=_font_configuration(),
                stylesheets=[_style_sheet(paper)],
                **_OPTIONS,
            )
            document.fonts = TrueFonts()
            _claim_ua(document.metadata)
            carried = [_attachment(attached, created_at) for attached in attachments]
            return bytes(document.write_pdf(attachments=carried, **_OPTIONS))
    except Exception as failure:
        raise RenderFailed("The document could not be drawn.") from failure


def _attachment(attached: Attached, at: datetime) -> Attachment:
    """Return a fresh object: the renderer can read each of them only once."""
    return Attachment(
        string=attached.data,
        name=attached.name,
        description=attached.description,
        relationship=attached.relationship,
        created=at,
        modified=at,
        url_fetcher=LockedFetcher(),
    )


def _claim_ua(metadata: Any) -> None:
    """Put the PDF/UA claim into the one rdf:RDF; in a second one, validators would not see it."""
    metadata.generate_rdf_metadata = partial(_rdf_with_ua, metadata.generate_rdf_metadata)


def _rdf_with_ua(original: Callable[..., bytes], *values: object, **named: object) -> bytes:
    start, end, rest = original(*values, **named).rpartition(_RDF_END)
    if not end:
        raise ValueError("the renderer's metadata has no end to put the claim before")
    return start + _UA_CLAIM + end + rest
