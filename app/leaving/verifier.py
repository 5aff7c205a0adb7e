"""Check an export: manifest, shapes, references, ledger, stored files, audit chain.

Python's own library only, beside the reader, whose text comes before this one in ``verify.py``.
"""

import base64
import hashlib
import json
import re
import sys
import uuid
import zipfile
from contextlib import closing
from pathlib import Path

from app.leaving.export_reader import (
    FORMAT,
    MANIFEST,
    NAME,
    Export,
    NotAnExport,
    Report,
    Row,
    key_of,
    misshapen,
)

ANCHOR = re.compile(r"anchors/\d+\.json")
# What a link of the audit chain covers of an event, in this order, one value a line.
SEALED = (
    *("id", "at", "actor_kind", "actor_id", "person_id"),
    *("action", "subject_id", "patient_id", "details"),
)


def verify(path: Path) -> Report:
    """Return the report of an export; raises NotAnExport where nothing can be checked."""
    with closing(Export(path)) as export:
        report = Report()
        hashes = check_manifest(export, report)
        if export.schema.get("x-format") != FORMAT or export.about.get("format") != FORMAT:
            report.fail(f"This verifier knows format {FORMAT} only.")
            return report
        if report.problems:
            return report  # Lines of files that were changed prove nothing.
        keys = Keys(export)
        for table in export.schema["x-tables"]:
            check_table(export, table, keys, report)
        check_files(export, hashes, report)
        check_ledger(export, report)
        check_chain(export, report)
        return report


def check_manifest(export: Export, report: Report) -> dict[str, str]:
    """Compare every file with the manifest; return the hashes by name."""
    data = export.read(MANIFEST)
    report.manifest_sha256 = hashlib.sha256(data).hexdigest()
    listed: dict[str, str] = {}
    for line in data.decode().splitlines():
        digest, _, name = line.partition("  ")
        if not NAME.fullmatch(name) or ".." in name or name in listed:
            report.fail(f"The manifest names {name!r}, which it may not.")
            continue
        listed[name] = digest
    there = export.names()
    unique = set(there)
    if len(there) != len(unique):
        report.fail("A file is in the export twice.")
    for name in sorted(unique - set(listed) - {MANIFEST}):
        report.fail(f"{name} is not in the manifest.")
    for name, digest in listed.items():
        if name not in unique:
            report.fail(f"{name} is missing.")
        elif _sha256(export, name) != digest:
            report.fail(f"{name} was changed: its SHA-256 is not the manifest's.")
    return listed


def _sha256(export: Export, name: str) -> str:
    found = hashlib.sha256()
    try:
        with export.open(name) as file:
            while piece := file.read(1 << 20):
                found.update(piece)
    except (zipfile.BadZipFile, EOFError, OSError):
        return "unreadable"
    return found.hexdigest()


class Keys:
    """The keys by which rows are referred to: (table, columns) → what was seen."""

    def __init__(self, export: Export) -> None:
        self._seen: dict[tuple[str, str], set[str]] = {
            (one["table"], json.dumps(one["targets"])): set()
            for definition in export.schema["$defs"].values()
            for one in definition.get("x-references", ())
        }

    def add(self, table: str, row: Row) -> None:
        """Remember a row by every key that others use."""
        for (name, columns), seen in self._seen.items():
            if name == table:
                seen.add(key_of(row, json.loads(columns)))

    def has(self, row: Row, reference: Row) -> bool:
        """Return whether a row's reference is empty or names a row that was seen."""
        if any(row.get(name) is None for name in reference["columns"]):
            return True
        place = (reference["table"], json.dumps(reference["targets"]))
        return key_of(row, reference["columns"]) in self._seen[place]


def check_table(export: Export, table: str, keys: Keys, report: Report) -> None:
    """Check each row's shape and references; parents come before children in ``x-tables``."""
    definition, later = export.schema["$defs"][table], []
    report.counts[table] = 0
    for row in export.rows(table):
        report.counts[table] += 1
        for sentence in misshapen(row, definition, export.schema["$defs"]):
            report.fail(f"{table}: a row {sentence}.")
        if row.get("tenant_id") != export.about["clinic"]["id"]:
            report.fail(f"{table}: a row belongs to another clinic.")
        keys.add(table, row)
        for reference in definition["x-references"]:
            if reference["table"] == table:
                later.append(({name: row.get(name) for name in reference["columns"]}, reference))
            elif not keys.has(row, reference):
                report.fail(f"{table}: a row's {_named(reference)} that is not there.")
    for row, reference in later:
        if not keys.has(row, reference):
            report.fail(f"{table}: a row's {_named(reference)} that is not there.")


def _named(reference: Row) -> str:
    return f"{reference['columns'][-1]} names a {reference['table']}"


def check_files(export: Export, hashes: dict[str, str], report: Report) -> None:
    """Compare every stored file with its row; a longer rendition must begin with revision 1."""
    gaps = {one["file"] for one in export.about["gaps"]}
    for table, definition in export.schema["$defs"].items():
        if "x-file" not in definition:
            continue
        for row in export.rows(table):
            name = export.file_of(table, row["id"])
            if name is None and f"files/unreadable/{table}/{row['id']}" in gaps:
                report.notes.append(f"The file of {table} {row['id']} could not be exported.")
            elif name is None:
                report.fail(f"The file of {table} {row['id']} is missing.")
            elif hashes[name] != base64.b64decode(row["sha256"]).hex():
                report.fail(f"{name} is not the file that was sealed.")
            elif table == "document_file":
                first = export.file_of("document", row["document_id"])
                if first and not export.read(name).startswith(export.read(first)):
                    report.fail(f"{name} does not begin with the file that was sealed.")


def check_ledger(export: Export, report: Report) -> None:
    """Check that every transfer is whole and that running totals are the sums."""
    accounts = {row["id"]: row for row in export.rows("ledger_account")}
    debits, credits = dict.fromkeys(accounts, 0), dict.fromkeys(accounts, 0)
    for row in export.rows("transfer"):
        ends = [accounts.get(row["debit_account"]), accounts.get(row["credit_account"])]
        amount = row["amount_minor"]
        if None in ends or ends[0] is ends[1] or amount <= 0:
            report.fail(f"Transfer {row['id']} is not an amount from one account to another.")
        elif any(end["currency"] != row["currency"] for end in ends if end):
            report.fail(f"Transfer {row['id']} mixes currencies.")
        else:
            debits[row["debit_account"]] += amount
            credits[row["credit_account"]] += amount
    for name, row in accounts.items():
        if row["has_floor"]:
            if (row["debits_minor"], row["credits_minor"]) != (debits[name], credits[name]):
                report.fail(f"The running totals of account {name} are not its sums.")
            if debits[name] > credits[name]:
                report.fail(f"Account {name} is below its floor.")


def check_chain(export: Export, report: Report) -> None:
    """Check that every event is in the chain as it was sealed, and that none was taken out."""
    clinic = uuid.UUID(export.about["clinic"]["id"]).bytes
    digests = {
        row["id"]: hashlib.sha256(clinic + event_bytes(row)).digest()
        for row in export.rows("audit_event")
    }
    links = sorted(export.rows("audit_link"), key=lambda row: int(row["seq"]))
    last, chain = bytes(32), {}
    for number, link in enumerate(links, 1):
        digest = base64.b64decode(link["digest"])
        if link["seq"] != number:
            report.fail(f"Row {number} of the audit chain is gone.")
            return
        if digests.pop(link["event_id"], None) != digest:
            report.fail(f"Audit event {link['event_id']} is not what was sealed.")
        last = hashlib.sha256(last + number.to_bytes(8, "big") + digest).digest()
        if last != base64.b64decode(link["hash"]):
            report.fail(f"Row {number} of the audit chain does not follow the row before it.")
            return
        chain[number] = last
    if digests:
        report.fail(f"{len(digests)} audit events are not in the chain.")
    report.notes.append(f"The audit chain has {len(links)} rows and ends at {last.hex()}.")
    check_anchor(export, clinic, chain, report)


def check_anchor(export: Export, clinic: bytes, chain: dict[int, bytes], report: Report) -> None:
    """Check that the anchored row of the chain leads to the root that the installation signed."""
    names = [name for name in export.names() if ANCHOR.fullmatch(name)]
    if not names:
        report.notes.append("No anchor from outside of the database is in the export.")
    for name in names:
        try:
            proof = json.loads(export.read(name))
            said, seq = json.loads(proof["statement"]), int(proof["seq"])
            head = bytes.fromhex(proof["hash"])
            root = root_of(clinic, seq, head, proof["path"]).hex()
            number, at, signed = int(said["number"]), str(said["at"]), str(said["root"])
        except (ValueError, TypeError, KeyError, OverflowError):
            report.fail(f"{name} cannot be read as the proof of an anchor.")
            continue
        if root != signed:
            report.fail(f"{name}: this clinic's head does not lead to the root of the anchor.")
        elif chain.get(seq) != head:
            report.fail(f"{name}: row {seq} of the audit chain is not the one that was anchored.")
        else:
            report.notes.append(f"Rows 1 to {seq} of it are in anchor {number} of {at}.")


def root_of(clinic: bytes, seq: int, head: bytes, path: list[list[str]]) -> bytes:
    """Return the root to which a path leads from a clinic's head."""
    node = hashlib.sha256(b"\x00" + clinic + seq.to_bytes(8, "big") + head).digest()
    for side, beside in path:
        pair = (bytes.fromhex(beside), node) if side == "left" else (node, bytes.fromhex(beside))
        node = hashlib.sha256(b"\x01" + b"".join(pair)).digest()
    return node


def event_bytes(row: Row) -> bytes:
    """Return the bytes of an event that its link covers."""
    return "\n".join(str(row[name] or "") for name in SEALED).encode()


def main(arguments: list[str]) -> int:
    """Verify the file that is named; return 0 when all holds."""
    if len(arguments) != 1:
        sys.stdout.write("usage: python3 verify.py EXPORT.zip\n")
        return 2
    try:
        report = verify(Path(arguments[0]))
    except NotAnExport as problem:
        sys.stdout.write(f"FAILS: {problem}\n")
        return 1
    said = [f"FAILS: {sentence}" for sentence in report.problems]
    said += [f"Note: {sentence}" for sentence in report.notes]
    said.append(f"{sum(report.counts.values())} rows in {len(report.counts)} tables.")
    said.append(f"SHA-256 of the manifest: {report.manifest_sha256}")
    said.append(f"The export {'does NOT hold' if report.problems else 'holds'}.")
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
