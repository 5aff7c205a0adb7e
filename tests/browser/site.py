"""A small web server on 127.0.0.1 that shows our templates and plays the other side of our scripts.

It answers as the product does, keeps what it was sent, and can be told to fail.
"""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, request
from jinja2 import StrictUndefined
from werkzeug.serving import make_server

from app import page_speech
from tests.browser import sample_form, samples
from tests.support.whole_answers import whole_answers

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "link": ("signing/link.html", samples.LINK),
    "identity": ("signing/identity.html", samples.IDENTITY),
    "electronic": ("signing/electronic.html", samples.ELECTRONIC),
    "questions": ("signing/questions.html", sample_form.QUESTIONS),
    "hold": ("signing/hold.html", samples.HOLD),
    "read": ("signing/read.html", sample_form.READ),
    "understood": ("signing/understood.html", samples.UNDERSTOOD),
    "sign": ("signing/sign.html", samples.SIGN),
    "receipt": ("signing/receipt.html", samples.RECEIPT),
    "neutral": ("signing/neutral.html", samples.NEUTRAL),
    "changed": ("signing/changed.html", samples.CHANGED),
    "notsigned": ("signing/notsigned.html", samples.NOTSIGNED),
    "styleguide": ("styleguide.html", samples.STYLEGUIDE),
}
VARIANTS: dict[str, dict[str, Any]] = {
    "identity-wrong": {
        "errors": [
            {"field": "code", "message": "That code has expired. We have sent you a new one"},
            {"field": "birth", "message": "Enter your date of birth, for example 27 3 1988"},
        ],
    },
    "identity-send": {"code_sent": False},
    "questions-wrong": {
        "errors": [{"field": "pregnancy", "message": "Say whether you are, or could be, pregnant"}],
    },
    "questions-returning": {
        "returning": {
            "since": "14 March 2026",
            "items": [
                {"label": "Medicines", "value": "None"},
                {"label": "Allergies", "value": "Nickel (contact only)"},
            ],
            "value": None,
        },
    },
    "sign-wrong": {
        "errors": [
            {"field": "full_name", "message": "Enter your full name"},
            {"field": "ink", "message": "Draw your signature, or use your typed name"},
        ],
    },
    "hold-clinic": {"in_clinic": True, "clinic": samples.CLINIC | {"accent": "heather"}},
    "neutral-sent": {"sent": True},
    "read-rtl": {"lang": "ar", "dir": "rtl"},
    "sign-known": {"autosave": samples.AUTOSAVE | {"sequence": 9}},
    "sign-shared": {"autosave": samples.AUTOSAVE | {"shared_device": True}},
}
NAMES = [*PAGES, *(name for name in VARIANTS if name not in {"sign-known", "sign-shared"})]


@dataclass
class Site:
    """What the server was sent, and how it answers."""

    drafts: list[dict[str, Any]] = field(default_factory=list)
    posts: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    exchanges: list[Any] = field(default_factory=list)
    draft_status: int = 200
    exchange_status: int = 200
    stored: int = 4
    slow: threading.Event | None = None
    url: str = ""

    def page(self, name: str) -> str:
        """Return the address of a sample page or of one of its variants."""
        return f"{self.url}/page/{name}"


def build_app(site: Site) -> Flask:
    """Return the web application that fills a Site."""
    app = Flask(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.jinja_env.undefined = StrictUndefined
    page_speech.register(app)

    @app.get("/page/<name>")
    def page(name: str) -> str:
        template, context = PAGES[name.partition("-")[0]]
        return render_template(template, **context | VARIANTS.get(name, {}))

    @app.put("/draft")
    def draft() -> tuple[Response, int]:
        body = request.get_json()
        site.drafts.append(body | {"headers": dict(request.headers)})
        if site.draft_status != 200:
            return jsonify(title="no"), site.draft_status
        if body["sequence"] <= site.stored:
            return jsonify(sequence=site.stored), 409
        site.stored = body["sequence"]
        return jsonify(sequence=site.stored, saved_at="2026-11-21T14:03:00Z"), 200

    @app.post("/exchange")
    def exchange() -> tuple[Response, int]:
        site.exchanges.append(request.get_json())
        return jsonify(location="/page/identity"), site.exchange_status

    @app.post("/post/<name>")
    def post(name: str) -> Any:
        site.posts.append((name, request.form.to_dict(flat=False)))
        if site.slow:
            site.slow.wait(timeout=10)
        return redirect("/page/receipt", 303)

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def serve(site: Site) -> Any:
    """Serve a Site on a free port from a thread of its own; returns the server, to be shut down."""
    server = make_server("127.0.0.1", 0, whole_answers(build_app(site)), threaded=True)
    site.url = f"http://127.0.0.1:{server.server_port}"
    # A short poll, since a test waits for it when it shuts the server down.
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server
