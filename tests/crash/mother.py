"""A warmed-up process that has a child for each request; a child may be told when to die.

Run as a program: settings as JSON, then one request a line. Each answer is a line as well: how the
child ended. Nothing is fetched from a store before the first child: its library cannot be forked.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app, forget_connections
from app.auth import passwords
from app.config import Settings
from app.documents.warm_up import warm_up
from tests.crash.steps import Steps

SAYS = "mother: "


def send(app: Flask, order: dict[str, Any]) -> int:
    """Send one request as the browser that holds these cookies; return the status."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = order["address"]
    for name, value in order["cookies"].items():
        client.set_cookie(name, value)
    answer = client.post(
        order["path"], data=order["data"], json=order["json"], headers=order["headers"]
    )
    return answer.status_code


def live(app: Flask, order: dict[str, Any]) -> None:
    """Be the child: send the request, count its steps, write the status at the end."""
    forget_connections(app)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    steps = Steps(log, order["dies_at"])
    steps.watch()
    status = send(app, order)
    os.write(log, f"status {status}\n".encode())


def main() -> None:
    """Warm up, say so, and have children until nobody asks for more."""
    values = json.loads(sys.argv[1])
    app = create_app(Settings(**{**values, "home": Path(values["home"])}))
    app.extensions[passwords.EXTENSION] = passwords.Hashing(time_cost=1, memory_kib=8)
    warm_up()
    forget_connections(app)
    sys.stdout.write(f"{SAYS}ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                live(app, json.loads(line))
            finally:
                os._exit(0)
        _, ended = os.waitpid(child, 0)
        by = os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else 0
        sys.stdout.write(f"{SAYS}{by}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
