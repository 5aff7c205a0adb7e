"""Signing on paper: printed, answered, scanned, compared, sealed; the same gate behind it."""

import io
import uuid
from datetime import datetime, timedelta

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader

from app.consent import queries
from app.consent.errors import (
    ConsentMoved,
    NotReady,
    PaperRefused,
    ShownChanged,
    SomebodyElseConfirms,
)
from app.consent.models import Signature
from app.consent.paper import queries as paper_queries
from app.consent.paper.making import blank_of, print_of
from app.consent.paper.services.confirm_paper import Compared, confirm_paper
from app.consent.paper.services.enter_answers import enter_answers
from app.consent.paper.services.print_paper import print_blanks, print_paper, use_blank
from app.consent.paper.services.scan_paper import add_scan, read_scan
from app.consent.services.attest_consent import attest_consent
from app.documents.container import detach_files
from app.documents.files import read_document
from app.kit.clock import now, shifted
from app.tenants.models import Role
from tests.factories.consent import (
    MadeConsent,
    clear_fields,
    make_asked_consent,
    make_read_consent,
    sign,
)
from tests.factories.plans import make_discussed_plan
from tests.factories.tenants import Staff, add_staff
from tests.support.api import Api


def picture(
    colour: str = "white", size: tuple[int, int] = (800, 1100), kind: str = "JPEG"
) -> bytes:
    """Return a photographed page."""
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, kind, exif=_exif() if kind == "JPEG" else b"")
    return written.getvalue()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-WHERE-IT-WAS-TAKEN"
    return exif


class Desk:
    """A clinic's people with one form on paper."""

    def __init__(self, asked: MadeConsent) -> None:
        self.asked, self.clinic = asked, asked.made.clinic
        self.nurse = asked.made.practitioner
        self.front = add_staff(self.clinic, Role.FRONT_DESK, name="Ewan Kerr")
        self.paper_id: uuid.UUID | None = None

    def print(self) -> uuid.UUID:
        with self.clinic.scope(self.front) as scope:
            self.paper_id = print_paper(scope, consent_id=self.asked.id).id
        return self.paper_id

    def answer(self, **changes: str) -> bool:
        with self.clinic.scope(self.nurse) as scope:
            fields = clear_fields(scope, self.asked.id, **changes)
            return enter_answers(scope, consent_id=self.asked.id, fields=fields).is_stored

    def scan(self, *files: bytes, who: Staff | None = None) -> None:
        with self.clinic.scope(who or self.front) as scope:
            add_scan(
                scope,
                consent_id=self.asked.id,
                paper_id=self.paper_id,
                files=files or (picture(), picture("beige")),
            )

    def confirm(self, *, at: datetime | None = None, who: Staff | None = None) -> Signature:
        compared = Compared(at or now(), self.front.id, "Aoife Nguyễn", "Cabinet 2, folder N")
        with self.clinic.scope(who or self.nurse) as scope:
            return confirm_paper(
                scope, consent_id=self.asked.id, paper_id=self.paper_id, compared=compared
            )

    def state(self) -> str:
        with self.clinic.scope() as scope:
            return self.asked.read(scope).state

    def ready(self) -> "Desk":
        self.print()
        assert self.answer()
        self.scan()
        return self


@pytest.fixture
def desk(context: Flask) -> Desk:
    return Desk(make_asked_consent(make_discussed_plan()))


def text_of(data: bytes) -> str:
    return " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(data)).pages).split())


def test_a_form_on_paper_opens_the_same_grants(desk: Desk) -> None:
    signature = desk.ready().confirm(at=now() - timedelta(seconds=30))

    assert (signature.method, desk.state()) == ("paper", "signed")
    with desk.clinic.scope(desk.nurse) as scope:
        attest_consent(scope, consent_id=desk.asked.id, stepped_up_at=now())
    assert desk.state() == "active"
    with desk.clinic.scope() as scope:
        [grant] = queries.list_grants(scope, desk.asked.id)
        assert grant.area == "face_cheeks"


def test_the_sealed_document_holds_the_pages_and_both_times(desk: Desk) -> None:
    signature = desk.ready().confirm(at=now() - timedelta(seconds=60))

    with desk.clinic.scope() as scope:
        data = read_document(scope, signature.document_id)
        hashes = [one.sha256.hex() for one in paper_queries.list_pages(scope, desk.paper_id)]
        assert read_scan(scope, consent_id=desk.asked.id, paper_id=desk.paper_id) == ()
    names = {one.name for one in detach_files(data)}
    assert names == {"signed-page-01.jpg", "signed-page-02.jpg", "evidence.json"}
    text = text_of(data)
    for told in (
        "Signed on paper at",
        "Entered at",
        "Ewan Kerr",
        "Cabinet 2, folder N",
        "pen on paper",
    ):
        assert told in text, told
    assert all(one in text.replace(" ", "") for one in hashes)
    assert "electronic signature" not in text
    assert "sign this form on a screen" not in text
    assert "ENTERED LATER" not in text


def test_what_is_kept_of_a_photograph_is_the_picture_alone(desk: Desk) -> None:
    desk.print()
    desk.scan(picture(kind="PNG"), picture())

    with desk.clinic.scope() as scope:
        pages = read_scan(scope, consent_id=desk.asked.id, paper_id=desk.paper_id)
    assert all(one.startswith(b"\xff\xd8\xff") for one in pages)
    assert not any(b"SECRET" in one for one in pages)


def test_a_scanners_pdf_is_taken_and_a_typed_one_is_not(desk: Desk) -> None:
    desk.print()
    written = io.BytesIO()
    first = Image.new("RGB", (800, 1100), "white")
    first.save(written, "PDF", save_all=True, append_images=[Image.new("L", (800, 1100), 200)])
    desk.scan(written.getvalue())
    with desk.clinic.scope() as scope:
        assert len(read_scan(scope, consent_id=desk.asked.id, paper_id=desk.paper_id)) == 2
        paper = paper_queries.get_paper(scope, desk.asked.id, desk.paper_id)
        printed = print_of(scope, desk.asked.read(scope), paper)

    with pytest.raises(PaperRefused, match="typed text"):
        desk.scan(printed)


@pytest.mark.parametrize(
    "data", [b"", b"<svg/>", b"%PDF-1.7 nothing", b"\xff\xd8\xff broken", b"MZ" * 50]
)
def test_case_36_what_is_no_scan_is_refused(desk: Desk, data: bytes) -> None:
    desk.print()
    with pytest.raises(PaperRefused):
        desk.scan(data)


def test_case_36_a_scan_of_forty_megabytes_is_refused_unread_and_in_words(
    context: Flask, desk: Desk
) -> None:
    paper_id, front = desk.print(), Api(context, desk.clinic, desk.front)
    path = f"/clinics/{desk.clinic.tenant_id}/consents/{desk.asked.id}/paper/{paper_id}/scan"
    answer = front.client.post(
        path,
        data=b"--x",
        content_type="multipart/form-data; boundary=x",
        headers={"Accept": "text/html"},
        environ_overrides={"CONTENT_LENGTH": "40000000"},
    )

    assert answer.status_code == 413
    assert "That is too large" in answer.text
    assert "Choose a smaller file" in answer.text
    assert "Entity" not in answer.text


def test_whoever_may_not_open_the_print_is_told_who_does(context: Flask, desk: Desk) -> None:
    desk.print()
    path = f"/clinics/{desk.clinic.tenant_id}/consents/{desk.asked.id}/paper"

    def reads(who: Staff) -> str:
        client = Api(context, desk.clinic, who).client
        return client.get(path, headers={"Accept": "text/html"}).text

    assert "A practitioner opens the file and prints it" in reads(desk.front)
    assert "Open the file to print" not in reads(desk.front)
    assert "Open the file to print" in reads(desk.nurse)


def test_whoever_compares_is_asked_for_the_code_of_this_very_print(
    context: Flask, desk: Desk
) -> None:
    desk.ready()
    with desk.clinic.scope() as scope:
        code = paper_queries.get_paper(scope, desk.asked.id, desk.paper_id).code
    page = f"/clinics/{desk.clinic.tenant_id}/consents/{desk.asked.id}/paper"
    text = Api(context, desk.clinic, desk.nurse).client.get(page).text

    assert f"Each page of it bears the code <strong>{code}</strong>" in text


def test_the_print_bears_code_version_and_hash_on_each_page(desk: Desk) -> None:
    desk.print()
    with desk.clinic.scope() as scope:
        consent = desk.asked.read(scope)
        paper = paper_queries.get_paper(scope, desk.asked.id, desk.paper_id)
        data = print_of(scope, consent, paper)
    pages = [" ".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(data)).pages]

    assert len(pages) > 3
    for page in pages:
        assert paper.code in page
        assert consent.shown_sha256.hex()[:16] in page
        assert "TO BE SIGNED ON PAPER" in page
    assert "[ ] Yes [ ] No [ ] Not sure" in " ".join(pages)
    assert "My signature" in pages[-1] + pages[-2]
    assert "on a screen" not in " ".join(pages)


def test_case_24_paper_skips_no_step(desk: Desk) -> None:
    desk.print()
    with pytest.raises(NotReady, match="scan"):
        desk.confirm()
    desk.scan()
    with pytest.raises(NotReady, match="answers"):
        desk.confirm()
    assert desk.answer(pregnancy="yes")
    assert desk.state() == "held"
    with pytest.raises(NotReady, match="clinician"):
        desk.confirm()
    assert desk.state() == "held"


def test_case_23_a_print_that_the_answers_outdate_has_to_be_signed_anew(desk: Desk) -> None:
    desk.print()
    assert desk.answer(faint="yes")
    assert desk.state() == "cleared"
    desk.scan()

    with pytest.raises(ShownChanged, match="Print it again"):
        desk.confirm()
    desk.print()
    desk.scan()
    desk.confirm()


def test_case_26_whoever_scanned_does_not_compare_while_there_is_somebody_else(desk: Desk) -> None:
    desk.print()
    desk.answer()
    desk.scan(who=desk.nurse)

    with pytest.raises(SomebodyElseConfirms):
        desk.confirm(who=desk.nurse)
    desk.confirm(who=desk.clinic.owner)


@pytest.mark.parametrize("minutes", [5, -60])
def test_case_28_a_moment_that_cannot_be_is_refused(desk: Desk, minutes: int) -> None:
    desk.ready()

    with pytest.raises(PaperRefused):
        desk.confirm(at=now() + timedelta(minutes=minutes))
    assert desk.state() == "cleared"


def test_what_was_signed_yesterday_is_marked_as_entered_later(desk: Desk) -> None:
    desk.print()
    desk.answer()
    with shifted(timedelta(days=2)):
        desk.scan()
        signature = desk.confirm(at=now() - timedelta(days=1))

    with desk.clinic.scope() as scope:
        assert "ENTERED LATER" in text_of(read_document(scope, signature.document_id))


def test_case_22_of_paper_and_screen_one_signature_stands(context: Flask) -> None:
    asked = make_read_consent(make_discussed_plan())
    desk = Desk(asked)
    desk.print()
    desk.scan()
    first = desk.confirm()

    again = sign(asked)

    assert again.id == first.id
    with pytest.raises(ConsentMoved):
        desk.print()


def test_the_owner_alone_confirms_where_nobody_else_treats(context: Flask) -> None:
    desk = Desk(make_asked_consent(make_discussed_plan()))
    desk.print()
    desk.answer()
    desk.scan(who=desk.front)

    desk.confirm(who=desk.clinic.owner)


def test_case_6_the_front_desk_prints_and_scans_and_reads_nothing(
    context: Flask, desk: Desk
) -> None:
    desk.print()
    desk.scan()
    front = Api(context, desk.clinic, desk.front)
    own = f"/consents/{desk.asked.id}/papers/{desk.paper_id}"

    assert front.get(own)["code"]
    body = {
        "signed_at": now().isoformat(),
        "seen_by": str(desk.front.id),
        "name": "Aoife",
        "original": "Here",
        "has_original": True,
    }
    front.post(own + "/confirm", body, expect=403)
    page = f"/clinics/{desk.clinic.tenant_id}/consents/{desk.asked.id}/paper"
    for path in ("/answers", f"/{desk.paper_id}/pages/{uuid.uuid4()}"):
        answer = front.client.get(page + path, headers={"Accept": "text/html"})
        assert answer.status_code == 403, path
    assert front.client.get(page, headers={"Accept": "text/html"}).status_code == 200


class TestOutage:
    def number(self, desk: Desk) -> int:
        with desk.clinic.scope(desk.front) as scope:
            form_id = desk.asked.read(scope).form_version_id
            wanted = {"form_version_id": form_id, "location_id": desk.clinic.location_id}
            return print_blanks(scope, **wanted, many=2)[0].number

    def use(self, desk: Desk, number: int) -> None:
        with desk.clinic.scope(desk.front) as scope:
            desk.paper_id = use_blank(scope, consent_id=desk.asked.id, number=number).id

    def test_a_blank_form_is_entered_later_with_both_times(self, desk: Desk) -> None:
        number = self.number(desk)
        with shifted(timedelta(hours=3)):
            signed_at = now() - timedelta(hours=1)
            self.use(desk, number)
            desk.answer(faint="yes")
            desk.scan()
            signature = desk.confirm(at=signed_at)
            recorded_at = now()

        assert recorded_at - signature.signed_at < timedelta(minutes=2)
        with desk.clinic.scope() as scope:
            text = text_of(read_document(scope, signature.document_id))
        assert "ENTERED LATER" in text
        assert f"blank form number {number}" in text

    def test_a_number_serves_once_and_only_its_own_wording(self, desk: Desk) -> None:
        number = self.number(desk)
        self.use(desk, number)
        other = Desk(make_asked_consent(make_discussed_plan(desk.clinic)))

        with pytest.raises(PaperRefused, match="already"):
            self.use(other, number)
        with pytest.raises(PaperRefused, match="No blank form"):
            self.use(other, 999)

    def test_case_28_it_cannot_be_signed_before_it_was_printed(self, desk: Desk) -> None:
        self.use(desk, self.number(desk))
        desk.answer()
        desk.scan()

        with pytest.raises(PaperRefused, match="printed after"):
            desk.confirm(at=now() - timedelta(days=3))

    def test_a_blank_names_nobody_and_leaves_lines(self, desk: Desk) -> None:
        self.number(desk)
        with desk.clinic.scope() as scope:
            blank = paper_queries.list_blanks(scope, most=1)[0]
            data = blank_of(scope, blank)
        text = text_of(data)

        assert f"No. {blank.number}" in text
        assert "Aoife" not in text
        assert "____" in text
        assert "{" not in text
        assert "[ ] Yes [ ] No [ ] Not sure" in text
