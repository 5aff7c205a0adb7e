"""A verifier says what holds, what does not and what cannot be known, and one byte is enough."""

import random
from dataclasses import replace

import pytest

from app.documents.blocks import Paragraph
from app.documents.compose import render
from app.documents.container import Unreadable, detach_files
from app.documents.draft import Attached
from app.documents.report import Verdict, report_as_text
from app.documents.seal import seal_pdf
from app.documents.seal_checks import Trust
from app.documents.sealer import read_certificates
from app.documents.testca import TestAuthority
from app.documents.verify import verify_file
from stampsim.identity import make_identity
from tests.documents.conftest import CLINIC
from tests.documents.drafts import make_draft


def carry(sealed_data: bytes) -> Attached:
    return Attached(
        "patient.pdf", "application/pdf", sealed_data, "Source", "As the patient signed"
    )


def test_a_sealed_file_holds_in_every_check(sealed, trust):
    report = verify_file(sealed.data, trust)

    assert report.holds
    assert {each.check for each in report.of(Verdict.HOLDS)} == {
        "intact", "certified", "coverage", "chain", "stamp", "revocation", "claim", "files",
    }  # fmt: skip
    assert {each.check for each in report.of(Verdict.UNKNOWN)} == {"test", "status"}


def test_without_roots_and_lists_trust_cannot_be_known(sealed):
    report = verify_file(sealed.data, Trust())

    assert report.holds
    unknown = {each.check for each in report.of(Verdict.UNKNOWN)}
    assert unknown == {"chain", "stamp", "revocation", "test", "status"}


def test_another_root_does_not_vouch_for_the_seal(sealed, trust, tmp_path):
    stranger = TestAuthority(tmp_path / "other")

    report = verify_file(sealed.data, replace(trust, roots=read_certificates(stranger.root_pem)))

    assert report.verdict_of("chain") is Verdict.FAILS


def test_another_stamp_root_does_not_vouch_for_the_stamp(sealed, trust):
    stranger = read_certificates(make_identity().root_pem)

    report = verify_file(sealed.data, replace(trust, stamp_roots=stranger))

    assert report.verdict_of("stamp") is Verdict.FAILS


def test_a_list_of_another_authority_tells_nothing(sealed, trust, tmp_path):
    stranger = TestAuthority(tmp_path / "other")

    report = verify_file(sealed.data, replace(trust, lists=stranger.lists))

    assert report.verdict_of("revocation") is Verdict.UNKNOWN


def test_case_27_one_changed_byte_anywhere_does_not_hold(sealed, trust):
    places = random.Random(20261124).sample(range(len(sealed.data)), 40)

    for place in places:
        changed = bytearray(sealed.data)
        changed[place] ^= 1
        assert not verify_file(bytes(changed), trust).holds, place


def test_a_changed_byte_in_the_padding_of_the_seal_does_not_hold(sealed, trust):
    end = sealed.data.rindex(b"0>\n")
    changed = bytearray(sealed.data)
    changed[end - 20] ^= 1

    assert not verify_file(bytes(changed), trust).holds


def test_case_27_bytes_added_at_the_end_do_not_hold(sealed, trust):
    report = verify_file(sealed.data + b"\n% harmless\n", trust)

    assert not report.holds
    assert report.verdict_of("coverage") is Verdict.FAILS


def test_case_27_a_second_seal_on_a_copy_without_the_first_is_another_files_seal(rendered, trust):
    report = verify_file(rendered.data, trust)

    assert not report.holds
    assert report.verdict_of("sealed") is Verdict.FAILS


@pytest.mark.parametrize(
    "data", [b"", b"not a pdf", b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(range(256)) * 50]
)
def test_bytes_that_are_no_sealed_pdf_do_not_hold_and_do_not_crash(data, trust):
    assert not verify_file(data, trust).holds


def test_a_cut_file_does_not_hold(sealed, trust):
    for length in (100, 10_000, len(sealed.data) - 1):
        assert not verify_file(sealed.data[:length], trust).holds


@pytest.mark.parametrize(
    ("found", "put"), [(b"/FlateDecode", b"/FlateDdcode"), (b"/EmbeddedFile", b"/EmbeddedFild")]
)
def test_a_damaged_word_inside_is_a_finding_and_never_a_crash(sealed, trust, found, put):
    assert found in sealed.data

    assert not verify_file(sealed.data.replace(found, put), trust).holds


class TestFileInsideFile:
    @pytest.fixture
    def executed(self, sealed, sealer, client):
        draft = make_draft(
            Paragraph("I confirm the discussion."), attachments=(carry(sealed.data),)
        )
        return seal_pdf(render(draft).data, sealer, client)

    def test_the_inner_file_is_byte_identical_and_verifies_by_itself(self, executed, sealed, trust):
        inner = detach_files(executed.data)[0]

        assert inner.data == sealed.data
        assert inner.sha256 == sealed.sha256
        assert verify_file(inner.data, trust).holds

    def test_a_damaged_inner_file_is_not_mended(self, executed):
        damaged = bytearray(executed.data)
        start = damaged.index(b"\nx", damaged.index(b"/EmbeddedFile")) + 1
        damaged[start] ^= 1  # The first byte of a compressed stream says how it is packed.

        with pytest.raises(Unreadable):
            detach_files(bytes(damaged))

    def test_the_report_names_the_inner_file_and_verifies_it_in_turn(self, executed, sealed, trust):
        report = verify_file(executed.data, trust, "executed.pdf")

        assert report.holds
        assert [inner.name for inner in report.attached] == ["patient.pdf"]
        assert report.attached[0].verdict_of("intact") is Verdict.HOLDS
        assert sealed.sha256 in report_as_text(report)

    def test_a_broken_inner_file_breaks_the_whole(self, sealed, sealer, trust):
        broken = bytearray(sealed.data)
        broken[5_000] ^= 1
        draft = make_draft(Paragraph("I confirm."), attachments=(carry(bytes(broken)),))
        outer = seal_pdf(render(draft).data, sealer, None)

        report = verify_file(outer.data, trust)

        assert not report.holds
        assert report.verdict_of("intact") is Verdict.HOLDS
        assert not report.attached[0].holds


def test_a_text_report_groups_by_verdict_and_ends_with_one_sentence(sealed, trust):
    good = report_as_text(verify_file(sealed.data, trust, "consent.pdf"))
    bad = report_as_text(verify_file(sealed.data[:-1], trust, "consent.pdf"))

    assert good.startswith("consent.pdf\nSHA-256 ")
    assert good.index("Holds:") < good.index("Cannot be known:")
    assert good.endswith("Nothing was found to be wrong.\n")
    assert bad.endswith("Something does not hold: do not rely on this file.\n")


def test_the_clinic_of_the_seal_is_named(sealer, sealed, trust):
    chain = next(each for each in verify_file(sealed.data, trust).findings if each.check == "chain")

    assert "TEST Thistle Skin Clinic" in chain.text
    assert CLINIC.int == 1
