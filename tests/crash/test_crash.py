"""Killed at any step, an act is not done with everything kept, or done once with a good file.

The steps are those of a clean run: before and after every statement, commit, file write and HTTP
call. A sample of them runs with the suite; ``pytest -m whole_sweep tests/crash`` takes each one.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

import stampsim.server
from app.config import Settings
from app.database.install import DatabaseUrls
from app.documents.seal_checks import Trust
from app.documents.setup import open_stamp_authority, own_trust
from tests.crash.acts import ACTS, Trial
from tests.crash.mother import SAYS
from tests.support.engines import superuser_engine

ROOT = Path(__file__).parent.parent.parent
KILLED = 9
SAMPLED = 3


@dataclass
class House:
    """An application, a process that has children, and what sees what they leave behind."""

    app: Flask
    mother: subprocess.Popen[str]
    superuser: Engine
    trust: Trust
    log: Path
    seen: dict[str, list[str]] = field(default_factory=dict)

    def send(self, trial: Trial, dies_at: int = 0) -> tuple[int, list[str]]:
        """Let a child send the request; return the signal that ended it, and its steps."""
        assert self.mother.stdin is not None
        order = {**trial.order, "dies_at": dies_at, "log": str(self.log)}
        self.mother.stdin.write(json.dumps(order) + "\n")
        self.mother.stdin.flush()
        ended = int(_heard(self.mother))
        return ended, self.log.read_text().splitlines()

    def steps_of(self, name: str) -> list[str]:
        """Return the steps of an act that nobody disturbs."""
        if name not in self.seen:
            self.seen[name] = self._clean_run(name)
        return self.seen[name]

    def _clean_run(self, name: str) -> list[str]:
        with self.app.app_context():
            trial = ACTS[name](self.app)
            ended, steps = self.send(trial)
            assert ended == 0
            assert steps[-1] in {"status 200", "status 201", "status 303"}
            assert trial.is_done(self.superuser)
            trial.check_end(self.superuser)
        return steps[:-1]

    def kill_at(self, name: str, number: int) -> str:
        """Kill an act at a step, judge what is left, send it again; return the fatal step."""
        with self.app.app_context():
            trial = ACTS[name](self.app)
            ended, steps = self.send(trial, number)
            where = f"{name} {number}: {steps[-1]}"
            assert ended in {0, KILLED}, where
            trial.is_done(self.superuser)
            files = trial.check_files(self.superuser, self.trust)
            assert trial.repeat(self.app) in {200, 201, 303}, where
            assert trial.is_done(self.superuser), where
            trial.check_end(self.superuser)
            assert trial.check_files(self.superuser, self.trust) >= files
        return steps[-1] if ended == KILLED else "lived"


def _heard(mother: subprocess.Popen[str]) -> str:
    """Return what the mother says next; the application's log goes the same way."""
    assert mother.stdout is not None
    for line in mother.stdout:
        if line.startswith(SAYS):
            return line.removeprefix(SAYS).strip()
    raise AssertionError("the mother process has died")


@pytest.fixture(scope="module")
def house(
    app: Flask,
    settings: Settings,
    admin_url: str,
    urls: DatabaseUrls,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """A house with a time-stamp authority, whose mother process is warm."""
    folder = tmp_path_factory.mktemp("crash")
    stamps = stampsim.server.start()
    (folder / "root.pem").write_bytes(stamps.root_pem)
    ours = replace(settings, stamp_url=stamps.url, stamp_trust_file=str(folder / "root.pem"))
    kept = app.extensions["needlepoint_stamps"]
    app.extensions["needlepoint_stamps"] = open_stamp_authority(ours)
    values = {**asdict(ours), "home": str(ours.home)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.mother", json.dumps(values)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as mother:
        assert _heard(mother) == "ready"
        superuser = superuser_engine(admin_url, urls.app)
        yield House(app, mother, superuser, own_trust(ours), folder / "steps")
    app.extensions["needlepoint_stamps"] = kept
    stamps.stop()


@pytest.mark.parametrize("name", ACTS)
def test_case_38_killed_at_a_sampled_step_nothing_is_lost_and_nothing_done_twice(
    house: House, name: str
) -> None:
    steps = house.steps_of(name)
    stride = max(1, len(steps) // SAMPLED)

    died = [house.kill_at(name, number) for number in range(stride // 2, len(steps), stride)]

    assert died.count("lived") <= 1


@pytest.mark.parametrize("name", ACTS)
def test_case_38_the_steps_that_are_counted_are_all_of_them(house: House, name: str) -> None:
    steps = house.steps_of(name)

    for kind in ("sql", "commit", "file put", "file flush", "http request", "http answer"):
        assert any(step.startswith(f"before {kind}") for step in steps), kind
        assert any(step.startswith(f"after {kind}") for step in steps), kind


@pytest.mark.whole_sweep
@pytest.mark.parametrize("name", ACTS)
def test_case_38_killed_at_every_step(
    house: House, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    steps, died, wrong = house.steps_of(name), 0, list[str]()

    for number in range(1, len(steps) + 1):
        try:
            died += house.kill_at(name, number) != "lived"
        except AssertionError as violation:
            wrong.append(f"{number} {steps[number - 1]}: {violation}")
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {len(steps)} steps, killed at {died}, {len(wrong)} wrong\n")

    assert wrong == []
