"""The outbox: what the clinic has sent, to whom, and whether it left."""

import re

from flask import Blueprint, current_app, render_template, request
from markupsafe import Markup, escape

from app.audit.places import read_place, write_place
from app.auth.guards import guard
from app.auth.permissions import Permission
from app.database import TenantScope
from app.messaging import queries
from app.messaging.services import read_message
from app.messaging.templates import READABLE_BY_STAFF

bp = Blueprint("messaging_pages", __name__, url_prefix="/clinics/<uuid:clinic_id>")
MOST = 50
LINK = re.compile(r"https?://[^\s<>\"']+")
STATES = {
    "queued": ("Waiting to be sent", "wait"),
    "sent": ("Sent", "good"),
    "failed": ("Could not be sent", "stop"),
}


@bp.get("/outbox")
@guard(Permission.OUTBOX_READ)
def show_outbox(scope: TenantScope) -> str:
    """Show the newest messages, or those before a place, with their state in words."""
    settings = current_app.config["SETTINGS"]
    before = request.args.get("before", "")
    found = queries.page_messages(scope, before=read_place(before), size=MOST)
    last = found[-1] if len(found) == MOST else None
    shown = [
        {
            "message": message,
            "letter": read_message(scope, message),
            "state": STATES[message.state],
            "is_secret": settings.is_production and message.template not in READABLE_BY_STAFF,
        }
        for message in found
    ]
    return render_template(
        "messaging/outbox.html",
        shown=shown,
        following=write_place((last.created_at, last.id) if last else None),
        is_first=not before,
        leaves=bool(settings.smtp_url),
        with_links=with_links,
        zones=queries.map_zones(scope),
    )


def with_links(text: str) -> Markup:
    """Return a text with its web addresses as links, everything else escaped."""
    parts: list[str] = []
    end = 0
    for found in LINK.finditer(text):
        address = escape(found[0].rstrip(".,;:)"))
        parts += [escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.start() + len(found[0].rstrip(".,;:)"))
    parts.append(escape(text[end:]))
    return Markup("").join(Markup(part) for part in parts)  # noqa: S704  # each part was escaped
