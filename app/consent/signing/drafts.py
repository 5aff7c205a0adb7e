"""What a patient has typed and drawn so far, page by page, as one encrypted draft.

The sequence orders saves: an older save never overwrites a newer one, and posting a page raises it,
by which a browser knows whose copy is newer.
"""

import json
from collections.abc import Mapping

from app.catalogue.shipped import canonical_json
from app.consent import queries
from app.consent.ciphers import close_text, open_text
from app.consent.errors import DraftNotNewer
from app.consent.models import Consent, ConsentDraft
from app.consent.screening.fields import Fields
from app.database import TenantScope
from app.errors import Invalid, TooLarge
from app.kit.clock import now

PAGES = ("questions", "read", "understood", "sign")
LONGEST_FIELD = 2_000
LONGEST_INK = 600_000
MOST_FIELDS = 400
MOST_REPEATS = 40


def check_fields(fields: Mapping[str, object]) -> Fields:
    """Return fields that are texts or lists of texts of possible size; raises Invalid, TooLarge."""
    if len(fields) > MOST_FIELDS:
        raise TooLarge("There are more fields than this page has.")
    checked: dict[str, str | list[str]] = {}
    for name, value in fields.items():
        texts = _texts_of(value)
        if texts is None:
            raise Invalid("A field is neither a text nor a list.", fields={name: "wrong type"})
        longest = LONGEST_INK if name == "ink" else LONGEST_FIELD
        if any(len(one) > longest for one in texts):
            raise TooLarge("A text is too long.", field=name)
        checked[name] = texts if isinstance(value, list) else texts[0]
    return checked


def _texts_of(value: object) -> list[str] | None:
    texts = value if isinstance(value, list) else [value]
    plain = [one for one in texts if isinstance(one, str)]
    return plain if len(plain) == len(texts) <= MOST_REPEATS else None


def read_page(scope: TenantScope, consent: Consent, page: str) -> dict[str, str | list[str]]:
    """Return what was typed on a page so far."""
    return _opened(scope, consent, queries.get_draft(scope, consent.id), page)


def save_page(
    scope: TenantScope, consent: Consent, page: str, fields: Fields, sequence: int | None = None
) -> ConsentDraft:
    """Store a page's fields; without a sequence it is the page's own post and takes the next.

    Raises DraftNotNewer when another save was quicker; the same save again changes nothing.
    """
    draft = queries.get_draft_for_update(scope, consent.id)
    if sequence is not None and sequence <= draft.sequence:
        if sequence == draft.sequence and _opened(scope, consent, draft, page) == dict(fields):
            return draft
        raise DraftNotNewer("A later save is stored already.", sequence=draft.sequence)
    _close(scope, consent, draft, page, fields)
    draft.sequence = draft.sequence + 1 if sequence is None else sequence
    draft.updated_at = now()
    return draft


def _column(page: str) -> str:
    """Name the column of a page: the drawn signature is large and lies apart."""
    return "ink_cipher" if page == "sign" else "answers_cipher"


def _opened(
    scope: TenantScope, consent: Consent, draft: ConsentDraft, page: str
) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = _all_pages(scope, consent, draft, page).get(page, {})
    return found


def _all_pages(
    scope: TenantScope, consent: Consent, draft: ConsentDraft, page: str
) -> dict[str, dict[str, str | list[str]]]:
    cipher: bytes | None = getattr(draft, _column(page))
    if cipher is None:
        return {}
    place = f"consent_draft.{_column(page)}"
    pages: dict[str, dict[str, str | list[str]]] = json.loads(
        open_text(scope, consent.patient_id, place, draft.id, cipher)
    )
    return pages


def _close(
    scope: TenantScope, consent: Consent, draft: ConsentDraft, page: str, fields: Fields
) -> None:
    pages = _all_pages(scope, consent, draft, page) | {page: dict(fields)}
    place = f"consent_draft.{_column(page)}"
    cipher = close_text(scope, consent.patient_id, place, draft.id, canonical_json(pages))
    setattr(draft, _column(page), cipher)
