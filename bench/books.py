"""The clinic of many years that the gate asks, kept between runs while nothing that makes it
has changed.

What makes it is the schema, the story, the measures of each table and the day: lists of today need
rows of today. ``NEEDLEPOINT_BENCH_FRESH=1`` makes it anew in any case.
"""

import hashlib
import os
import pickle
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from app.config import Settings
from app.kit.clock import now
from app.tenants.models import Role
from bench.installation import BOOKS, superuser_url
from bench.many_patients import Shelf, fill_books
from bench.many_rows import fill_rows
from tests.contract.test_routes import whole_story
from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic
from tests.tenants.test_reach import another_location

LARGE, OTHERS, SMALL, FEW = 200_000, 10, 10_000, 30
ROOT = Path(__file__).parent.parent
NOTE = BOOKS / "books.pickle"
# What the rows are made from; a change of any file makes the clinic anew.
MADE_FROM = ("migrations/**/*.py", "migrations/**/*.sql", "app/**/models*.py", "bench/many_*.py")
MADE_FROM += ("bench/books.py", "bench/late_indexes.py", "tests/factories/*.py")
MADE_FROM += ("tests/contract/test_routes.py",)


@dataclass(frozen=True)
class Books:
    """A clinic with everything, its ids by the names of paths, and who asks it."""

    fingerprint: str
    ids: dict[str, str]
    clinic: MadeClinic
    small: uuid.UUID
    email: str
    few: Staff
    limited: Staff
    rows: int
    seconds: float
    made_at: datetime


def fingerprint() -> str:
    """Return what the rows of today are made from, in one word."""
    found = hashlib.sha256(now().date().isoformat().encode())
    for path in files():
        found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return found.hexdigest()


def files() -> Iterator[Path]:
    """Yield every file that the rows are made from, in order."""
    for pattern in MADE_FROM:
        yield from sorted(ROOT.glob(pattern))


def kept_books() -> Books | None:
    """Return the clinic of an earlier run, if it would be made the same way today."""
    if os.environ.get("NEEDLEPOINT_BENCH_FRESH") or not NOTE.exists():
        return None
    # Only this module writes the note, into the measuring's own folder.
    found: Books = pickle.loads(NOTE.read_bytes())  # noqa: S301 -- written by this program
    return found if found.fingerprint == fingerprint() else None


def forget_asking(settings: Settings, books: Books) -> None:
    """Take away what earlier runs left in the record of acts, where no job seals it."""
    with create_engine(superuser_url(settings), poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        values = {"t": books.clinic.tenant_id, "at": books.made_at}
        connection.exec_driver_sql(
            "DELETE FROM audit_event WHERE tenant_id = %(t)s AND at > %(at)s", values
        )


def make_books(settings: Settings) -> Books:
    """Make the clinic in an empty database, and note it for the next run."""
    started = time.monotonic()
    ids, made = whole_story()
    clinic = made.clinic
    _, email = make_patient(clinic, name="Siobhán Grünwald-Probe")
    small = another_location(clinic)
    books = Shelf(clinic.tenant_id, clinic.location_id, LARGE - FEW)
    shelves = [books, Shelf(clinic.tenant_id, small, FEW)]
    for one in (make_clinic() for _ in range(OTHERS)):
        shelves.append(Shelf(one.tenant_id, one.location_id, SMALL))
    people = [add_staff(clinic, Role.MEDICAL_LEAD, at=(at,)) for at in (small, clinic.location_id)]
    url = superuser_url(settings)
    fill_books(url, shelves)
    written = fill_rows(url, clinic.tenant_id, books.seed, books.many)
    told = {name: str(value) for name, value in ids.items()}
    took = time.monotonic() - started
    result = Books(fingerprint(), told, clinic, small, email, *people, written, took, now())
    NOTE.write_bytes(pickle.dumps(result))
    return result
