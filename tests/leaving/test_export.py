"""A full export: everything by metadata, whole or not at all, and a verifier that needs nobody."""

import json
import subprocess
import sys
import uuid
import zipfile
from collections import defaultdict
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import exists, select

from app.audit.anchors import read_anchor
from app.audit.chain import leaf_hash
from app.audit.queries import find_head
from app.database import Base
from app.leaving.export_reader import Export, Row
from app.leaving.tables import Shape, all_tables, shapes
from app.leaving.verifier import ANCHOR, verify
from tests.leaving.story import save, signed_again
from tests.leaving.whole_story import Whole


@pytest.fixture
def path(exported: bytes, tmp_path: Path) -> Path:
    return save(exported, tmp_path)


def test_the_export_of_a_whole_story_holds(path: Path, told: Whole) -> None:
    report = verify(path)

    assert report.problems == []
    *gaps, chain, anchor = report.notes
    assert "audit chain" in chain
    assert " of it are in anchor " in anchor
    # Nothing is left of an erased patient's papers, and the export says so.
    with closing(Export(path)) as export:
        gone = {
            one["id"]
            for one in export.rows("document")
            if one["patient_id"] == str(told.erased.made.patient_id)
        }
    assert len(gone) >= 3
    assert {one.split()[4] for one in gaps} == gone
    assert [one for one, rows in report.counts.items() if not rows] == []


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


def test_an_edited_head_and_a_rewritten_chain_are_named(
    context: Flask, exported: bytes, path: Path, told: Whole, tmp_path: Path
) -> None:
    with closing(Export(path)) as export:
        [name] = [one for one in export.names() if ANCHOR.fullmatch(one)]
        proof = json.loads(export.read(name))
        links = sorted(export.rows("audit_link"), key=lambda link: int(link["seq"]))
    with told.clinic.scope() as scope:
        head = find_head(scope)
    # Nothing of another clinic is in it but the hashes beside the path to the root.
    assert (proof["seq"], proof["path"] != []) == (head and head.anchored_seq, True)
    others = {str(one.tenant_id) for one in read_anchor(head.anchor_number).heads if head}
    assert others - {str(told.clinic.tenant_id)}
    assert [one for one in others if one in json.dumps(proof)] == []
    said = json.loads(proof["statement"])
    elsewhere, before = proof["path"][0][0], links[proof["seq"] - 2]
    forged = {
        "does not lead to the root": {"hash": "00" * 32},
        "lead to the root": {"path": [[elsewhere, "11" * 32], *proof["path"][1:]]},
        "cannot be read": {"path": 5},
        "is not the one that was anchored": rooted_again(told, said, before),
    }
    for sentence, change in forged.items():
        data = signed_again(exported, {name: json.dumps({**proof, **change}).encode()})
        [problem] = verify(save(data, tmp_path)).problems
        assert sentence in problem
        assert name in problem


def rooted_again(told: Whole, said: Row, link: Row) -> Row:
    """Return a proof whose root fits, about a row that the chain does not have like this."""
    clinic, seq = told.clinic.tenant_id, int(link["seq"])
    statement = {**said, "root": leaf_hash(clinic, seq, bytes(32)).hex()}
    made = {"seq": seq, "hash": bytes(32).hex(), "path": []}
    return {**made, "statement": json.dumps(statement)}


def test_every_encrypted_field_is_opened_but_those_of_the_erased(
    exported: bytes, told: Whole
) -> None:
    with zipfile.ZipFile(BytesIO(exported)) as archive:
        lines = defaultdict(list)
        for name in archive.namelist():
            if name.startswith("tables/"):
                lines[name.split("/")[1]] += [json.loads(line) for line in archive.open(name)]

    closed = {
        (shape.name, patient_of(lines, shape, row))
        for shape in shapes()
        for column in shape.ciphers
        for row in lines[shape.name]
        if row[column] is not None and "text" not in row[column]
    }
    erased, unreachable = str(told.erased.made.patient_id), str(told.unreachable)
    assert {name for name, who in closed if who == erased} >= {"consent", "incident", "withdrawal"}
    # Only the letters of somebody whose contacts were erased.
    assert {one for one in closed if one[1] != erased} == {("message", unreachable)}
    notes = [one["health_note_cipher"] for one in lines["patient"]]
    assert "Sits up slowly." in [note["text"] for note in notes if note]
    assert [uuid.UUID(one) for one in lines["staff_invitation"][0]["location_ids"]]
    assert "idempotency_key" not in lines


def patient_of(lines: dict[str, list[Row]], shape: Shape, row: Row) -> str:
    for column, table in shape.to_patient:
        if table != "patient":
            [row] = [one for one in lines[table] if one["id"] == row[column]]
        else:
            return str(row[column])
    return ""


def test_the_story_leaves_no_table_of_a_clinic_empty(context: Flask, told: Whole) -> None:
    with told.clinic.scope() as scope:
        empty = {
            name
            for name in all_tables()
            for table in [Base.metadata.tables[name]]
            if not scope.session.scalar(select(exists().where(table.c.tenant_id.is_not(None))))
        }

    assert empty == set()
