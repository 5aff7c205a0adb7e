"""A clinic with acts in it, anchors of its own, and an intruder with the superuser's password."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app import audit
from app.audit.anchors import Anchor
from app.audit.rounds import run_round
from app.audit.verify import ChainReport, verify_chain
from app.audit.verify_anchors import AnchorReport, installed_trust, verify_anchors
from app.database.install import DatabaseUrls
from app.documents.sealer import read_certificates
from app.documents.stamping import HttpStampAuthority
from app.storage.object_store import open_store
from stampsim import server as stampsim
from tests.factories.tenants import MadeClinic, make_clinic
from tests.support.engines import superuser_engine

Intruder = Callable[..., None]


@pytest.fixture(scope="session")
def superuser(admin_url: str, urls: DatabaseUrls) -> Engine:
    """The server's superuser, whom no wall stops."""
    return superuser_engine(admin_url, urls.app)


@pytest.fixture
def anchors(context: Flask, tmp_path: Path) -> Iterator[Path]:
    """A folder of this test's own for anchors."""
    before = context.extensions["needlepoint_anchors"]
    context.extensions["needlepoint_anchors"] = open_store(f"file://{tmp_path}/outside")
    yield tmp_path / "outside" / "anchors"
    context.extensions["needlepoint_anchors"] = before


@pytest.fixture(scope="session")
def running_stamps() -> Iterator[stampsim.StampAuthority]:
    running = stampsim.start()
    yield running
    running.stop()


@pytest.fixture
def stamps(
    context: Flask, running_stamps: stampsim.StampAuthority
) -> Iterator[stampsim.StampAuthority]:
    """A time-stamp authority that this installation uses."""
    roots = read_certificates(running_stamps.root_pem)
    context.extensions["needlepoint_stamps"] = HttpStampAuthority(running_stamps.url, roots)
    yield running_stamps
    context.extensions["needlepoint_stamps"] = None
    running_stamps.fault = "none"


@pytest.fixture
def clinic(context: Flask, anchors: Path) -> MadeClinic:
    """A clinic with eight events or more, nothing sealed yet."""
    made = make_clinic()
    act(made, 8)
    return made


@pytest.fixture
def intruder(superuser: Engine) -> Intruder:
    """Return how to run statements past every wall and every foreign key, and commit."""

    def change(*statements: str, **values: object) -> None:
        with superuser.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement), values)

    return change


def act(clinic: MadeClinic, times: int = 1) -> list[uuid.UUID]:
    """Record events, each in a transaction of its own; return what they were about."""
    subjects = [uuid.uuid4() for _ in range(times)]
    for subject in subjects:
        with clinic.scope() as scope:
            audit.record(scope, "trial:thing:do", subject_id=subject, version=1)
    return subjects


def seal(*clinics: MadeClinic, everything: bool = False) -> Anchor | None:
    """Run a round for these clinics."""
    return run_round([clinic.tenant_id for clinic in clinics], everything=everything)


def look(clinic: MadeClinic) -> ChainReport:
    """Verify a clinic's chain against the anchors."""
    known = look_at_anchors().heads.get(clinic.tenant_id)
    with clinic.scope() as scope:
        return verify_chain(scope, known)


def look_at_anchors(stamp_root: bytes = b"") -> AnchorReport:
    """Verify the anchors as their installation does."""
    roots = read_certificates(stamp_root) if stamp_root else ()
    return verify_anchors(installed_trust((), roots))


def checks(report: ChainReport) -> set[str]:
    """Return the names of the checks that failed."""
    return {one.check.value for one in report.findings}
