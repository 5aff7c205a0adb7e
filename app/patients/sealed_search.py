"""What somebody searches for, in an address that nobody else can read.

A name in an address ends up in histories and logs. So a search is sent in a body and answered with
an address that holds it encrypted: going back and reloading work, and only this clinic's server,
for this member of staff, can open it.
"""

import base64
import binascii
import uuid

from app.database import TenantScope
from app.patients.search import LONGEST_SEARCH
from app.vault import NotReadable, open_for_clinic, seal_for_clinic

PLACE = "patient_search.text"
LONGEST_SEALED = 2000


def tidy_search(text: str) -> str:
    """Return a search without what cannot be seen, no longer than one may be."""
    return "".join(filter(str.isprintable, text)).strip()[:LONGEST_SEARCH]


def seal_search(scope: TenantScope, text: str) -> str:
    """Return a search as an address may carry it."""
    cipher = seal_for_clinic(scope, place=PLACE, row_id=_whose(scope), text=text)
    return base64.urlsafe_b64encode(cipher).decode()


def open_search(scope: TenantScope, sealed: str) -> str:
    """Return what was searched for; nothing where it was not sealed here for this person."""
    try:
        cipher = base64.urlsafe_b64decode(sealed[:LONGEST_SEALED].encode())
        return open_for_clinic(scope, place=PLACE, row_id=_whose(scope), cipher=cipher)
    except (ValueError, binascii.Error, NotReadable):
        return ""


def _whose(scope: TenantScope) -> uuid.UUID:
    return scope.actor.id or scope.tenant_id
