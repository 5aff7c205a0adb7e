"""Needlepoint: what microneedling clinics run on."""

from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine

import app.models
from app import blueprints, error_handlers, logs, page_speech, pages_setup, static_files, web
from app.auth import passwords
from app.config import Settings
from app.database import db
from app.database.startup import refuse_unsafe_database
from app.documents import true_time
from app.documents.setup import open_sealers, open_stamp_authority
from app.documents.stamping import machine_time
from app.messaging.text_messages import TextMessages
from app.messaging.transport import ByChannel, OutboxOnly, Smtp, Transport
from app.storage.object_store import open_store
from app.vault import KeyRing, ShredList, shred_list_key

ROOT = Path(__file__).parent.parent
LARGEST_BODY = 2 * 1024 * 1024


def create_app(settings: Settings) -> Flask:
    """Build the application: config → extensions → blueprints → error handlers → edge.

    Raises UnsafeDatabase when the server or the role is not one that the walls hold against.
    """
    logs.configure()
    app.models.load()
    flask_app = web.NeedlepointApp(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    flask_app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.mode == "test",
        SETTINGS=settings,
        IDLE_SECONDS=settings.idle_seconds,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": 8,
            "max_overflow": 8,
            "pool_pre_ping": True,
            "connect_args": {"connect_timeout": 5},
        },
        API_TITLE="Needlepoint",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
    )
    db.init_app(flask_app)
    with flask_app.app_context(), db.engine.connect() as connection:
        refuse_unsafe_database(connection)
    _add_extensions(flask_app, settings)
    blueprints.register(flask_app)
    error_handlers.register(flask_app)
    pages_setup.register(flask_app)
    page_speech.register(flask_app)
    static_files.register(flask_app, may_change=settings.mode == "local")
    web.register(flask_app, trusted_proxies=settings.trusted_proxies)
    return flask_app


def _add_extensions(flask_app: Flask, settings: Settings) -> None:
    keys = create_engine(settings.keys_url, pool_size=4, max_overflow=4, pool_pre_ping=True)
    flask_app.extensions["needlepoint_keys"] = KeyRing(keys, bytes.fromhex(settings.root_key_hex))
    flask_app.extensions[passwords.EXTENSION] = passwords.Hashing()
    flask_app.extensions["needlepoint_store"] = open_store(settings.storage_url)
    flask_app.extensions["needlepoint_shreds"] = ShredList(
        open_store(settings.shred_list_url), shred_list_key(bytes.fromhex(settings.root_key_hex))
    )
    flask_app.extensions["needlepoint_anchors"] = open_store(settings.anchor_url)
    flask_app.extensions["needlepoint_sealers"] = open_sealers(settings)
    flask_app.extensions["needlepoint_stamps"] = open_stamp_authority(settings)
    flask_app.extensions[true_time.EXTENSION] = machine_time
    flask_app.extensions["needlepoint_transport"] = _way_out(settings)


def _way_out(settings: Settings) -> Transport:
    """Return how messages leave: by mail, by text message, or into the outbox page alone."""
    ways: list[Transport] = []
    if settings.smtp_url:
        ways.append(Smtp(settings.smtp_url, settings.mail_from))
    if settings.sms_url:
        ways.append(TextMessages(settings.sms_url, settings.sms_from))
    return ByChannel(*ways) if ways else OutboxOnly()


def forget_connections(flask_app: Flask) -> None:
    """Start with empty pools in a forked process; the parent keeps its own connections."""
    with flask_app.app_context():
        db.engine.dispose(close=False)
    flask_app.extensions["needlepoint_keys"].forget_connections()


def close_app(flask_app: Flask) -> None:
    """Give every pooled connection back to the server."""
    with flask_app.app_context():
        db.engine.dispose()
    flask_app.extensions["needlepoint_keys"].close()
