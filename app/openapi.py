"""Completes the OpenAPI document with what guards and decorators know about each route.

Nobody writes these by hand, so the document cannot forget a status: who is let in, which headers a
request needs and how it may be refused follow from the decorators that enforce them.
"""

from typing import Any

from apispec import BasePlugin
from flask import Flask
from flask_smorest import Api
from marshmallow import Schema, fields
from werkzeug.routing import Rule

from app.auth.permissions import Permission

PROBLEM = "application/problem+json"
UNSAFE = frozenset({"post", "put", "patch", "delete"})
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "Fresh for each act; the same key with the same body is answered once.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 200},
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The version that was read, as in “3”.",
    "schema": {"type": "string", "pattern": '^"?[0-9]{1,9}"?$'},
}
WORDS = {
    400: "The request is not well formed, or a header that it needs is missing",
    401: "Nobody is signed in, or the second factor has to be shown first",
    403: "Not allowed here, or without the page's own token",
    404: "There is no such thing in this clinic",
    409: "It cannot be done in this state; `code` says why",
    410: "The link or code no longer works",
    412: "Somebody else changed it in the meantime",
    413: "Too large",
    415: "Not of the kind that is taken here",
    422: "What was sent cannot be accepted; `fields` says where and why",
    429: "Too many tries",
    503: "A part that is needed is down; send the same request again",
}


class Problem(Schema):
    """Why a request was refused (RFC 9457). Codes add members, such as `fields`."""

    class Meta:
        """Every code may add members of its own."""

        unknown = "include"

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Act on this one."})
    detail = fields.String(required=True)
    request_id = fields.String(required=True)


class HouseApi(Api):  # type: ignore[misc]  # the library ships no types
    """The library's API without its own shape of errors."""

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = None


class Decorators(BasePlugin):
    """Writes headers, security and refusals of an operation from the view's decorators."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.spec: Any = None

    def init_spec(self, spec: Any) -> None:
        """Remember the document and name the two halves of a staff member's key."""
        self.spec = spec
        schemes = {"cookie": "__Host-needlepoint", "header": "X-CSRF-Token"}
        for place, name in schemes.items():
            scheme = {"type": "apiKey", "in": place, "name": name}
            spec.components.security_scheme(f"staff_{place}", scheme)

    def operation_helper(
        self, path: str | None = None, operations: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        """Complete each operation of a rule."""
        rule: Rule = kwargs["rule"]
        view = self.app.view_functions[rule.endpoint]
        for method, operation in (operations or {}).items():
            self._complete(view, method, operation, bool(rule.arguments))

    def _complete(self, view: Any, method: str, operation: dict[str, Any], has_ids: bool) -> None:
        guard = getattr(view, "__guard__", "public")
        if isinstance(guard, Permission) or guard == "signed_in":
            operation["security"] = [{"staff_cookie": []}]
            if method in UNSAFE:
                operation["security"] = [{"staff_cookie": [], "staff_header": []}]
        headers = operation.setdefault("parameters", [])
        if getattr(view, "__idempotent__", False):
            headers.append(IDEMPOTENCY_KEY)
        if getattr(view, "__versioned__", False):
            headers.append(IF_MATCH)
        for status in sorted(refusals(view, method, operation, has_ids)):
            operation["responses"][str(status)] = {
                "description": WORDS[status],
                "content": {PROBLEM: {"schema": self._problem()}},
            }

    def _problem(self) -> dict[str, str]:
        if "Problem" not in self.spec.components.schemas:
            self.spec.components.schema("Problem", schema=Problem)
        return {"$ref": "#/components/schemas/Problem"}


def refusals(view: Any, method: str, operation: dict[str, Any], has_ids: bool) -> set[int]:
    """Return every status with which an operation may be refused."""
    guard = getattr(view, "__guard__", "public")
    # What the view itself names beyond these is told as a problem, too.
    found = {409, 503} | {int(told) for told in operation["responses"] if int(told) >= 400}
    if isinstance(guard, Permission) or guard == "signed_in":
        found |= {401, 403}
    elif guard == "public":
        found |= {401, 410, 429}
    else:
        found |= {403, 410}
    if has_ids:
        found |= {404}
    if method in UNSAFE:
        found |= {400, 413, 415, 422, 429}
    if operation.get("requestBody") or operation.get("parameters"):
        found |= {422}
    if getattr(view, "__versioned__", False):
        found |= {412}
    return found
