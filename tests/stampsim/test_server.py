"""The local authority speaks the real protocol, as OpenSSL understands it."""

import hashlib
import subprocess
import urllib.request
from pathlib import Path

import pytest

from stampsim import server


@pytest.fixture
def running(tmp_path: Path):
    authority = server.start(folder=tmp_path / "keys")
    yield authority
    authority.stop()


def post(url: str, body: bytes) -> bytes:
    request = urllib.request.Request(url, data=body, method="POST")  # noqa: S310 -- our own address
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 -- our own address
        return answer.read()


def openssl(*arguments: object) -> str:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, check=True, text=True
    )
    return done.stdout + done.stderr


def test_openssl_accepts_the_stamp(running, tmp_path):
    data, query, reply = (tmp_path / name for name in ("data", "query", "reply"))
    data.write_bytes(b"a sealed file")
    openssl("ts", "-query", "-data", data, "-sha256", "-cert", "-out", query)

    reply.write_bytes(post(running.url, query.read_bytes()))

    root = tmp_path / "keys" / "root.pem"
    shown = openssl("ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile", root)
    assert "Verification: OK" in shown


def test_openssl_rejects_the_stamp_of_another_file(running, tmp_path):
    data, query, reply = (tmp_path / name for name in ("data", "query", "reply"))
    data.write_bytes(b"a sealed file")
    openssl("ts", "-query", "-data", data, "-sha256", "-cert", "-out", query)
    reply.write_bytes(post(running.url, query.read_bytes()))
    data.write_bytes(b"another file")

    with pytest.raises(subprocess.CalledProcessError):
        openssl("ts", "-verify", "-data", data, "-in", reply, "-CAfile", tmp_path / "keys/root.pem")


@pytest.mark.parametrize("body", [b"x", b"\x30\x03\x02\x01\x01", hashlib.sha256(b"").digest()])
def test_what_is_no_request_is_rejected(running, tmp_path, body):
    reply = tmp_path / "reply"
    reply.write_bytes(post(running.url, body))

    assert "Rejected" in openssl("ts", "-reply", "-in", reply, "-text")


def test_a_second_start_keeps_its_root(running, tmp_path):
    again = server.start(folder=tmp_path / "keys")
    again.stop()

    assert again.root_pem == running.root_pem


def test_the_root_can_be_fetched(running):
    with urllib.request.urlopen(f"{running.url}root.pem", timeout=5) as answer:  # noqa: S310 -- ours
        assert answer.read() == running.root_pem


def test_an_unknown_fault_is_refused(running):
    with pytest.raises(ValueError, match="no such fault"):
        running.fault = "lazy"
