"""``python -m bench [PART…]``: measure, and print each figure beside its bound."""

import logging
import os
import sys
from collections.abc import Callable

import structlog
from flask import Flask

from app.config import Settings
from bench import explain, memory, patients, shared_desk, signing
from bench.figures import Figure
from bench.installation import installation

PARTS: dict[str, Callable[[Flask, Settings], list[Figure]]] = {
    "patients": patients.measure,
    "signing": signing.measure,
    "shared_desk": shared_desk.measure,
    "memory": memory.measure,
    "explain": explain.measure,
}
# Parts that are not about speed alone: a figure over its bound fails the whole run.
GATES = frozenset({"explain"})


def main() -> None:
    """Measure the named parts, or all of them."""
    wanted, broken = sys.argv[1:] or list(PARTS), 0
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}", flush=True)
    with installation() as (app, settings):
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        for name in wanted:
            print(f"\n{name}", flush=True)
            for figure in PARTS[name](app, settings):
                print(figure, flush=True)
                broken += name in GATES and figure.is_over
    if broken:
        sys.exit(f"\n{broken} figures are over a bound that is a gate.")


if __name__ == "__main__":
    main()
