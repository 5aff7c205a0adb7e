"""Verify one clinic's chain: which row was edited, deleted or moved, and which check says so.

Runs as the application's own role in the clinic's scope: it only reads, and needs no right that the
application lacks. What the database says is compared with itself, with the tags, whose key is not
in the database, and with the heads that anchors outside hold.
"""

import hmac
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.audit import queries
from app.audit.chain import FIRST_PREVIOUS, event_digest, head_bytes, link_hash
from app.audit.models import AuditEvent, AuditHead, AuditLink
from app.audit.services import event_bytes
from app.database import TenantScope
from app.vault import sign_row

PAGE = 2000
MOST_FINDINGS = 100


class Check(StrEnum):
    """What can fail, from the single row to the world outside."""

    TAG = "tag"
    EVENT = "event"
    ORDER = "order"
    DELETED = "deleted"
    LINK = "link"
    HEAD = "head"
    TRUNCATED = "truncated"
    ANCHOR = "anchor"


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold, in words with ids and numbers only."""

    check: Check
    text: str
    seq: int | None = None
    event_id: uuid.UUID | None = None


@dataclass(frozen=True)
class AnchoredAt:
    """What an anchor says about the clinic at one number of its chain."""

    anchor: int
    hash: bytes


@dataclass
class ChainReport:
    """What was looked at and what does not hold."""

    tenant_id: uuid.UUID
    sealed: int = 0
    unsealed: int = 0
    anchored_seq: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify_chain(
    scope: TenantScope, anchored: Mapping[int, AnchoredAt] | None = None
) -> ChainReport:
    """Check every event, every link and the head, and the anchored heads where they are given."""
    walk = _Walk(ChainReport(scope.tenant_id), dict(anchored or {}))
    for link, event in _links(scope):
        walk.step(link, event)
    walk.end(queries.find_head(scope))
    for event in _unsealed(scope):
        walk.report.unsealed += 1
        walk.check_tag(event, "waits to be sealed")
    walk.name_moved_rows()
    walk.report.findings = walk.report.findings[:MOST_FINDINGS]
    return walk.report


class _Walk:
    """The way along one chain; after a break it goes on from what is stored, to name the next."""

    def __init__(self, report: ChainReport, anchored: dict[int, AnchoredAt]) -> None:
        self.report, self.anchored = report, anchored
        self.seq, self.last = 0, FIRST_PREVIOUS
        self.misfits: list[tuple[AuditLink, bytes]] = []
        self.last_match = 0

    def step(self, link: AuditLink, event: AuditEvent | None) -> None:
        """Check one link and its event."""
        self.report.sealed += 1
        follows = link.seq == self.seq + 1
        if not follows:
            self.found(
                Check.DELETED,
                f"Rows {self.seq + 1} to {link.seq - 1} of the chain are gone.",
                link.seq - 1,
            )
        elif not _same(link.hash, link_hash(self.last, link.seq, link.digest)):
            self.found(
                Check.LINK,
                f"Row {link.seq} does not follow the row before it: moved, exchanged or rewritten.",
                link.seq,
                link.event_id,
            )
        self.seq, self.last = link.seq, link.hash
        self._check_event(link, event)
        self._check_anchor(link)

    def end(self, head: AuditHead | None) -> None:
        """Check where the chain ends: by the clinic's head, then by the anchors."""
        if head is None:
            if self.seq:
                self.found(Check.HEAD, "The clinic's head is gone.", self.seq)
        else:
            tag = sign_row(self.report.tenant_id, head_bytes(head.seq, head.hash))
            if not _same(tag, head.mac):
                self.found(Check.HEAD, "The tag of the clinic's head is wrong: edited.", head.seq)
            if head.seq > self.seq:
                self.found(
                    Check.TRUNCATED,
                    f"The head says {head.seq} rows and the chain ends at {self.seq}:"
                    f" rows {self.seq + 1} to {head.seq} are gone.",
                    head.seq,
                )
            elif head.seq < self.seq or not _same(head.hash, self.last):
                self.found(Check.HEAD, "The head does not fit the last row.", head.seq)
        beyond = {seq: one for seq, one in self.anchored.items() if seq > self.seq}
        if beyond:
            most = max(beyond)
            self.found(
                Check.TRUNCATED,
                f"Anchor {beyond[most].anchor} holds {most} rows and the chain ends at {self.seq}:"
                f" rows {self.seq + 1} to {most} are gone, or an older state was restored.",
                most,
            )

    def check_tag(self, event: AuditEvent, where: str) -> None:
        """Check the tag, whose key is not in the database."""
        if not _same(sign_row(event.tenant_id, event_bytes(event)), event.mac):
            text = f"The tag of event {event.id} is wrong: edited, or not written by us ({where})."
            self.found(Check.TAG, text, None, event.id)

    def name_moved_rows(self) -> None:
        """Say of events that fit each other's links that they changed places."""
        held = {bytes(link.digest) for link, _ in self.misfits}
        for link, digest in self.misfits:
            moved = digest in held
            self.found(
                Check.ORDER if moved else Check.EVENT,
                f"Event {link.event_id} stands in another event's row: reordered."
                if moved
                else f"Event {link.event_id} is not what was sealed: edited.",
                link.seq,
                link.event_id,
            )

    def found(
        self, check: Check, text: str, seq: int | None = None, event_id: uuid.UUID | None = None
    ) -> None:
        """Keep a finding."""
        self.report.findings.append(Finding(check, text, seq, event_id))

    def _check_event(self, link: AuditLink, event: AuditEvent | None) -> None:
        if event is None:
            text = f"Event {link.event_id} of row {link.seq} is gone: deleted."
            self.found(Check.DELETED, text, link.seq, link.event_id)
            return
        digest = event_digest(event)
        if not _same(digest, link.digest):
            self.misfits.append((link, digest))
        self.check_tag(event, f"row {link.seq}")

    def _check_anchor(self, link: AuditLink) -> None:
        one = self.anchored.get(link.seq)
        if one is None:
            return
        if _same(one.hash, link.hash):
            self.report.anchored_seq = self.last_match = link.seq
            return
        self.found(
            Check.ANCHOR,
            f"Anchor {one.anchor} holds another hash for row {link.seq}: something between rows"
            f" {self.last_match + 1} and {link.seq} was rewritten after it had been anchored.",
            link.seq,
            link.event_id,
        )


def _links(scope: TenantScope) -> Iterator[tuple[AuditLink, AuditEvent | None]]:
    after = -1
    while page := queries.page_links(scope, after=after, size=PAGE):
        yield from page
        after = page[-1][0].seq
        scope.session.expunge_all()


def _unsealed(scope: TenantScope) -> Iterator[AuditEvent]:
    yield from queries.list_unsealed(scope, since=None, most=PAGE)


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(bytes(one), bytes(other))
