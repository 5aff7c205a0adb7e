"""Failures on order: what a network, or Stripe on a bad day, does to a request."""

import threading
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

from stripesim.failures import Json

KINDS = ("429", "503_before", "500_after", "drop_before", "drop_after", "slow")


@dataclass
class Fault:
    """One order: which requests go wrong, how, and how many times.

    ``path`` is a shell pattern. ``*_before`` and ``429`` leave nothing done; ``*_after`` and
    ``slow`` do the work first, then fail or hold the answer back for ``seconds``.
    """

    kind: str
    method: str = "*"
    path: str = "/v?/*"
    times: int = 1
    seconds: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist."""
        if self.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}")

    def fits(self, method: str, path: str) -> bool:
        """Say whether this request is one that should fail."""
        return self.times > 0 and fnmatchcase(method, self.method) and fnmatchcase(path, self.path)


class Faults:
    """The orders that are still open, first come first served."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._open: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Take an order."""
        with self._lock:
            self._open.append(fault)

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._open.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Use up one order for this request and return it, or None."""
        with self._lock:
            for fault in self._open:
                if fault.fits(method, path):
                    fault.times -= 1
                    self._open = [one for one in self._open if one.times > 0]
                    return fault
        return None

    def as_json(self) -> list[Json]:
        """Return the open orders."""
        with self._lock:
            return [asdict(fault) for fault in self._open]
