"""The background thread: it delivers signed webhooks and does the chores that are due.

It sleeps until something is due or somebody rings the bell, and it ends by itself with the server.
"""

import hashlib
import hmac
import http.client
import json
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from urllib.parse import urlsplit

from stripesim.balance import settle_charge
from stripesim.checkout import expire_if_due
from stripesim.core import Core
from stripesim.deliveries import Delivery, due_deliveries, pending_count, policy_of, record_attempt
from stripesim.failures import Json

_CHORES = {"settle_charge": settle_charge, "expire_session": expire_if_due}
_AT_ONCE = 8
_LONGEST_SLEEP = 60.0


def sign(payload: bytes, secret: str, at: int) -> str:
    """Return the value of the Stripe-Signature header (HMAC-SHA256 over ``time.payload``)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier:
    """Sends what is due; ``flush`` sends it now and waits."""

    def __init__(self, core: Core) -> None:
        """Prepare the threads without starting them."""
        self._core = core
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="stripesim-webhook")
        self._lock = threading.Lock()
        self._on_the_way: dict[int, Future[None]] = {}
        self._thread = threading.Thread(target=self._run, name="stripesim-courier", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End after the deliveries that are on their way."""
        self._stopping.set()
        self._core.ring()
        self._thread.join()
        self._pool.shutdown(wait=True)

    def flush(self) -> None:
        """Deliver everything that is due and wait until it has been tried once."""
        wait(self._send_due())

    def flush_if_hurried(self) -> None:
        """Do so if the policy wants events delivered before the answer to their request."""
        if policy_of(self._core).before_response:
            self.flush()

    def is_idle(self) -> bool:
        """Say whether no webhook and no settlement is waiting or on its way."""
        with self._lock:
            busy = bool(self._on_the_way)
        rows = self._core.store.rows(
            "SELECT (SELECT count(*) FROM deliveries WHERE state = 'pending')"
            " + (SELECT count(*) FROM chores WHERE kind = 'settle_charge')"
        )
        return not busy and rows[0][0] == 0

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._core.bell:
                self._core.bell.wait(self._seconds_to_sleep())
            if not self._stopping.is_set():
                self._do_chores()
                self._send_due()

    def _seconds_to_sleep(self) -> float:
        with self._lock:
            busy = set(self._on_the_way)
        rows = self._core.store.rows(
            "SELECT id, due FROM deliveries WHERE state = 'pending'"
            " UNION ALL SELECT 0, due FROM chores ORDER BY due"
        )
        waiting = [due for delivery_id, due in rows if delivery_id not in busy]
        if not waiting:
            return _LONGEST_SLEEP
        wanted: float = waiting[0] - self._core.clock.precise()
        return min(max(wanted, 0.001), _LONGEST_SLEEP)

    def _do_chores(self) -> None:
        core = self._core
        due = core.store.rows(
            "SELECT id, kind, object_id FROM chores WHERE due <= ? ORDER BY due, id",
            core.clock.precise(),
        )
        for chore_id, kind, object_id in due:
            with core.store.unit():
                _CHORES[kind](core, object_id)
                core.store.rows("DELETE FROM chores WHERE id = ?", chore_id)

    def _send_due(self) -> list[Future[None]]:
        with self._lock:
            # Looked up under the lock: a delivery that ends meanwhile would be sent once more.
            for delivery in due_deliveries(self._core, self._core.clock.precise()):
                if delivery.id not in self._on_the_way and not self._stopping.is_set():
                    self._on_the_way[delivery.id] = self._pool.submit(self._deliver, delivery)
            return list(self._on_the_way.values())

    def _deliver(self, delivery: Delivery) -> None:
        try:
            attempts = self._send_copies(delivery)
            ok = all(200 <= (attempt["status"] or 0) < 300 for attempt in attempts)
            with self._core.store.unit():
                record_attempt(self._core, delivery, attempts[-1], ok=ok)
        finally:
            with self._lock:
                self._on_the_way.pop(delivery.id, None)
            self._core.ring()

    def _send_copies(self, delivery: Delivery) -> list[Json]:
        """Send the same event as often as the policy says, all at the same moment."""
        if delivery.copies == 1:
            return [self._send(delivery)]
        with ThreadPoolExecutor(delivery.copies) as pool:
            return list(pool.map(self._send, [delivery] * delivery.copies))

    def _send(self, delivery: Delivery) -> Json:
        core = self._core
        event, endpoint = core.store.find(delivery.event), core.store.find(delivery.endpoint)
        setup = core.store.note(f"endpoint:{delivery.endpoint}")
        if event is None or endpoint is None:
            return {"at": core.clock.now(), "status": None, "error": "gone", "seconds": 0.0}
        event["api_version"] = setup["version"]
        event["pending_webhooks"] = pending_count(core, delivery.event)
        started = time.monotonic()
        status, error = _post(endpoint["url"], event, setup["secret"], core.timing.delivery_timeout)
        spent = round(time.monotonic() - started, 4)
        return {"at": core.clock.now(), "status": status, "error": error, "seconds": spent}


def _post(url: str, event: Json, secret: str, timeout: float) -> tuple[int | None, str | None]:
    """Post a signed event; the signature carries real time, because receivers check that."""
    parts = urlsplit(url)
    payload = json.dumps(event, indent=2).encode()
    maker = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = maker(parts.hostname or "", parts.port, timeout=timeout)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (stripesim)",
        "Stripe-Signature": sign(payload, secret, int(time.time())),
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body=payload, headers=headers)
        answer = connection.getresponse()
        answer.read(4096)
    except (OSError, http.client.HTTPException) as problem:
        return None, type(problem).__name__
    finally:
        connection.close()
    return answer.status, None
