"""A request for programs that takes no body gets none: what is sent along is refused by its name.

A schema names every field that it does not know. A route without a schema would drop them all, and
a program whose "price" or "id" was dropped would believe that it counted.
"""

import json
from collections.abc import Callable
from typing import Any

from flask import current_app, request

from app.auth.csrf import SAFE_METHODS
from app.errors import Invalid

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# Fewer opening brackets than this cannot be too deep for a reader.
MOST_PARTS = 500
# What a form says about itself and not about the act.
OF_EVERY_FORM = frozenset({"csrf_token", "idempotency_key"})
IN_A_BODY = frozenset({"json", "form", "files", "json_or_form"})


def takes_no_body(view: Callable[..., Any]) -> bool:
    """Return whether a view is for programs, by its own document, and has no schema for a body."""
    return _bodies_of(view) == frozenset()


def takes_files_alone(view: Callable[..., Any]) -> bool:
    """Return whether a view for programs has a schema for files and none for fields beside them."""
    return _bodies_of(view) == frozenset({"files"})


def _bodies_of(view: Callable[..., Any]) -> frozenset[str] | None:
    """Return where a view for programs looks for a body; None for a page."""
    documented = getattr(view, "_apidoc", None)
    if documented is None:
        return None
    parameters = documented.get("arguments", {}).get("parameters", ())
    return frozenset(one["in"] for one in parameters) & IN_A_BODY


def refuse_unreadable_body() -> None:
    """Raise Invalid for JSON that lies too deep in itself, or holds half of a character."""
    if not request.is_json:
        return
    sent = request.get_data(cache=True)
    if sent.count(b"[") + sent.count(b"{") <= MOST_PARTS and b"\\ud" not in sent.lower():
        return
    try:
        json.dumps(json.loads(sent), ensure_ascii=False).encode()
    except RecursionError:
        raise Invalid("What was sent has parts too deep in each other.") from None
    except UnicodeEncodeError:
        raise Invalid("What was sent holds half of a character.") from None
    except ValueError:
        return  # Whoever reads it says what is wrong with it.


def refuse_needless_body() -> None:
    """Raise Invalid where the running request brings fields to a route that takes none."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    fields, told, wrong = list[str](), "Send this request without a body.", "Unknown field."
    if takes_no_body(view):
        fields = _sent_fields()
    elif takes_files_alone(view):
        fields = sorted({*request.form} - OF_EVERY_FORM)
        told, wrong = "Send the files alone.", "Only files are taken here."
    if fields:
        raise Invalid(told, fields={name: [wrong] for name in fields})


def _sent_fields() -> list[str]:
    if request.mimetype in FORMS:
        return sorted({*request.form, *request.files} - OF_EVERY_FORM)
    if not request.get_data(cache=True):
        return []
    sent = request.get_json(force=True, silent=True)
    return sorted(sent) if isinstance(sent, dict) else ["body"]
