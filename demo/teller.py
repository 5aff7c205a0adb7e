"""Tells the story on the terminal: one line per step, with its seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Teller:
    """Counts and prints the steps."""

    def __init__(self) -> None:
        self._number = 0

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Print a step when it begins and how long it took when it ends."""
        self._number += 1
        print(f"{self._number:>3}. {text:<74}", end="", flush=True)
        started = time.monotonic()
        try:
            yield
        except BaseException:
            print("  failed", flush=True)
            raise
        print(f"{time.monotonic() - started:6.1f} s", flush=True)

    def note(self, text: str) -> None:
        """Print a line below a step."""
        print(f"     {text}", flush=True)
