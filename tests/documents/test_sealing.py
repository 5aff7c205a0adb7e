"""Sealing in the request: once, by one, resumable, and honest when a part is down."""

import threading
import uuid
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

import stampsim.server as stampsim
from app.database import TenantScope
from app.documents.blocks import Heading, Paragraph
from app.documents.draft import DocumentDraft
from app.documents.files import read_document, read_rendition
from app.documents.models import Document, DocumentKind
from app.documents.queries import (
    find_document_of,
    find_started_operation_for_update,
    list_renditions,
)
from app.documents.seal_checks import Trust
from app.documents.sealer import read_certificates
from app.documents.services import Frozen, seal_document
from app.documents.setup import own_trust
from app.documents.stamp_later import stamp_later
from app.documents.stamping import HttpStampAuthority
from app.documents.verify import verify_file
from app.errors import Conflict
from app.kit.clock import now
from app.storage.errors import StoreUnavailable
from app.storage.object_store import Store
from tests.factories.plans import make_patient
from tests.factories.tenants import MadeClinic, make_clinic

KIND = DocumentKind.AFTERCARE


@dataclass
class Sheet:
    """A small document; ``finished`` counts how often its rows were written."""

    patient_id: uuid.UUID
    subject_id: uuid.UUID
    text: str = "Drink water."
    kind: DocumentKind = KIND
    title: str = "A sheet"
    retention: str = "clinical"
    predecessor_id: uuid.UUID | None = None
    finished: list[uuid.UUID] = field(default_factory=list)
    refuse: bool = False
    refuse_at_the_end: bool = False

    def lock(self, scope: TenantScope) -> None:
        """Lock nothing: the sheet has no row."""

    def freeze(self, scope: TenantScope) -> Frozen:
        if self.refuse:
            raise Conflict("Not now.")
        return Frozen(self.text, self.compose)

    def compose(self) -> DocumentDraft:
        return DocumentDraft(
            title=self.title,
            language="en",
            page="A4",
            author="Tern & Thistle",
            created_at=now(),
            reference=str(self.subject_id),
            summary=(("Who", "A patient"),),
            blocks=(Heading(2, "Care"), Paragraph(self.text)),
        )

    def finish(self, scope: TenantScope, document: Document) -> None:
        if self.refuse_at_the_end:
            raise Conflict("Not any more.")
        self.finished.append(document.id)


@pytest.fixture
def clinic(context: Flask) -> MadeClinic:
    return make_clinic()


@pytest.fixture
def sheet(clinic: MadeClinic) -> Sheet:
    patient_id, _ = make_patient(clinic)
    return Sheet(patient_id, uuid.uuid4())


def test_a_sealed_document_is_read_back_whole(
    clinic: MadeClinic, sheet: Sheet, context: Flask
) -> None:
    with clinic.scope() as scope:
        document = seal_document(scope, sheet)

    with clinic.scope() as scope:
        data = read_document(scope, document.id)
    assert data.startswith(b"%PDF")
    assert len(data) == document.length
    report = verify_file(data, own_trust(context.config["SETTINGS"]))
    assert report.holds, report


def test_who_comes_after_a_refusal_at_the_end_does_not_wait_for_its_lease(
    clinic: MadeClinic, sheet: Sheet
) -> None:
    sheet.refuse_at_the_end = True
    with pytest.raises(Conflict), clinic.scope() as scope:
        seal_document(scope, sheet)

    with clinic.scope() as scope:
        assert find_started_operation_for_update(scope, sheet.subject_id, KIND) is None
        assert find_document_of(scope, sheet.subject_id, KIND) is None
    sheet.refuse_at_the_end = False
    with clinic.scope() as scope:
        assert seal_document(scope, sheet).id == sheet.finished[0]


def test_what_is_stored_is_unreadable(clinic: MadeClinic, sheet: Sheet, context: Flask) -> None:
    with clinic.scope() as scope:
        document = seal_document(scope, sheet)

    stored = context.extensions["needlepoint_store"].get(document.object_name)
    assert b"%PDF" not in stored


def test_the_same_subject_is_sealed_once(clinic: MadeClinic, sheet: Sheet) -> None:
    with clinic.scope() as scope:
        first = seal_document(scope, sheet)
    with clinic.scope() as scope:
        again = seal_document(scope, sheet)

    assert first.id == again.id
    assert len(sheet.finished) == 1


def test_eight_at_once_make_one_document(clinic: MadeClinic, sheet: Sheet, context: Flask) -> None:
    found: list[uuid.UUID] = []

    def seal() -> None:
        with context.app_context(), clinic.scope() as scope:
            found.append(seal_document(scope, sheet).id)

    threads = [threading.Thread(target=seal) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(sheet.finished) == 1


def test_a_store_that_is_down_leaves_nothing_recorded_and_the_same_request_resumes(
    clinic: MadeClinic, sheet: Sheet, context: Flask
) -> None:
    working = context.extensions["needlepoint_store"]
    context.extensions["needlepoint_store"] = BrokenStore()
    try:
        with pytest.raises(StoreUnavailable), clinic.scope() as scope:
            seal_document(scope, sheet)
    finally:
        context.extensions["needlepoint_store"] = working
    with clinic.scope() as scope:
        assert find_document_of(scope, sheet.subject_id, KIND) is None
        assert find_started_operation_for_update(scope, sheet.subject_id, KIND) is None

    with clinic.scope() as scope:
        document = seal_document(scope, sheet)

    assert sheet.finished == [document.id]


def test_a_precondition_that_fails_seals_nothing(clinic: MadeClinic, sheet: Sheet) -> None:
    sheet.refuse = True

    with pytest.raises(Conflict), clinic.scope() as scope:
        seal_document(scope, sheet)

    with clinic.scope() as scope:
        assert find_started_operation_for_update(scope, sheet.subject_id, KIND) is None


def test_a_seal_without_a_stamp_is_stamped_once_the_authority_answers(
    clinic: MadeClinic,
    sheet: Sheet,
    context: Flask,
    running_stamps: stampsim.StampAuthority,
    admin_url: str,
) -> None:
    roots = read_certificates(running_stamps.root_pem)
    authority = HttpStampAuthority(running_stamps.url, roots)
    running_stamps.fault = "http_error"
    context.extensions["needlepoint_stamps"] = authority
    try:
        with clinic.scope() as scope:
            document = seal_document(scope, sheet)
        with clinic.scope() as scope:
            stamp_later(scope, document_id=document.id)
            assert list_renditions(scope, document.id) == []
        running_stamps.fault = "none"
        with clinic.scope() as scope:
            stamp_later(scope, document_id=document.id)
        with clinic.scope() as scope:
            stamp_later(scope, document_id=document.id)
    finally:
        context.extensions["needlepoint_stamps"] = None
        running_stamps.fault = "none"

    assert document.stamp_state == "not_time_stamped"
    with clinic.scope() as scope:
        (rendition,) = list_renditions(scope, document.id)
        later = read_rendition(scope, document, rendition)
        kept = rendition.object_name, rendition.cipher_sha256
        assert later.startswith(read_document(scope, document.id))
    trust = own_trust(context.config["SETTINGS"])
    assert verify_file(later, Trust(trust.roots, roots, trust.lists)).holds
    lose_renditions(admin_url, context, clinic)
    context.extensions["needlepoint_stamps"] = authority
    try:
        with clinic.scope() as scope:
            stamp_later(scope, document_id=document.id)
    finally:
        context.extensions["needlepoint_stamps"] = None
    with clinic.scope() as scope:
        (found,) = list_renditions(scope, document.id)
    assert (found.object_name, found.cipher_sha256) == kept


def lose_renditions(admin_url: str, app: Flask, clinic: MadeClinic) -> None:
    """Lose the rows of renditions, as where a run was killed after storing the file."""
    url = make_url(admin_url).set(database=make_url(app.config["SETTINGS"].database_url).database)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM document_file WHERE tenant_id = :t"), {"t": clinic.tenant_id}
        )
    engine.dispose()


class BrokenStore(Store):
    """A store whose disk is full."""

    def __init__(self) -> None:
        """Need no folder."""

    def put(self, name: str, data: bytes) -> str:
        raise StoreUnavailable("The disk is full.")
