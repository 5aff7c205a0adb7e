"""A full export: everything by metadata, whole or not at all, and a verifier that needs nobody."""

import json
import subprocess
import sys
import uuid
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from app.leaving.tables import shapes
from app.leaving.verifier import verify
from tests.leaving.story import save


@pytest.fixture
def path(exported: bytes, tmp_path: Path) -> Path:
    return save(exported, tmp_path)


def test_the_export_of_a_whole_story_holds(path: Path) -> None:
    report = verify(path)

    assert report.problems == []
    [chain] = report.notes
    assert "audit chain" in chain
    assert report.counts["document"] >= 2


def test_the_shipped_verifier_needs_python_alone(path: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")

    for what in (str(path), "."):
        done = subprocess.run(
            [sys.executable, "-I", "-S", "verify.py", what],
            cwd=tmp_path / "unpacked",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The export holds." in done.stdout


def test_every_table_of_the_story_is_in_it_and_opened(exported: bytes) -> None:
    with zipfile.ZipFile(BytesIO(exported)) as archive:
        lines = {
            name.split("/")[1]: [json.loads(line) for line in archive.open(name)]
            for name in archive.namelist()
            if name.startswith("tables/")
        }

    for shape in shapes():
        for column in shape.ciphers:
            for row in lines.get(shape.name, ()):
                assert row[column] is None or "text" in row[column], f"{shape.name}.{column}"
    assert lines["patient"][0]["health_note_cipher"]["text"] == "Sits up slowly."
    assert [uuid.UUID(one) for one in lines["staff_invitation"][0]["location_ids"]]
    assert "idempotency_key" not in lines
