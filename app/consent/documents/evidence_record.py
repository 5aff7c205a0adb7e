"""The evidence record of a consent: what is known only after sealing, composed for whoever asks.

The sealed evidence inside the documents never changes. This beside it tells how they stand today:
final hashes and renditions, time stamps, where the clinic's chain of events is, what was sent, and
every change of status. It names people by their ids and holds no answer.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.audit import queries as audit_queries
from app.audit.chain_state import chain_state
from app.audit.models import AuditEvent, AuditLink
from app.audit.schemas import details_of
from app.consent import queries
from app.consent.after import withdrawal_queries
from app.consent.after.follow_queries import find_void
from app.consent.ciphers import open_text
from app.consent.holds import queries as hold_queries
from app.consent.models import Consent, ConsentGrant
from app.database import TenantScope
from app.documents.models import Document, DocumentFile
from app.documents.queries import list_documents_of_patient, list_renditions
from app.kit.clock import now
from app.kit.masking import mask_email, mask_phone
from app.messaging.models import Message
from app.messaging.queries import list_messages_to_patient
from app.messaging.services import read_message

SCHEMA = "needlepoint-evidence-record-1"
# What a patient is sent about a consent. A message names no consent, so that each one to this
# patient since the request is told.
ABOUT_CONSENTS = frozenset(
    {"sign_request", "sign_reminder", "sign_code", "question_answered", "hold_decided"}
    | {"link_locked", "form_called_back", "consent_copy", "expiry_reminder", "withdrawal_receipt"}
)
PAGE = 200


def evidence_record(scope: TenantScope, consent: Consent) -> dict[str, Any]:
    """Return the record as values for ``EvidenceRecordResponse``; raises NotReadable."""
    return {
        "schema": SCHEMA,
        "consent_id": consent.id,
        "clinic_id": scope.tenant_id,
        "made_at": now(),
        "state": consent.state,
        "files": _files(scope, _documents(scope, consent)),
        "grants": [_grant(one) for one in queries.list_grants(scope, consent.id)],
        "chain": chain_state(scope),
        "events": _events(scope, consent),
        "status_changes": list(_status_changes(scope, consent)),
        "delivery": [_message(scope, one) for one in _messages(scope, consent)],
    }


def _documents(scope: TenantScope, consent: Consent) -> list[Document]:
    """Return every sealed document of a consent, the oldest first."""
    attested = {one.document_id for one in queries.list_attestations(scope, consent.id)}
    withdrawal = withdrawal_queries.find_withdrawal(scope, consent.id)
    subjects = {consent.id, *(one.id for one in hold_queries.list_decisions(scope, consent.id))}
    if withdrawal is not None:
        subjects.add(withdrawal.id)
    found = list_documents_of_patient(scope, consent.patient_id)
    return [one for one in reversed(found) if one.subject_id in subjects or one.id in attested]


def _files(scope: TenantScope, documents: Sequence[Document]) -> list[dict[str, Any]]:
    later = list_renditions(scope, *(one.id for one in documents))
    return [_file(one, [file for file in later if file.document_id == one.id]) for one in documents]


def _file(document: Document, later: Sequence[DocumentFile]) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "kind": document.kind,
        "sha256": document.sha256.hex(),
        "length": document.length,
        "predecessor_id": document.predecessor_id,
        "sealed_at": document.sealed_at,
        "certificate_sha256": document.certificate_sha256.hex(),
        "stamp_state": document.stamp_state,
        "stamp_reason": document.stamp_reason,
        "stamped_at": document.stamped_at,
        "renditions": [
            {"level": one.level, "sha256": one.sha256.hex(), "length": one.length} for one in later
        ],
    }


def _grant(grant: ConsentGrant) -> dict[str, Any]:
    return {
        "area": grant.area,
        "max_depth_um": grant.max_depth_um,
        "begins_at": grant.valid.lower,
        "ends_at": grant.valid.upper,
    }


def _events(scope: TenantScope, consent: Consent) -> list[dict[str, Any]]:
    """Return what was done with the consent, the oldest first, with its place in the chain."""
    wanted, found = audit_queries.Wanted(subject_id=consent.id), list[AuditEvent]()
    before = None
    while page := audit_queries.page_events(scope, wanted, before=before, size=PAGE):
        found += page
        before = (page[-1].at, page[-1].id)
    links = audit_queries.map_links(scope, [one.id for one in found])
    return [_event(one, links) for one in reversed(found)]


def _event(event: AuditEvent, links: Mapping[uuid.UUID, AuditLink]) -> dict[str, Any]:
    link = links.get(event.id)
    return {
        "id": event.id,
        "at": event.at,
        "action": event.action,
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id,
        "details": details_of(event),
        "seq": None if link is None else link.seq,
        "hash": None if link is None else link.hash.hex(),
    }


def _status_changes(scope: TenantScope, consent: Consent) -> Iterator[dict[str, Any]]:
    """Yield how a consent ended by an act of somebody, with the reason that was given."""

    def opened(place: str, row_id: uuid.UUID, cipher: bytes | None) -> str | None:
        if cipher is None:
            return None
        return open_text(scope, consent.patient_id, place, row_id, cipher)

    void = find_void(scope, consent.id)
    if void is not None:
        reason = opened("consent_void.reason", void.id, void.reason_cipher)
        yield {"kind": "voided", "at": void.voided_at, "by": void.voided_by, "reason": reason}
    taken = withdrawal_queries.find_withdrawal(scope, consent.id)
    if taken is not None:
        reason = opened("withdrawal.reason", taken.id, taken.reason_cipher)
        at, by = taken.withdrawn_at, taken.recorded_by
        yield {"kind": "withdrawn", "at": at, "by": by, "reason": reason}
    if consent.state == "superseded":
        yield {"kind": "superseded", "at": consent.ended_at, "by": None, "reason": None}


def _messages(scope: TenantScope, consent: Consent) -> list[Message]:
    found = list_messages_to_patient(scope, consent.patient_id, since=consent.created_at, most=None)
    return [one for one in reversed(found) if one.template in ABOUT_CONSENTS]


def _message(scope: TenantScope, message: Message) -> dict[str, Any]:
    to = read_message(scope, message).to  # Empty once it was erased.
    mask = mask_email if message.channel == "email" else mask_phone
    return {
        "message_id": message.id,
        "template": message.template,
        "channel": message.channel,
        "to_masked": mask(to) if to else "",
        "state": message.state,
        "queued_at": message.created_at,
        "sent_at": message.sent_at,
    }
