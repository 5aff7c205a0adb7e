"""Destroy a patient's key: first on the list outside, then in the key store.

The order matters. Killed in between, the next run destroys the key; the other way round, a restore
could bring back a key of which nobody knows that it had been destroyed.
"""

import uuid
from dataclasses import dataclass
from typing import cast

from flask import current_app

from app.kit.clock import now
from app.vault.keys import ring
from app.vault.shred_list import Shredded, ShredList


@dataclass(frozen=True)
class Reapplied:
    """What applying the list again did; ``forged`` names objects whose tag does not fit."""

    entries: int
    destroyed: int
    forged: tuple[str, ...]


def shred_list() -> ShredList:
    """Return this installation's list of destroyed keys."""
    return cast(ShredList, current_app.extensions["needlepoint_shreds"])


def is_shredded(tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str) -> bool:
    """Return whether a class of a patient's data was erased."""
    return ring().is_shredded(tenant_id, patient_id, retention)


def shred_patient(tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str) -> None:
    """Make everything of one retention class of a patient unreadable, for ever.

    Raises StoreUnavailable where the list cannot be written; then the key still stands. Other
    processes may hold an opened key for up to 30 seconds.
    """
    if ring().is_shredded(tenant_id, patient_id, retention):
        return
    entry = Shredded(tenant_id, now(), patient_id, retention)
    shred_list().add(entry)
    ring().shred(tenant_id, patient_id, retention, at=entry.at)


def shred_clinic(tenant_id: uuid.UUID) -> None:
    """Make everything of a clinic unreadable, for ever; no new key is made for it afterwards.

    Raises StoreUnavailable where the list cannot be written; then the keys still stand.
    """
    entry = Shredded(tenant_id, now())
    shred_list().add(entry)
    ring().shred_clinic(tenant_id, at=entry.at)


def renew_key(tenant_id: uuid.UUID, patient_id: uuid.UUID, retention: str) -> None:
    """Let a patient who comes back have a fresh key; what the old one closed stays closed.

    For contact and marketing only: a clinical record that was destroyed is never begun again.
    """
    if retention not in {"contact", "marketing"}:
        raise ValueError("a clinical or financial record is never begun again")
    ring().renew(tenant_id, patient_id, retention)


def reapply_shreds() -> Reapplied:
    """Destroy every listed key that is there again, as after restoring the key store."""
    seen, destroyed, forged = 0, 0, []
    for name, entry in shred_list().entries():
        seen += 1
        if entry is None:
            forged.append(name)
        elif _destroy(entry):
            destroyed += 1
    return Reapplied(seen, destroyed, tuple(forged))


def _destroy(entry: Shredded) -> bool:
    if entry.patient_id is None or entry.retention is None:
        return ring().shred_clinic(entry.tenant_id, at=entry.at)
    return ring().shred(entry.tenant_id, entry.patient_id, entry.retention, at=entry.at)
