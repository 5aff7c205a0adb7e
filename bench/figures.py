"""Medians, percentiles, and one line per figure with its bound."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured number and the bound that we promise; lower is better."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    note: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the promise is broken."""
        return self.bound is not None and self.value > self.bound

    def __str__(self) -> str:
        bound = "" if self.bound is None else f"   bound {self.bound:g} {self.unit}"
        verdict = "" if self.bound is None else ("  OVER" if self.is_over else "  ok")
        note = f"   ({self.note})" if self.note else ""
        return f"  {self.name:<58} {self.value:9.2f} {self.unit}{bound}{verdict}{note}"


def timed(function: Callable[[], object]) -> float:
    """Return the milliseconds that one call took."""
    started = time.perf_counter()
    function()
    return (time.perf_counter() - started) * 1000


def side_by_side(
    first: Callable[[], object], second: Callable[[], object], *, rounds: int, warm: int = 20
) -> tuple[list[float], list[float]]:
    """Return the times of two functions, called in turns so that noise hits both."""
    for _ in range(warm):
        first()
        second()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        times[0].append(timed(first))
        times[1].append(timed(second))
    return times


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]
