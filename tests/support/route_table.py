"""The application's table of routes, read without a database."""

import re
from functools import cache
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app import blueprints, models

Cell = tuple[str, str]
# A name in a path, with or without its type.
CONVERTER = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")


@cache
def bare_app() -> Flask:
    """Return a Flask application that knows every route and can answer none."""
    models.load()
    app = Flask("routes", static_folder=None)
    app.config.update(API_TITLE="routes", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    blueprints.register(app)
    return app


def rules() -> list[Rule]:
    """Return every rule, in the order of its path."""
    return sorted(bare_app().url_map.iter_rules(), key=str)


def cells_below_a_clinic() -> list[Cell]:
    """Return (method, rule) of every route whose path names a clinic."""
    return [
        (method, str(rule))
        for rule in rules()
        if "clinic_id" in rule.arguments
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def is_for_programs(path: str) -> bool:
    """Return whether a path belongs to the API and not to the pages."""
    return path.startswith("/api/")


@cache
def api_document() -> dict[str, Any]:
    """Return the OpenAPI document as the product prints it."""
    document: dict[str, Any] = (
        bare_app().extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    )
    return document
