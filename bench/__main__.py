"""``python -m bench [PART…]``: measure, and print each figure beside its bound."""

import logging
import os
import sys
from collections.abc import Callable

import structlog
from flask import Flask

from app.config import Settings
from bench import explain, memory, patients, shared_desk, signing
from bench.books import kept_books
from bench.figures import Figure
from bench.installation import BOOKS, installation

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
    if quick := [name for name in wanted if name not in GATES]:
        with installation() as (app, settings):
            speak_of_errors_alone()
            for name in quick:
                show(name, PARTS[name](app, settings))
    if [name for name in wanted if name in GATES]:
        with installation(BOOKS, "bench_books", kept=kept_books() is not None) as (app, settings):
            speak_of_errors_alone()
            broken = show("explain", explain.measure(app, settings))
    if broken:
        sys.exit(f"\n{broken} figures are over a bound that is a gate.")


def speak_of_errors_alone() -> None:
    """Keep what an application tells of each request out of the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def show(name: str, figures: list[Figure]) -> int:
    """Print a part's figures; return how many are over their bounds."""
    print(f"\n{name}", flush=True)
    for figure in figures:
        print(figure, flush=True)
    return sum(figure.is_over for figure in figures)


if __name__ == "__main__":
    main()
