"""The WSGI entry point: ``gunicorn wsgi:app`` or ``flask --app wsgi …``."""

import os

from app import create_app, runtime
from app.config import read_settings
from app.documents.warm_up import warm_up_beside

app = create_app(runtime.prepare(read_settings()))
# A command needs no renderer; a web worker will.
if "gunicorn" in os.environ.get("SERVER_SOFTWARE", ""):
    warm_up_beside()
