"""Checks that the documentation still fits the code: links, settings and make targets.

Prints one line for each thing that is wrong, and ends with 1 if there was any.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / "docs" / "configuration.md"
# Not ours, or made by running: what lies there is not documentation.
SKIPPED = {".venv", ".git", "var", "demo-output", "test-output", "node_modules"}

FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
REFERENCE = re.compile(r"^\s*\[[^\]]+\]:\s+<?(\S+?)>?\s*$", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
SETTING = re.compile(r"\bNEEDLEPOINT_[A-Z0-9]+(?:_[A-Z0-9]+)*\b")
# The settings' own file leaves the prefix to one function.
SETTING_READ = re.compile(r"\bget\(\s*\"([A-Z][A-Z0-9_]*)\"")
TARGET_USED = re.compile(r"(?:^|[`\s;&])make ([a-z][a-z-]*)")
TARGET_MADE = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def documents() -> list[Path]:
    """List every Markdown file of ours."""
    found: list[Path] = []
    for folder, inner, files in os.walk(ROOT):
        # Folders that others write to while we look are not entered at all.
        inner[:] = [name for name in inner if name not in SKIPPED]
        found += [Path(folder) / name for name in files if name.endswith(".md")]
    return sorted(found)


def prose_of(text: str) -> str:
    """Give the text without code, in which brackets are no links."""
    return CODE.sub("", FENCE.sub("", text))


def anchors_of(path: Path) -> set[str]:
    """Give the anchors that the usual Markdown viewers make from a file's headings."""
    anchors: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading))
        anchor = words.strip().lower().replace(" ", "-")
        repeated = sum(1 for made in anchors if re.fullmatch(re.escape(anchor) + r"(-\d+)?", made))
        anchors.add(f"{anchor}-{repeated}" if anchor in anchors else anchor)
    return anchors


def broken_links(path: Path) -> Iterator[str]:
    """Say which relative links of a file lead nowhere, or outside the repository."""
    prose = prose_of(path.read_text(encoding="utf-8"))
    for link in LINK.findall(prose) + REFERENCE.findall(prose):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        if not target.is_relative_to(ROOT):
            yield f"the link {link} leads out of the repository"
        elif not target.exists():
            yield f"the link {link} leads nowhere"
        elif anchor and target.suffix == ".md" and anchor not in anchors_of(target):
            yield f"the link {link} names no heading of its file"


def unknown_targets(path: Path, known: set[str]) -> Iterator[str]:
    """Say which make targets a file shows as code although there is no such target."""
    text = path.read_text(encoding="utf-8")
    code = [match.group() for match in FENCE.finditer(text)]
    code += CODE.findall(FENCE.sub("", text))
    for target in sorted({name for piece in code for name in TARGET_USED.findall(piece)} - known):
        yield f"there is no target for `make {target}`"


def undocumented_settings() -> Iterator[str]:
    """Say which settings the code reads that the page about settings does not name."""
    told = CONFIGURATION.read_text(encoding="utf-8") if CONFIGURATION.exists() else ""
    known = set(SETTING.findall(told))
    for path in sorted((ROOT / "app").rglob("*.py")):
        for name in sorted(settings_in(path) - known):
            yield f"{path.relative_to(ROOT)}: {name} is missing in docs/configuration.md"


def settings_in(path: Path) -> set[str]:
    """Give the full names of the settings that a file of the product reads or speaks of."""
    text = path.read_text(encoding="utf-8")
    short = SETTING_READ.findall(text) if path == ROOT / "app" / "config.py" else []
    return set(SETTING.findall(text)) | {f"NEEDLEPOINT_{name}" for name in short}


def findings() -> Iterator[str]:
    """Give one line for each thing that is wrong."""
    known = set(TARGET_MADE.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    for path in documents():
        for finding in (*broken_links(path), *unknown_targets(path, known)):
            yield f"{path.relative_to(ROOT)}: {finding}"
    yield from undocumented_settings()


def main() -> int:
    """Print the findings and give the exit code."""
    found = list(findings())
    for line in found:
        print(line)
    print(f"docs-check: {len(documents())} documents, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
