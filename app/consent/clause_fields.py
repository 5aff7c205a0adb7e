"""Between one clause of a wording and the fields of the page on which it is edited."""

import json
from typing import Any

from app.consent.form_editing import Raw
from app.forms import Form

LONGEST_TEXT = 4000
MOST_OPTIONS = 5


def typed_of(block: Raw) -> dict[str, Any]:
    """Return a clause's values as the fields of its page."""
    fields: dict[str, Any] = {
        name: block.get(name, "") for name in ("title", "text", "explanation")
    }
    fields["risks"] = block.get("risks", [])
    fields["items"] = "\n".join(block.get("items", []))
    fields["when"] = json.dumps(block["when"], ensure_ascii=False) if block.get("when") else ""
    for number, option in enumerate(block.get("options", []), start=1):
        fields[f"option_{number}"] = option["text"]
        if option.get("correct"):
            fields["correct"] = str(number)
    return fields


def values_of(form: Form, block: Raw) -> dict[str, Any]:
    """Return what was typed as the values of a clause; each kind has its own fields."""
    values: dict[str, Any] = {
        "title": form.optional("title", most=300) or "",
        "text": form.optional("text", most=LONGEST_TEXT) or "",
    }
    if block["kind"] in ("list", "aftercare"):
        lines = (form.optional("items", most=LONGEST_TEXT) or "").splitlines()
        values["items"] = [line.strip() for line in lines if line.strip()]
    if block["kind"] == "risk" and block.get("group") != "personal":
        values["risks"] = form.chosen("risks")
    if block["kind"] == "question":
        values |= {
            "explanation": form.optional("explanation", most=LONGEST_TEXT) or "",
            "options": _options(form, block),
        }
    when = form.optional("when", most=LONGEST_TEXT) or ""
    values["when"] = _condition(form, when)
    form.check()
    return values


def _options(form: Form, block: Raw) -> list[Raw]:
    known = [one["id"] for one in block.get("options", [])]
    found = []
    for number in range(1, MOST_OPTIONS + 1):
        text = form.optional(f"option_{number}", most=300)
        if text:
            name = known[number - 1] if number <= len(known) else "abcde"[number - 1]
            right = {"correct": True} if form.typed("correct") == str(number) else {}
            found.append({"id": name, "text": text, **right})
    return found


def _condition(form: Form, text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        form.fail("when", "This is not a condition. Leave it as it was, or empty for everybody.")
        return None
