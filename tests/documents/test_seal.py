"""One seal over the whole file, with a stamp where an honest authority answers in time."""

import re
import subprocess
import time

import pytest

from app.documents.errors import StampRefused
from app.documents.report import Verdict
from app.documents.seal import add_archival_stamp, seal_pdf
from app.documents.stamp_state import StampState
from app.documents.stamping import HttpStampAuthority
from app.documents.verify import verify_file

LIES = {
    "garbage": "cannot be read",
    "http_error": "answered with an error",
    "rejects": "refused",
    "stranger": "not trusted",
    "too_large": "answered with an error",
    "wrong_imprint": "another document",
    "wrong_nonce": "another request",
    "wrong_signature": "signature of the time stamp is wrong",
    "wrong_time": "far from now",
}


def test_a_sealed_file_begins_with_the_rendered_one_and_is_stamped(rendered, sealed):
    assert sealed.data.startswith(rendered.data)
    assert sealed.stamp is StampState.STAMPED
    assert sealed.stamp_reason is None
    assert "TEST" in sealed.authority
    assert abs((sealed.stamped_at - sealed.sealed_at).total_seconds()) < 60


def test_pdfsig_says_that_the_total_document_is_signed_and_trusted(
    sealed_file, authority, tmp_path
):
    store = f"sql:{tmp_path}"
    root = authority.folder / "root.pem"
    subprocess.run(["certutil", "-N", "-d", store, "--empty-password"], check=True)
    subprocess.run(
        ["certutil", "-A", "-d", store, "-n", "root", "-t", "C,C,C", "-i", root], check=True
    )

    shown = subprocess.run(
        ["pdfsig", "-nssdir", store, sealed_file], capture_output=True, check=True
    ).stdout.decode()

    assert "Signature is Valid." in shown
    assert "Certificate is Trusted." in shown
    assert "Total document signed" in shown
    assert shown.count("Signature #") == 1


def test_qpdf_finds_nothing_to_complain_about(sealed_file):
    subprocess.run(["qpdf", "--check", sealed_file], check=True, capture_output=True)


@pytest.mark.parametrize("fault", sorted(LIES))
def test_a_lying_authority_leaves_an_honest_state(rendered, sealer, stamps, client, trust, fault):
    stamps.fault = fault

    done = seal_pdf(rendered.data, sealer, client)

    assert done.stamp is StampState.NOT_STAMPED
    assert done.stamped_at is None
    assert LIES[fault] in done.stamp_reason
    report = verify_file(done.data, trust)
    assert report.holds
    assert report.verdict_of("stamp") is Verdict.UNKNOWN


@pytest.mark.parametrize("fault", ["slow", "drips"])
def test_a_slow_authority_is_given_up_after_two_seconds(rendered, sealer, stamps, client, fault):
    stamps.fault = fault

    begun = time.monotonic()
    done = seal_pdf(rendered.data, sealer, client)

    assert done.stamp is StampState.NOT_STAMPED
    assert time.monotonic() - begun < 4


def test_an_authority_that_is_down_leaves_an_honest_state(rendered, sealer, client):
    down = HttpStampAuthority("http://127.0.0.1:9/", client.roots)

    done = seal_pdf(rendered.data, sealer, down)

    assert done.stamp is StampState.NOT_STAMPED
    assert "did not answer" in done.stamp_reason


def test_without_an_authority_the_file_says_nothing_about_time(rendered, sealer):
    done = seal_pdf(rendered.data, sealer, None)

    assert done.stamp is StampState.NOT_STAMPED
    assert done.stamp_reason == "No time-stamp authority is configured."


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1", "file:///etc/passwd"])
def test_an_authority_is_named_by_a_web_address(url, client):
    with pytest.raises(ValueError, match="http or https"):
        HttpStampAuthority(url, client.roots)


class TestArchivalStamp:
    def test_the_sealed_file_is_a_byte_prefix_and_both_verify(
        self, rendered, sealer, client, trust
    ):
        unstamped = seal_pdf(rendered.data, sealer, None)

        rendition = add_archival_stamp(unstamped.data, client)

        assert rendition.startswith(unstamped.data)
        report = verify_file(rendition, trust)
        assert report.holds
        coverage = next(each for each in report.findings if each.check == "coverage")
        assert unstamped.sha256 in re.sub(r"\s", "", coverage.text)

    def test_a_lying_authority_makes_no_rendition(self, sealed, stamps, client):
        stamps.fault = "stranger"

        with pytest.raises(StampRefused):
            add_archival_stamp(sealed.data, client)
