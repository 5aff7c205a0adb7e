"""The list of every room's blueprints: what the application answers to, in one look."""

from importlib import import_module

from flask import Flask
from flask_smorest import Api
from flask_smorest import Blueprint as ApiBlueprint

# "module:attribute", in the order of the floors.
BLUEPRINTS = (
    "app.health:bp",
    "app.auth.pages:bp",
    "app.auth.routes:bp",
    "app.tenants.routes:bp",
    "app.patients.routes:bp",
    "app.catalogue.routes:bp",
    "app.plans.routes:bp",
)
# Modules that register job handlers or commands when they are imported.
JOBS = ("app.messaging.jobs",)
COMMANDS = ("app.database.cli:bp", "app.jobs.cli:bp", "app.tenants.cli:bp", "app.documents.cli:bp")


def register(app: Flask) -> None:
    """Register every blueprint and import every job handler."""
    api = Api(app)
    for dotted in (*BLUEPRINTS, *COMMANDS):
        module, _, attribute = dotted.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, ApiBlueprint):
            api.register_blueprint(found)
        else:
            app.register_blueprint(found)
    for module in JOBS:
        import_module(module)
