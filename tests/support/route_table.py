"""The application's table of routes, read without a database."""

from functools import cache

from flask import Flask
from werkzeug.routing import Rule

from app import blueprints, models

Cell = tuple[str, str]


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
