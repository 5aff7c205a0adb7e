"""The scan of a signed form: judged by its content, drawn anew, kept under the patient's key."""

import base64
import uuid
from collections.abc import Sequence
from hashlib import sha256

from app import audit
from app.consent import queries
from app.consent.ciphers import close_text, open_text
from app.consent.errors import ConsentMoved, PaperRefused, PaperUnknown
from app.consent.models import Consent
from app.consent.paper import queries as paper_queries
from app.consent.paper.models import PaperForm, PaperPage
from app.database import TenantScope
from app.kit.clock import now
from app.kit.ids import new_id
from app.kit.scans import MOST_PAGES, ScanRefused, pages_of_scan

MOST_TOGETHER = 20 * 1024 * 1024


def add_scan(
    scope: TenantScope, *, consent_id: uuid.UUID, paper_id: uuid.UUID, files: Sequence[bytes]
) -> PaperForm:
    """Keep the scan of a signed form in place of the one before; raises PaperRefused."""
    consent = queries.get_consent_for_update(scope, consent_id)
    paper = paper_queries.get_paper(scope, consent_id, paper_id)
    if paper.ended_at is not None or paper.confirmed_at is not None:
        raise ConsentMoved("This print no longer counts.", state=consent.state)
    pages = _pages(files)
    for old in paper_queries.list_pages(scope, paper.id):
        scope.session.delete(old)
    scope.session.flush()  # The numbers of the old pages are taken until they are gone.
    for number, page in enumerate(pages, start=1):
        row_id = new_id()
        text = base64.b64encode(page).decode()
        cipher = close_text(scope, consent.patient_id, "paper_page.scan", row_id, text)
        scope.session.add(
            PaperPage(
                tenant_id=scope.tenant_id,
                id=row_id,
                paper_id=paper.id,
                number=number,
                sha256=sha256(page).digest(),
                scan_cipher=cipher,
            )
        )
    paper.scanned_at, paper.scanned_by = now(), scope.actor.id
    audit.record(
        scope,
        "consent:paper:scan",
        subject_id=consent.id,
        patient_id=consent.patient_id,
        paper_id=paper.id,
        pages=len(pages),
    )
    return paper


def read_scan(
    scope: TenantScope, *, consent_id: uuid.UUID, paper_id: uuid.UUID
) -> tuple[bytes, ...]:
    """Return the pages of a scan as JPEGs; none once the sealed document carries them."""
    consent = queries.get_consent(scope, consent_id)
    paper = paper_queries.get_paper(scope, consent_id, paper_id)
    pages = paper_queries.list_pages(scope, paper.id)
    return tuple(_opened(scope, consent, one) for one in pages if one.scan_cipher is not None)


def read_page_of_scan(
    scope: TenantScope, consent: Consent, *, paper_id: uuid.UUID, page_id: uuid.UUID
) -> bytes:
    """Return one page as a JPEG; raises PaperUnknown, also once the document carries it."""
    paper = paper_queries.get_paper(scope, consent.id, paper_id)
    pages = {one.id: one for one in paper_queries.list_pages(scope, paper.id)}
    page = pages.get(page_id)
    if page is None or page.scan_cipher is None:
        raise PaperUnknown("There is no such page.")
    return _opened(scope, consent, page)


def _opened(scope: TenantScope, consent: Consent, page: PaperPage) -> bytes:
    cipher = page.scan_cipher or b""
    text = open_text(scope, consent.patient_id, "paper_page.scan", page.id, cipher)
    return base64.b64decode(text)


def _pages(files: Sequence[bytes]) -> list[bytes]:
    if not files:
        raise _refused("Choose the scan, or a photograph of each page.")
    pages: list[bytes] = []
    for data in files:
        try:
            pages += pages_of_scan(data)
        except ScanRefused as refused:
            raise _refused(refused.reason) from refused
        if len(pages) > MOST_PAGES:
            raise _refused(f"A signed form has at most {MOST_PAGES} pages.")
    if sum(map(len, pages)) > MOST_TOGETHER:
        raise _refused("The pages are too large together. Scan them with 200 dots per inch.")
    return pages


def _refused(told: str) -> PaperRefused:
    return PaperRefused(told, fields={"scan": told})
