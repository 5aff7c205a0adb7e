"""An anchor can be checked with the tools that everybody has, as docs/audit.md says."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from stampsim import server as stampsim
from tests.audit.conftest import seal
from tests.factories.tenants import MadeClinic

OPENSSL = shutil.which("openssl") or ""
pytestmark = pytest.mark.skipif(not OPENSSL, reason="there is no openssl on this machine")


def test_openssl_believes_the_seal_and_the_stamp_and_no_other_file(
    context: Flask,
    clinic: MadeClinic,
    stamps: stampsim.StampAuthority,
    anchors: Path,
    tmp_path: Path,
) -> None:
    seal(clinic)
    file = anchors / "0000000001.json"
    said = json.loads(file.read_text())
    (tmp_path / "s").write_text(said["statement"])
    (tmp_path / "p7").write_bytes(base64.b64decode(said["seal"]))
    (tmp_path / "stamp-root.pem").write_bytes(stamps.root_pem)
    root = context.extensions["needlepoint_sealers"].folder / "root.pem"

    def openssl(*words: str) -> int:
        done = subprocess.run([OPENSSL, *words], cwd=tmp_path, capture_output=True, check=False)
        return done.returncode

    check_seal = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "p7", "-content", "s"]
    check_seal += ["-CAfile", str(root), "-purpose", "any", "-out", "/dev/null"]
    token = str(file.with_suffix(".stamp"))
    check_stamp = ["ts", "-verify", "-token_in", "-in", token, "-CAfile", "stamp-root.pem"]
    assert openssl(*check_seal) == 0
    assert openssl(*check_stamp, "-data", "p7") == 0

    (tmp_path / "s").write_text(said["statement"].replace('"number":1', '"number":2'))
    assert openssl(*check_seal) != 0
    (tmp_path / "p7").write_bytes(b"another signature")
    assert openssl(*check_stamp, "-data", "p7") != 0
