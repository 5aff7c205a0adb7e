"""The parts that every request shares, and the values that describe one request."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from stripesim.clock import Clock
from stripesim.failures import Json, missing_object
from stripesim.ids import new_id
from stripesim.store import Store

DEFAULT_VERSION = "2026-05-27.dahlia"
ENDIVE = "2026-10-28.endive"
KNOWN_VERSIONS = ("2026-05-27.dahlia", "2026-09-30.endive", ENDIVE)


@dataclass
class Timing:
    """How long the things take that Stripe does in its own time, in seconds."""

    capture_delay: float = 0.5
    retry_delays: tuple[float, ...] = (1, 2, 4, 8, 16, 32, 64, 128)
    delivery_timeout: float = 10.0


@dataclass(frozen=True)
class Cause:
    """The API request that made an event happen; both are None for a page or a chore."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass
class Core:
    """Store, clock and timing, and the bell that wakes the background thread."""

    store: Store
    timing: Timing
    clock: Clock = field(default_factory=Clock)
    bell: threading.Condition = field(default_factory=threading.Condition)
    observe: Callable[[Json], None] | None = None

    def __post_init__(self) -> None:
        """Restore the clock, and give the platform its own account id."""
        self.clock.offset = self.store.note("clock_offset", self.clock.offset)
        with self.store.unit():
            if self.store.note("platform") is None:
                self.store.keep_note("platform", new_id("acct_"))

    @property
    def platform(self) -> str:
        """The account id of the platform that owns every test key."""
        return str(self.store.note("platform"))

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Run one transaction and wake the background thread when it has been committed."""
        with self.store.unit():
            yield
        self.ring()

    def ring(self) -> None:
        """Wake the background thread."""
        with self.bell:
            self.bell.notify_all()

    def schedule(self, kind: str, object_id: str, *, due: float) -> None:
        """Leave a chore for the background thread, at a virtual time."""
        self.store.rows(
            "INSERT INTO chores (due, kind, object_id) VALUES (?, ?, ?)", due, kind, object_id
        )


@dataclass(frozen=True)
class Call:
    """One API request after its key, account, version and parameters were accepted."""

    core: Core
    account: str
    version: str
    params: Json
    base_url: str
    cause: Cause
    path: dict[str, str] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        """Whether the call is made for a connected account."""
        return self.account != self.core.platform

    @property
    def now(self) -> int:
        """The virtual time in whole seconds."""
        return self.core.clock.now()

    def get(self, name: str, default: Any = None) -> Any:
        """Return one parameter, or ``default``."""
        return self.params.get(name, default)

    def require(self, kind: str, object_id: str, *, noun: str, param: str = "id") -> Json:
        """Return an object of this kind in the caller's account, or raise Stripe's 404."""
        found = self.core.store.find(object_id, account=self.account)
        if found is None or found["object"] != kind:
            raise missing_object(noun, object_id, param=param)
        return found


Handler = Callable[[Call], Json]
