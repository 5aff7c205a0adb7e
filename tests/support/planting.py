"""Type a marker into every text field of the API and of the pages, to see where it turns up.

Bodies are made from the product's own OpenAPI document and forms from the pages themselves, so that
a new field is planted as soon as it exists.
"""

import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.support.route_table import api_document

MARKER = "zaubermarke"
TYPED = f"{MARKER.capitalize()} isst Äpfel"
ADDRESS = f"{MARKER}@clinic.example"
DAY = "2027-03-04"
TEXT_KINDS = frozenset({"text", "search", "email", "tel", "textarea", "number", ""})


def body_of(path: str, method: str, ids: dict[str, str]) -> Any:
    """Return a body that fits the document, the marker in every text."""
    operation = api_document()["paths"][path][method]
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return _value(schema, "", ids) if schema else {}


def _value(schema: dict[str, Any], name: str, ids: dict[str, str]) -> Any:
    if "$ref" in schema:
        schema = api_document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    for word in ("oneOf", "anyOf", "allOf"):
        if word in schema:
            return _value(schema[word][0], name, ids)
    if "enum" in schema:
        return next(one for one in schema["enum"] if one is not None)
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "object":
        return {key: _value(one, key, ids) for key, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [_value(schema.get("items", {}), name.removesuffix("s"), ids)]
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return True
    return _text(schema, name, ids)


def _text(schema: dict[str, Any], name: str, ids: dict[str, str]) -> str:
    known = {
        "uuid": ids.get(name) or ids.get(f"{name}_id") or str(uuid.uuid4()),
        "date": "1990-05-17" if "birth" in name else DAY,
        "date-time": f"{DAY}T12:00:00+00:00",
        "email": ADDRESS,
    }
    if schema.get("format") in known:
        return known[schema["format"]]
    if "pattern" in schema or name in {"zone", "currency", "jurisdiction", "market"}:
        return str(schema.get("default") or _place(name))
    if "phone" in name:
        return "+447700900199"
    return ADDRESS if "email" in name else TYPED[: schema.get("maxLength", len(TYPED))]


def _place(name: str) -> str:
    return {"zone": "Europe/London", "currency": "GBP", "jurisdiction": "GB-SCT"}.get(name, "UK")


@dataclass
class FoundForm:
    """A form of a page: where it goes and what is sent with everything filled in."""

    action: str
    values: dict[str, str | list[str]] = field(default_factory=dict)
    planted: int = 0


class FormReader(HTMLParser):
    """Reads the posting forms of a page and fills every field."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.forms = path, list[FoundForm]()
        self._form: FoundForm | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or fill a field of the one that is open."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "get").lower() == "post":
            self._form = FoundForm(given.get("action") or self.path)
            self.forms.append(self._form)
        elif self._form is not None and tag == "select":
            self._select = given.get("name", "")
        elif self._form is not None and tag == "option" and self._select:
            if given.get("value") and self._select not in self._form.values:
                self._form.values[self._select] = given["value"]
        elif self._form is not None and tag in {"input", "textarea"} and given.get("name"):
            self._fill(self._form, given, "textarea" if tag == "textarea" else "")

    def handle_endtag(self, tag: str) -> None:
        """Note that a form or a list has ended."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def _fill(self, form: FoundForm, given: dict[str, str], kind: str) -> None:
        name, kind = given["name"], kind or given.get("type", "text")
        if kind in {"radio", "checkbox"}:
            form.values.setdefault(name, given.get("value", "on"))
        elif kind == "hidden":
            form.values[name] = given.get("value", "")
        elif kind == "date":
            form.values[name] = DAY
        elif kind in TEXT_KINDS and given.get("inputmode") in {"numeric", "decimal"}:
            part = name.rsplit("_", 1)[-1]
            usual = {"day": "4", "month": "3", "year": "2027"}.get(part, "1")
            form.values[name] = given.get("value") or usual
        elif kind in TEXT_KINDS:
            form.values[name] = ADDRESS if "email" in name or kind == "email" else TYPED
            form.planted += 1
