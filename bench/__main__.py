"""``python -m bench [PART…]``: measure, and print each figure beside its bound."""

import logging
import os
import sys
from collections.abc import Callable

import structlog
from flask import Flask

from app.config import Settings
from bench import memory, patients, signing
from bench.figures import Figure
from bench.installation import installation

PARTS: dict[str, Callable[[Flask, Settings], list[Figure]]] = {
    "patients": patients.measure,
    "signing": signing.measure,
    "memory": memory.measure,
}


def main() -> None:
    """Measure the named parts, or all of them."""
    wanted = sys.argv[1:] or list(PARTS)
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}", flush=True)
    with installation() as (app, settings):
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        for name in wanted:
            print(f"\n{name}", flush=True)
            for figure in PARTS[name](app, settings):
                print(figure, flush=True)


if __name__ == "__main__":
    main()
