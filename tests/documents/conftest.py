"""One rendered document, one test authority and one stamp authority for the whole room."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.documents.compose import RenderedPdf, render
from app.documents.seal import SealedPdf, seal_pdf
from app.documents.seal_checks import Trust
from app.documents.sealer import Sealer, read_certificates
from app.documents.stamping import HttpStampAuthority
from app.documents.testca import TestAuthority
from stampsim import server as stampsim
from tests.documents.drafts import consent_blocks, make_attachment, make_draft

CLINIC = uuid.UUID(int=1)


@pytest.fixture(scope="session")
def rendered() -> RenderedPdf:
    return render(make_draft(*consent_blocks(), attachments=(make_attachment(),)))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("ca") / "keys")


@pytest.fixture(scope="session")
def sealer(authority: TestAuthority) -> Sealer:
    return authority.sealer_for(CLINIC, "Thistle Skin Clinic")


@pytest.fixture(scope="session")
def running_stamps() -> Iterator[stampsim.StampAuthority]:
    running = stampsim.start()
    yield running
    running.stop()


@pytest.fixture
def stamps(running_stamps: stampsim.StampAuthority) -> Iterator[stampsim.StampAuthority]:
    yield running_stamps
    running_stamps.fault = "none"


@pytest.fixture
def client(stamps: stampsim.StampAuthority) -> HttpStampAuthority:
    return HttpStampAuthority(stamps.url, read_certificates(stamps.root_pem))


@pytest.fixture(scope="session")
def trust(authority: TestAuthority, running_stamps: stampsim.StampAuthority) -> Trust:
    return Trust(
        roots=read_certificates(authority.root_pem),
        stamp_roots=read_certificates(running_stamps.root_pem),
        lists=authority.lists,
    )


@pytest.fixture(scope="session")
def sealed(
    rendered: RenderedPdf, sealer: Sealer, running_stamps: stampsim.StampAuthority
) -> SealedPdf:
    client = HttpStampAuthority(running_stamps.url, read_certificates(running_stamps.root_pem))
    return seal_pdf(rendered.data, sealer, client)


@pytest.fixture
def sealed_file(sealed: SealedPdf, tmp_path: Path) -> Path:
    path = tmp_path / "consent.pdf"
    path.write_bytes(sealed.data)
    return path
