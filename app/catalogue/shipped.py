"""The catalogue that comes with the product, read from the YAML files beside this module.

A clinic approves and stores it as canonical JSON; from then on the clinic's stored text counts, not
these files.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import yaml

from app.catalogue.content import Catalogue
from app.catalogue.loader import load_catalogue
from app.catalogue.reading import ContentRefused

_DATA = Path(__file__).parent / "data"


def canonical_json(raw: object) -> str:
    """Return JSON with sorted keys, no blanks and unescaped Unicode: one text for one content."""
    return json.dumps(raw, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256_of(text: str) -> bytes:
    """Return the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8")).digest()


@cache
def shipped_catalogue() -> tuple[str, Catalogue]:
    """Return the shipped catalogue as canonical JSON and as values; raises ContentRefused."""
    text = canonical_json({**read_data_folder(_DATA), "locales": read_locales(_DATA / "locale")})
    return text, catalogue_from_json(text)


@lru_cache(maxsize=64)
def catalogue_from_json(text: str) -> Catalogue:
    """Return the catalogue stored as JSON; raises ContentRefused.

    Reading takes some milliseconds, and both text and value never change, so results are kept.
    """
    raw = json.loads(text)
    if not isinstance(raw, Mapping):
        raise ContentRefused("A catalogue is a mapping.")
    return load_catalogue(raw)


def read_locales(folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    """Return the texts of every language that has a folder of its own, by language and kind."""
    return {one.name: _read_texts(one) for one in sorted(folder.iterdir()) if one.is_dir()}


def _read_texts(folder: Path) -> dict[str, dict[str, object]]:
    told: dict[str, dict[str, object]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for kind, things in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            present = told.setdefault(kind, {})
            for name in sorted(present.keys() & things.keys()):
                raise ContentRefused(f"{path.name} tells '{kind}.{name}' a second time.")
            present.update(things)
    return told


def read_data_folder(folder: Path) -> dict[str, object]:
    """Return the YAML files of a folder as one mapping; lists under the same key are joined."""
    merged: dict[str, object] = {}
    for path in sorted(folder.glob("*.yaml")):
        for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            present = merged.get(key)
            if isinstance(present, list) and isinstance(value, list):
                merged[key] = present + value
            elif present is None:
                merged[key] = value
            else:
                raise ContentRefused(f"{path.name} says '{key}' a second time.")
    return merged
