"""Where Stripe's API differs from the OpenAPI document that we judge by, each with its reason.

The document is 2026-05-27.dahlia; the SDK speaks 2026-10-28.endive. Whatever is not in this table
must be as the document says. A test compares the table with the installed SDK.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_METHODS: Json = {"type": "array", "nullable": True, "items": {"type": "string"}}
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Difference:
    """One difference; ``newest_only`` means that it came after the document was written."""

    reason: str
    change: Callable[[Json], None]
    newest_only: bool


def _rename_method_list(document: Json) -> None:
    fields = _request_fields(document, "/v1/checkout/sessions")
    fields["allowed_payment_method_types"] = fields.pop("payment_method_types")


def _show_method_list(document: Json) -> None:
    for name in ("checkout.session", "payment_intent"):
        properties = document["components"]["schemas"][name]["properties"]
        properties["allowed_payment_method_types"] = _METHODS


def _add_versions(document: Json) -> None:
    for name in ("2026-09-30.endive", "2026-10-28.endive"):
        _request_fields(document, "/v1/webhook_endpoints")["api_version"]["enum"].append(name)


def _allow_null_in_accounts(document: Json) -> None:
    _optional_is_nullable(document["components"]["schemas"]["v2.core.account"])


def _optional_is_nullable(schema: Json) -> None:
    for name, part in schema.get("properties", {}).items():
        if name not in schema.get("required", []):
            part["nullable"] = True
        _optional_is_nullable(part)


def _request_fields(document: Json, path: str) -> Json:
    content = document["paths"][path]["post"]["requestBody"]["content"]
    fields: Json = content[_FORM]["schema"]["properties"]
    return fields


DIFFERENCES = (
    Difference(
        "Endive renamed payment_method_types of a new Checkout Session (SDK 16 changelog).",
        _rename_method_list,
        newest_only=True,
    ),
    Difference(
        "Endive shows the renamed list in the Session and the PaymentIntent (SDK 16.1 classes).",
        _show_method_list,
        newest_only=True,
    ),
    Difference(
        "The list of API versions ends at the document's own; the SDK asks for a newer one.",
        _add_versions,
        newest_only=False,
    ),
    Difference(
        "Accounts v2 sends null for what was not asked for with include, or is not set; the "
        "document only leaves such fields out of `required` (SDK classes: Optional).",
        _allow_null_in_accounts,
        newest_only=False,
    ),
)


def apply_overlay(document: Json, *, newest: bool) -> None:
    """Change a copy of the document in place, for the newest version or for its own."""
    for difference in DIFFERENCES:
        if newest or not difference.newest_only:
            difference.change(document)
