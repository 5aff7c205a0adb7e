"""How the web server runs: loaded once, forked, and every worker warmed up before a patient signs.

``gunicorn wsgi:app`` reads this file by itself. Bind elsewhere with ``--bind``; put a proxy with
TLS in front and say so with NEEDLEPOINT_TRUSTED_PROXIES.
"""

import gc
from typing import Any

bind = "127.0.0.1:8410"
workers = 2
threads = 4
timeout = 60
preload_app = True
control_socket_disable = True


def when_ready(_server: Any) -> None:
    """Set what the workers share apart: looking through it for garbage would stop a signature for
    half a second now and then, and copy its memory into every worker."""
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, worker: Any) -> None:
    """Leave the parent's connections alone, and warm the renderer up in a thread."""
    from app import forget_connections  # noqa: PLC0415 - known only once the app is loaded
    from app.documents.warm_up import warm_up_beside  # noqa: PLC0415 - the same

    forget_connections(worker.app.wsgi())
    warm_up_beside()
