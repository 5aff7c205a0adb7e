"""A signing request with the stock renderer, while another signer is at work beside it."""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app.config import Settings
from bench.figures import Figure, p95, timed
from demo.installation import environment
from tests.factories.consent import MadeConsent, make_read_consent, sign
from tests.factories.plans import make_discussed_plan

EACH = 20
ROOT = Path(__file__).parent.parent


def measure(_app: Flask, settings: Settings) -> list[Figure]:
    """Return how long a patient waits from pressing "Sign" to a sealed, stamped, stored file."""
    sign(make_read_consent(make_discussed_plan()))  # The first one warms the renderer up.
    waiting = [make_read_consent(make_discussed_plan()) for _ in range(EACH)]
    alone = [_seconds(one) for one in waiting[: EACH // 4]]
    with _another_signer(settings):
        beside = [_seconds(one) for one in waiting[EACH // 4 :]]
    return [
        Figure("signing alone, median", statistics.median(alone), "s"),
        Figure("signing beside another signer, median", statistics.median(beside), "s"),
        Figure("signing beside another signer, p95", p95(beside), "s", 2.5),
    ]


def _seconds(one: MadeConsent) -> float:
    return timed(lambda: sign(one)) / 1000


@contextmanager
def _another_signer(settings: Settings) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.other_signer"],
        env={**environment(settings), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise RuntimeError("the other signer did not start")
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)
