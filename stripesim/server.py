"""Starting and stopping the simulator, in a thread of this process or as a program of its own."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from stripesim.accounts import onboard
from stripesim.app import StripeSim
from stripesim.control import wait_until_idle
from stripesim.core import Core, Timing
from stripesim.courier import Courier
from stripesim.deliveries import Delivery, every_delivery, resend, set_policy
from stripesim.failures import Json
from stripesim.faults import Fault
from stripesim.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"

# For tests: nothing waits longer than it must, and a failing endpoint is given up within a second.
QUICK = Timing(capture_delay=0.02, retry_delays=(0.05, 0.1, 0.2, 0.4), delivery_timeout=5.0)


class _QuietHandler(WSGIRequestHandler):
    """Answers one request per connection and logs nothing.

    With kept connections, a thread of a stopped server would go on answering its old clients.
    """

    protocol_version = "HTTP/1.0"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing: requests carry personal data."""


class Sim:
    """A running simulator, with the control plane as methods."""

    def __init__(self, core: Core, courier: Courier, app: StripeSim, server: Any) -> None:
        """Take the parts that :func:`start` built."""
        self._core, self._courier, self._app, self._server = core, courier, app, server
        self.url = f"http://{HOST}:{server.server_port}"
        self._thread = threading.Thread(
            target=server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="stripesim-server",
            daemon=True,
        )

    @property
    def platform(self) -> str:
        """The account id of the platform that owns every test key."""
        return self._core.platform

    def serve(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop to listen, finish the deliveries that are on their way, close the state file."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._courier.stop()
        self._core.store.close()

    def wait(self) -> None:
        """Wait until the server has been stopped."""
        while self._thread.is_alive():
            self._thread.join(timeout=1)

    def fault(self, kind: str, **order: Any) -> None:
        """Order a failure; see :class:`stripesim.faults.Fault`."""
        self._app.faults.add(Fault(kind, **order))

    def clear_faults(self) -> None:
        """Forget all ordered failures."""
        self._app.faults.clear()

    def deliver(self, **policy: Any) -> None:
        """Set the delivery policy (:class:`stripesim.deliveries.Policy`); no name: the default."""
        with self._core.unit():
            set_policy(self._core, **policy)

    def advance(self, seconds: float) -> None:
        """Move the virtual clock."""
        with self._core.unit():
            self._core.clock.advance(seconds)
            self._core.store.keep_note("clock_offset", self._core.clock.offset)

    def onboard(self, account_id: str, *, active: bool = True) -> None:
        """Make card payments of a connected account active, or restricted again."""
        with self._core.unit():
            onboard(self._core, account_id, active=active)

    def resend(self, event_id: str) -> int:
        """Queue an event again; return for how many endpoints."""
        with self._core.unit():
            return resend(self._core, event_id)

    def events(self, kind: str | None = None, *, account: str | None = None) -> list[Json]:
        """Return the events, oldest first, of one type or account if it is given."""
        found = reversed(self._core.store.every("event", account=account))
        return [event for event in found if kind is None or event["type"] == kind]

    def deliveries(self, *, event: str | None = None) -> list[Delivery]:
        """Return what became of every webhook."""
        return every_delivery(self._core, event=event)

    def wait_idle(self, timeout: float = 60.0) -> bool:
        """Wait until every charge is settled and every webhook delivered or given up."""
        return wait_until_idle(self._courier, timeout)


def start(
    port: int = 0,
    state: str | None = None,
    *,
    timing: Timing = QUICK,
    wrap: "Callable[[WSGIApplication], WSGIApplication] | None" = None,
    observe: Callable[[Json], None] | None = None,
) -> Sim:
    """Start a simulator on 127.0.0.1 and return it.

    ``port`` 0 takes a free one. ``state`` is a file that survives this process; without it all is
    in memory. ``wrap`` puts a middleware around the application; ``observe`` sees every event as it
    happens.
    """
    core = Core(Store(state), replace(timing), observe=observe)
    courier = Courier(core)
    app = StripeSim(core, courier)
    outer = wrap(app) if wrap else app
    server = make_server(HOST, port, outer, threaded=True, request_handler=_QuietHandler)
    sim = Sim(core, courier, app, server)
    courier.start()
    sim.serve()
    return sim
