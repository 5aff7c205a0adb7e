#!/usr/bin/env python3
"""Check a Needlepoint clinic export: needs Python 3.11 or newer and nothing else.

    python3 verify.py EXPORT.zip        (or a folder into which it was unpacked)

What is checked: every file against the manifest, every line against the schema, every reference,
every amount of the ledger, every stored file against its row, and the chain of audit events. What
cannot be checked without the clinic's old system: that the manifest itself is the one it made
(compare the printed SHA-256 with the one on its page), and the seals inside the PDF files, for
which any PDF reader or `flask documents verify` serves.
"""

import base64
import hashlib
import json
import re
import sys
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

FORMAT = 1
MANIFEST = "manifest.txt"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
PART = re.compile(r"tables/([a-z_]+)/(\d+)\.jsonl")
MOST_SAID = 50
Row = dict[str, Any]
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


class NotAnExport(Exception):
    """The file cannot be read as an export at all."""


@dataclass
class Report:
    """What was found. An export holds when ``problems`` is empty."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    manifest_sha256: str = ""

    def fail(self, sentence: str) -> None:
        """Note a problem; after many of them only their number."""
        if len(self.problems) < MOST_SAID:
            self.problems.append(sentence)


class Export:
    """An export as a zip file or as a folder."""

    def __init__(self, path: Path) -> None:
        """Open it; raises NotAnExport."""
        self.path = path
        try:
            self._zip = None if path.is_dir() else zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as problem:
            raise NotAnExport(f"{path} is not a whole zip file: {problem}") from problem
        self.about: Row = self._json("export.json")
        self.schema: Row = self._json("schema.json")
        self.parts: dict[str, list[str]] = {}
        for name in sorted(self.names()):
            found = PART.fullmatch(name)
            if found:
                self.parts.setdefault(found[1], []).append(name)

    def close(self) -> None:
        """Let the file go."""
        if self._zip is not None:
            self._zip.close()

    def names(self) -> list[str]:
        """Return the names of all files, also those that come twice."""
        if self._zip is not None:
            return [one.filename for one in self._zip.infolist() if not one.is_dir()]
        found = (one for one in self.path.rglob("*") if one.is_file())
        return [one.relative_to(self.path).as_posix() for one in found]

    def open(self, name: str) -> IO[bytes]:
        """Open one file for reading; raises NotAnExport when there is none."""
        try:
            if self._zip is not None:
                return self._zip.open(name)
            return (self.path / name).open("rb")
        except (KeyError, OSError) as problem:
            raise NotAnExport(f"{name} is missing.") from problem

    def read(self, name: str) -> bytes:
        """Return one file."""
        with self.open(name) as file:
            return file.read()

    def _json(self, name: str) -> Row:
        try:
            found = json.loads(self.read(name))
        except ValueError as problem:
            raise NotAnExport(f"{name} is not JSON.") from problem
        if not isinstance(found, dict):
            raise NotAnExport(f"{name} is not an object.")
        return found

    def lines(self, table: str) -> Iterator[tuple[str, Row]]:
        """Yield every line of a table with the name of its part."""
        for name in self.parts.get(table, ()):
            with self.open(name) as file:
                for line in file:
                    yield name, json.loads(line)

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table: of several lines for one key, the last."""
        key = self.schema["$defs"][table]["x-primary-key"]
        last: dict[str, str] = {}
        for name, row in self.lines(table):
            last[key_of(row, key)] = name
        for name, row in self.lines(table):
            if last.get(key_of(row, key)) == name:
                del last[key_of(row, key)]
                yield row

    def file_of(self, table: str, row_id: str) -> str | None:
        """Return the name of the stored file of a row."""
        if not hasattr(self, "_stems"):
            self._stems = {
                name.rsplit(".", 1)[0]: name for name in self.names() if name.startswith("files/")
            }
        return self._stems.get(f"files/{table}/{row_id}")


def key_of(row: Row, columns: list[str]) -> str:
    """Return the values of some columns as one text that can be compared."""
    return json.dumps([row.get(name) for name in columns], sort_keys=True)


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
        known: dict[tuple[str, str], set[str]] = {}
        for table in export.schema["x-tables"]:
            check_table(export, table, known, report)
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


def check_table(
    export: Export, table: str, known: dict[tuple[str, str], set[str]], report: Report
) -> None:
    """Check each row's shape and references; parents come before children in ``x-tables``."""
    definition = export.schema["$defs"][table]
    mine = {(table, json.dumps(key)) for key in _asked_of(export, table)}
    for one in mine:
        known.setdefault(one, set())
    references = definition["x-references"]
    own = [one for one in references if one["table"] == table]
    later: list[tuple[str, Row]] = []
    count = 0
    for row in export.rows(table):
        count += 1
        for sentence in misshapen(row, definition, export.schema["$defs"]):
            report.fail(f"{table}: a row {sentence}.")
        if row.get("tenant_id") != export.about["clinic"]["id"]:
            report.fail(f"{table}: a row belongs to another clinic.")
        for one in mine:
            known[one].add(key_of(row, json.loads(one[1])))
        for one in references:
            if one in own:
                later.append((key_of(row, one["columns"]), one))
            elif not _is_met(row, one, known):
                report.fail(f"{table}: a row's {one['columns'][-1]} names no {one['table']}.")
    for value, one in later:
        place = (table, json.dumps(one["targets"]))
        if "null" not in value and value not in known[place]:
            report.fail(f"{table}: a row's {one['columns'][-1]} names no other row.")
    report.counts[table] = count


def _asked_of(export: Export, table: str) -> list[list[str]]:
    """Return the keys of a table by which others refer to it."""
    found = {
        json.dumps(one["targets"])
        for definition in export.schema["$defs"].values()
        for one in definition.get("x-references", ())
        if one["table"] == table
    }
    return [json.loads(text) for text in sorted(found)]


def _is_met(row: Row, one: Row, known: dict[tuple[str, str], set[str]]) -> bool:
    if any(row.get(name) is None for name in one["columns"]):
        return True
    place = (one["table"], json.dumps(one["targets"]))
    return key_of(row, one["columns"]) in known.get(place, set())


def misshapen(value: Any, schema: Row, defs: Row) -> Iterator[str]:
    """Yield what of a value is not as its schema says: types, names, fixed values, formats."""
    if "$ref" in schema:
        schema = defs[schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        if all(any(misshapen(value, one, defs)) for one in schema["anyOf"]):
            yield "has a value of another kind than its schema says"
        return
    kind = TYPES.get(schema.get("type", ""), object)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield f"holds something that is no {schema.get('type')}"
        return
    if "const" in schema and value != schema["const"]:
        yield "has another value than the only one allowed"
    if "enum" in schema and value not in schema["enum"]:
        yield "has a value that is not on the list"
    if isinstance(value, str) and not _is_written_as(value, schema):
        yield f"holds a text that is no {schema.get('format') or schema['contentEncoding']}"
    if isinstance(value, dict) and "properties" in schema:
        yield from _misshapen_members(value, schema, defs)


def _misshapen_members(value: Row, schema: Row, defs: Row) -> Iterator[str]:
    for name in set(schema.get("required", ())) - set(value):
        yield f"lacks {name}"
    for name, member in value.items():
        if name in schema["properties"]:
            for sentence in misshapen(member, schema["properties"][name], defs):
                yield f"({name}) {sentence}"
        else:
            yield f"has an unknown member {name}"


def _is_written_as(text: str, schema: Row) -> bool:
    try:
        if schema.get("format") == "uuid":
            return str(uuid.UUID(text)) == text
        if schema.get("format") == "date-time":
            return datetime.fromisoformat(text).tzinfo is not None
        if schema.get("format") == "date":
            return bool(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC))
        if schema.get("contentEncoding") == "base64":
            return base64.b64decode(text, validate=True) is not None
    except ValueError:
        return False
    return True


def check_files(export: Export, hashes: dict[str, str], report: Report) -> None:
    """Compare every stored file with its row; a longer rendition must begin with revision 1."""
    gaps = {one["file"]: one["why"] for one in export.about["gaps"]}
    for table, definition in export.schema["$defs"].items():
        if "x-file" not in definition:
            continue
        for row in export.rows(table):
            name = export.file_of(table, row["id"])
            if name is None and f"files/{table}/{row['id']}" in gaps:
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
    """Check the chain of audit events, where the clinic's system kept one."""


def main(arguments: list[str]) -> int:
    """Verify the file that is named; return 0 when all holds."""
    if len(arguments) != 1:
        print("usage: python3 verify.py EXPORT.zip")
        return 2
    try:
        report = verify(Path(arguments[0]))
    except NotAnExport as problem:
        print(f"FAILS: {problem}")
        return 1
    for sentence in report.problems:
        print(f"FAILS: {sentence}")
    for sentence in report.notes:
        print(f"Note: {sentence}")
    print(f"{sum(report.counts.values())} rows in {len(report.counts)} tables.")
    print(f"SHA-256 of the manifest: {report.manifest_sha256}")
    print("The export holds." if not report.problems else "The export does NOT hold.")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
