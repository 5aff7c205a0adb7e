"""``python -m stripesim --port N --state FILE``: the local Stripe as a program of its own."""

import argparse
import os
import signal
import sqlite3
import sys
from types import FrameType

from stripesim.core import Timing
from stripesim.server import start


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="stripesim", description="A local Stripe. No money moves."
    )
    environ = os.environ
    parser.add_argument("--port", type=int, default=int(environ.get("STRIPESIM_PORT", "8420")))
    parser.add_argument("--state", default=environ.get("STRIPESIM_STATE"), help="SQLite file")
    parser.add_argument(
        "--capture-delay",
        type=float,
        default=float(environ.get("STRIPESIM_CAPTURE_DELAY", "0.5")),
        help="seconds from a payment to its balance transaction",
    )
    parser.add_argument(
        "--retry-delays",
        default=environ.get("STRIPESIM_RETRY_DELAYS", "1,2,4,8,16,32,64,128"),
        help="seconds between attempts to deliver a webhook, with commas",
    )
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Serve until a signal; print the address once it answers."""
    options = _parse(arguments)
    delays = tuple(float(part) for part in options.retry_delays.split(",") if part)
    timing = Timing(capture_delay=options.capture_delay, retry_delays=delays)
    try:
        sim = start(options.port, options.state, timing=timing)
    except sqlite3.Error as problem:
        sys.stderr.write(f"The state file {options.state} cannot be used: {problem}.\n")
        return 1

    def leave(signum: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    print(f"stripesim listens on {sim.url} (no money moves)", flush=True)  # noqa: T201 - whoever starts it reads the address here
    try:
        sim.wait()
    finally:
        sim.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
