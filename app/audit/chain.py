"""The arithmetic of the chain: no key, no database, a few lines in any language.

A link's hash covers the hash before it, its own number and the digest of its event, so that an
event can be changed, taken out or moved only by changing every hash after it.
"""

import uuid
from hashlib import sha256

from app.audit.models import AuditEvent
from app.audit.services import event_bytes

FIRST_PREVIOUS = bytes(32)


def event_digest(event: AuditEvent) -> bytes:
    """Return what a link holds of an event: SHA-256 of the clinic and the canonical bytes.

    The tag is left out: it is made from the same bytes, and a clinic that moves to another
    installation gets tags by another key while its chain and its anchors stay as they are.
    """
    return sha256(event.tenant_id.bytes + event_bytes(event)).digest()


def link_hash(previous: bytes, seq: int, digest: bytes) -> bytes:
    """Return the hash of link ``seq``; ``previous`` of the first is 32 zero bytes."""
    return sha256(previous + _number(seq) + digest).digest()


def head_bytes(seq: int, head_hash: bytes) -> bytes:
    """Return what the tag of a clinic's head covers."""
    return b"audit head" + _number(seq) + head_hash


def leaf_hash(tenant_id: uuid.UUID, seq: int, head_hash: bytes) -> bytes:
    """Return the leaf that stands for a clinic's head in an anchor's tree."""
    return sha256(b"\x00" + tenant_id.bytes + _number(seq) + head_hash).digest()


def tree_root(leaves: list[bytes]) -> bytes:
    """Return the root over leaves in their order; raises ValueError where there is none."""
    if not leaves:
        raise ValueError("a tree has at least one leaf")
    while len(leaves) > 1:
        leaves = _parents(leaves)
    return leaves[0]


def tree_path(leaves: list[bytes], at: int) -> list[tuple[str, bytes]]:
    """Return the neighbours, each "left" or "right", that lead from one leaf to the root."""
    path = []
    while len(leaves) > 1:
        beside = at ^ 1
        if beside < len(leaves):
            path.append(("left" if beside < at else "right", leaves[beside]))
        leaves, at = _parents(leaves), at // 2
    return path


def root_of_path(leaf: bytes, path: list[tuple[str, bytes]]) -> bytes:
    """Return the root to which a path leads from a leaf."""
    for side, beside in path:
        leaf = _node(beside, leaf) if side == "left" else _node(leaf, beside)
    return leaf


def _parents(level: list[bytes]) -> list[bytes]:
    # The last of an odd number goes up alone. Leaves and nodes are told apart by their first byte.
    pairs = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _number(seq: int) -> bytes:
    return seq.to_bytes(8, "big")
