"""How much memory a web worker holds after it has served for a while."""

import subprocess
import sys
from pathlib import Path

from flask import Flask

from app.config import Settings
from bench.figures import Figure
from demo.installation import environment

REQUESTS = 300
WORKER = """
import resource, sys
from app import create_app
from app.config import read_settings
app = create_app(read_settings())
client = app.test_client()
for _ in range(int(sys.argv[1])):
    client.get("/sign-in")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measure(_app: Flask, settings: Settings) -> list[Figure]:
    """Return the peak memory of a process that serves pages and has the renderer loaded."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(REQUESTS)],
        env={**environment(settings), "PATH": "/usr/bin:/bin"},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [Figure("peak memory of a web worker", float(done.stdout), "MB", 300)]
