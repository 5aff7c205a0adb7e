"""How long a shared tablet takes to switch to somebody by their PIN, through a real web worker.

From pressing "Start" to the whole of today's page: what of three seconds the server and the way to
it leave for choosing a name and typing six digits.
"""

import http.client
import re
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from urllib.parse import urlencode

from flask import Flask

from app.auth.guards import DESK_COOKIE
from app.auth.shared_desk import enrol_device, set_pin
from app.config import Settings
from app.tenants.models import Role
from bench.figures import Figure, p95, timed
from bench.installation import HOME
from demo.installation import environment
from demo.processes import Processes, free_port
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic

STAFF, ROUNDS, WARM = 20, 60, 5
PIN = "482913"
TOKEN = re.compile(r'name="csrf_token" value="(\w+)"')
MOST_SECONDS, MOST_REQUESTS = 1.0, 2


class Tablet:
    """A browser that holds the cookie of a shared device, and counts what it asks for."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.desk, self.asked = port, f"{DESK_COOKIE}={token}", 0
        self.csrf = self._found(TOKEN, self.ask("GET", "/shared-desk", self.desk)[1])

    def switch(self, who: Staff) -> None:
        """Send the form of the page for switching, and open the page to which it leads."""
        form = {"staff_id": str(who.id), "pin": PIN, "csrf_token": self.csrf}
        headers, _ = self.ask("POST", "/shared-desk", self.desk, urlencode(form))
        session = headers["Set-Cookie"].partition(";")[0]
        _, page = self.ask("GET", headers["Location"], f"{self.desk}; {session}")
        if who.name not in page:
            raise RuntimeError("the tablet did not switch")

    def ask(
        self, method: str, path: str, cookies: str, body: str = ""
    ) -> tuple[dict[str, str], str]:
        """Send one request; return the answer's headers and text."""
        self.asked += 1
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, {"Cookie": cookies, "Accept": "text/html", **kind})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return dict(answer.getheaders()), text

    @staticmethod
    def _found(pattern: re.Pattern[str], page: str) -> str:
        found = pattern.search(page)
        if found is None:
            raise RuntimeError("the page for switching did not open")
        return found[1]


def measure(_app: Flask, settings: Settings) -> list[Figure]:
    """Return the seconds of a switch among twenty people, and how many requests it takes."""
    clinic = make_clinic()
    people = cycle([made_person(clinic, number) for number in range(STAFF)])
    with clinic.scope() as scope:
        _, token = enrol_device(scope, name="Front desk")
    with web_worker(settings) as port:
        tablet = Tablet(port, token)
        for _ in range(WARM):
            tablet.switch(next(people))
        tablet.asked = 0
        seconds = [timed(partial(tablet.switch, next(people))) / 1000 for _ in range(ROUNDS)]
    return [
        Figure("switching by PIN, median", statistics.median(seconds), "s"),
        Figure("switching by PIN, p95", p95(seconds), "s", MOST_SECONDS),
        Figure("requests for a switch", tablet.asked / ROUNDS, "n", MOST_REQUESTS),
    ]


def made_person(clinic: MadeClinic, number: int) -> Staff:
    """Return somebody who has set a PIN."""
    who = add_staff(clinic, Role.PRACTITIONER, name=f"Nurse Number {number}")
    with clinic.scope(who) as scope:
        set_pin(scope, pin=PIN)
    return who


@contextmanager
def web_worker(settings: Settings) -> Iterator[int]:
    """Yield the port of the web server as it runs in production, with one worker."""
    processes, port = Processes(HOME / "logs"), free_port(8450)
    bind = ("--bind", f"127.0.0.1:{port}", "--workers", "1", "wsgi:app")
    processes.start("web", "-m", "gunicorn", *bind, env=environment(settings))
    try:
        processes.wait_for("web", f"http://127.0.0.1:{port}/healthz")
        yield port
    finally:
        processes.stop()
