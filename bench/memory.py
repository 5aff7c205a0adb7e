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
import sys
from app import create_app
from app.config import read_settings
from app.documents.warm_up import warm_up
app = create_app(read_settings())
client = app.test_client()
for _ in range(int(sys.argv[1])):
    client.get("/sign-in")
for _ in range(20):
    with app.app_context():
        warm_up()
# The high-water mark of this program alone; getrusage() would remember the parent's.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) / 1024)
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
