"""No path to a signature or a grant leaves a precondition out, whatever is done in what order.

In the suite a few short walks; ``pytest -m whole_sweep tests/consent/test_machine.py`` takes twenty
seeds of 500 steps each.
"""

import sys
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.database.install import DatabaseUrls
from tests.consent.invariants import check
from tests.consent.machine import Machine
from tests.support.engines import superuser_engine

LENGTH = 500


@pytest.fixture(scope="module")
def superuser(admin_url: str, urls: DatabaseUrls) -> Engine:
    return superuser_engine(admin_url, urls.app)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_short_walk_breaks_nothing(seed: int, superuser: Engine, context: Flask) -> None:
    machine = Machine(seed, superuser)

    machine.walk(80)

    assert sum(machine.done.values()) > 20


@pytest.mark.whole_sweep
@pytest.mark.parametrize("seed", range(20))
def test_a_long_walk_breaks_nothing(
    seed: int, superuser: Engine, context: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = Machine(seed, superuser)

    machine.walk(LENGTH)

    with capsys.disabled():
        did, refused = sum(machine.done.values()), sum(machine.refused.values())
        signed = machine.done["sign"]
        sys.stdout.write(f"\nseed {seed}: {did} done, {refused} refused, {signed} signed\n")
    assert signed > 0


def test_what_is_checked_can_be_wrong(superuser: Engine, context: Flask) -> None:
    """Each check speaks when a row is spoiled on purpose."""
    machine = Machine(4, superuser)
    machine.walk(10)
    old = next(iter(machine.rows.values()))
    ready = replace(old, state="cleared", signatures=0, attestations=0, open_grants=0)
    signed = replace(
        ready,
        state="signed",
        signatures=1,
        signatures_of_what_is_shown=1,
        signed_files=1,
        told_signed=1,
    )

    said = check({old.id: ready}, {old.id: signed}, {})
    granted = check({}, {old.id: replace(signed, open_grants=1)}, {})

    assert any("nobody knew who it was" in one or "it was not read" in one for one in said)
    assert any("a grant that is open" in one for one in granted)
