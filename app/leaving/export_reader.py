"""Read a clinic export, zipped or unpacked, and say what of a row is not as its schema says.

Python's own library only: this text and the verifier's make up the ``verify.py`` in every export.
"""

import base64
import json
import re
import uuid
import zipfile
from collections.abc import Iterator
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
        self._files: dict[str, str] | None = None
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
        """Return the name of a row's stored file: files/<key>/<table>/<id> and an ending."""
        if self._files is None:
            found = (name for name in self.names() if name.startswith("files/"))
            self._files = {
                name.split("/", 2)[2].rsplit(".", 1)[0]: name
                for name in found
                if name.count("/") == 3
            }
        return self._files.get(f"{table}/{row_id}")


def key_of(row: Row, columns: list[str]) -> str:
    """Return the values of some columns as one text that can be compared."""
    return json.dumps([row.get(name) for name in columns], sort_keys=True)


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
