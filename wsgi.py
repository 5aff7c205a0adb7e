"""The WSGI entry point: ``gunicorn wsgi:app`` or ``flask --app wsgi …``."""

from app import create_app, runtime
from app.config import read_settings

app = create_app(runtime.prepare(read_settings()))
