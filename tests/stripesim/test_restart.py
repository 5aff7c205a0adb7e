"""The program of its own: it starts, it dies without warning, and it has lost nothing."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.stripesim.receiver import Receiver
from tests.stripesim.shop import KEY, SUCCESS, VERSION, choose, wait_for

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """``python -m stripesim`` on one port and one state file."""

    def __init__(self, state: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.state = state
        self.process: Any = None

    def start(self) -> None:
        command = [sys.executable, "-m", "stripesim", "--port", str(self.port)]
        command += ["--state", str(self.state), "--capture-delay", "0.05"]
        command += ["--retry-delays", "0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert f"http://127.0.0.1:{self.port}" in self.process.stdout.readline()

    def end(self, how: signal.Signals) -> int:
        os.kill(self.process.pid, how)
        self.process.stdout.close()
        return int(self.process.wait(timeout=10))

    def call(self, method: str, path: str, **form: Any) -> Any:
        headers = {"Authorization": f"Bearer {KEY}", "Stripe-Version": VERSION}
        headers |= form.pop("headers", {})
        url = f"http://127.0.0.1:{self.port}{path}"
        return requests.request(method, url, data=form, headers=headers, timeout=5)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    running = Program(tmp_path / "stripe.db")
    running.start()
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGTERM)


def test_it_ends_cleanly_when_asked(program: Program) -> None:
    assert program.end(signal.SIGTERM) == 0


def test_what_was_answered_survives_kill_9(program: Program, receiver: Receiver) -> None:
    receiver.answers = [503] * 3
    endpoint = program.call(
        "POST", "/v1/webhook_endpoints", url=receiver.url, **{"enabled_events[0]": "*"}
    ).json()
    line = "line_items[0][price_data]"
    session = program.call(
        "POST",
        "/v1/checkout/sessions",
        mode="payment",
        success_url=SUCCESS,
        headers={"Idempotency-Key": "operation-1"},
        **{
            f"{line}[currency]": "gbp",
            f"{line}[unit_amount]": "5000",
            f"{line}[product_data][name]": "Deposit",
        },
    ).json()
    assert choose(session["url"], "pay").status_code == 303
    program.end(signal.SIGKILL)
    program.start()

    found = program.call("GET", f"/v1/checkout/sessions/{session['id']}").json()
    assert (found["payment_status"], found["amount_total"]) == ("paid", 5000)
    secret = endpoint["secret"]
    wait_for(lambda: "charge.updated" in {event.type for event in receiver.events(secret)})
    idle = {"timeout": 5}
    settled = requests.post(f"http://127.0.0.1:{program.port}/_sim/settle", json=idle, timeout=8)
    assert settled.json() == {"idle": True}
    charge = program.call("GET", f"/v1/payment_intents/{found['payment_intent']}").json()
    entries = program.call("GET", "/v1/balance_transactions").json()["data"]
    assert [entry["source"] for entry in entries] == [charge["latest_charge"]]


def test_a_second_program_does_not_take_over_the_file(program: Program) -> None:
    second = Program(program.state)
    with pytest.raises(AssertionError):
        second.start()
    assert second.process.wait(timeout=10) != 0
    second.process.stdout.close()
    assert program.call("GET", "/v1/balance").status_code == 200
