"""Between one clause of a wording and the fields of the page on which it is edited."""

import json
from typing import Any

from app.consent.forms.editing import Raw
from app.consent.forms.lint import PLACEHOLDER_NAMES
from app.forms import Form

LONGEST_TEXT = 4000
MOST_OPTIONS = 5
# How the kinds of clauses are called in front of whoever writes a form, and what each is for.
KIND_WORDS: dict[str, tuple[str, str]] = {
    "paragraph": ("Text", "A paragraph in plain words."),
    "list": ("Points", "A list, or one that the plan or the catalogue fills."),
    "heading": ("Small heading", "Inside a section."),
    "facts": ("Facts of the plan", "Treatment, areas, depths, price: filled from the plan."),
    "risk": ("Risks", "Those that you choose from the catalogue, or those of this patient."),
    "benefit": ("Benefit", "What it can do, with {honest} from the catalogue."),
    "alternative": ("Another way", "What else there is, and doing nothing."),
    "aftercare": ("Afterwards", "Your points, then the catalogue’s for this plan."),
    "question": ("Question", "Checks what was understood; one answer is right."),
    "acknowledgement": ("Box to tick", "One sentence that the patient agrees to."),
    "signature": ("Place to sign", "The sentence above the signature, once in a form."),
}
FILLS = {
    "plan": "The facts of the plan",
    "never_treat": "What is never treated",
    "off_label": "What goes beyond the device’s label (left out where nothing does)",
    "on_label": "The text, only where the plan stays within the label",
    "emergency_signs": "The signs of an emergency",
}
GROUPS = {
    "personal": "More likely for this patient (the answers choose them)",
    "serious": "Serious, even if it happens to few",
    "usual": "Usual or passing",
}
FILLED_KINDS = ("paragraph", "list", "facts")
_WORDLESS = ("facts", "risk")


def typed_of(block: Raw) -> dict[str, Any]:
    """Return a clause's values as the fields of its page."""
    fields: dict[str, Any] = {
        name: block.get(name, "") for name in ("title", "text", "explanation")
    }
    fields["risks"] = block.get("risks", [])
    fields["fill"], fields["group"] = block.get("fill", ""), block.get("group", "")
    fields["do_nothing"] = "yes" if block.get("do_nothing") else "no"
    fields["needs"] = ", ".join(block.get("needs", []))
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
    if block["kind"] == "risk":
        values |= _risks(form, block)
    if block["kind"] in FILLED_KINDS and "fill" in form.sent:
        values["fill"] = form.choice("fill", ("", *FILLS), "Choose one of these.")
    if block["kind"] == "alternative" and "do_nothing" in form.sent:
        values["do_nothing"] = form.typed("do_nothing") == "yes"
    if block["kind"] == "question":
        values |= {
            "explanation": form.optional("explanation", most=LONGEST_TEXT) or "",
            "options": _options(form, block),
        }
    if "needs" in form.sent:
        values["needs"] = _needs(form)
    when = form.optional("when", most=LONGEST_TEXT) or ""
    values["when"] = _condition(form, when)
    form.check()
    return values


def new_block(form: Form, kind: str, clause: str) -> Raw:
    """Return what was typed as a new clause; one that says nothing is refused."""
    values = values_of(form, {"kind": kind})
    says = any(values.get(one) for one in ("text", "title", "items", "fill"))
    if not says and kind not in _WORDLESS:
        form.fail("text", "Enter the text.")
    if kind == "risk" and not values.get("group"):
        form.fail("group", "Choose which risks it tells.")
    form.check()
    return {"id": clause, "kind": kind, **{name: one for name, one in values.items() if one}}


def _risks(form: Form, block: Raw) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "group" in form.sent:
        values["group"] = form.choice("group", tuple(GROUPS), "Choose which risks it tells.")
    is_personal = values.get("group", block.get("group")) == "personal"
    return values | {"risks": [] if is_personal else form.chosen("risks")}


def _needs(form: Form) -> list[str]:
    typed = (form.optional("needs", most=300) or "").replace("{", " ").replace("}", " ")
    names = typed.replace(",", " ").split()
    unknown = next((one for one in names if one not in PLACEHOLDER_NAMES), None)
    if unknown is not None:
        form.fail("needs", f"There is no value called “{unknown}”.")
    return names


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
