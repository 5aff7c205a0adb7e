"""Watch over the record of acts: verify it every night, and tell the owners what must be looked at.

It stands here because it has to know who the owners are; what it verifies lies in ``app/audit``.
"""

import uuid
from collections.abc import Iterable

import structlog
from flask import current_app

from app import audit, jobs
from app.audit import queries as audit_queries
from app.audit.gauges import BROKEN, FAILED, NOT_STAMPED, OF_CHECKS, VERIFIED, publish_gauges
from app.audit.rounds import all_clinics, run_round
from app.audit.verify import ChainReport, verify_chain
from app.audit.verify_anchors import (
    AnchorReport,
    installed_trust,
    restores_of,
    verify_anchors,
)
from app.database import SYSTEM, TenantScope, tenant_scope
from app.documents.setup import own_trust
from app.kit.clock import now
from app.messaging.services import queue_message
from app.tenants.queries import get_clinic, get_staff, list_owners

log = structlog.get_logger(__name__)


@jobs.regular("tenants.watch_audit", nightly=True)
def watch_audit() -> None:
    """Seal what is left, then verify every clinic's chain against the anchors."""
    run_round(everything=True)
    verify_all(all_clinics())


@jobs.handler("tenants.tell_crossing", outlives="owners hear also of whom they shut out since")
def tell_crossing(scope: TenantScope, *, staff_id: uuid.UUID) -> None:
    """Tell the owners that a member of staff asked for what is not theirs, three times or more."""
    tell_owners(scope, template="crossing_alert", path=f"/audit?person={staff_id}&kind=denials")


@jobs.handler("tenants.tell_restore", outlives="owners hear of what their record has lost")
def tell_restore(scope: TenantScope) -> None:
    """Tell the owners that somebody accepted an older state of their record of acts."""
    tell_owners(scope, template="restore_accepted", path="/audit/chain")


def verify_all(clinics: Iterable[uuid.UUID]) -> int:
    """Verify these clinics, note the result, raise the alarm where needed; return the failures."""
    trust = own_trust(current_app.config["SETTINGS"])
    anchors = verify_anchors(installed_trust(trust.roots, trust.stamp_roots))
    failed = _report_anchors(anchors)
    known, broken = set(clinics), 0
    for tenant_id in sorted(known):
        report = _verify_one(tenant_id, anchors)
        failed, broken = failed + len(report.findings), broken + (not report.holds)
    FAILED.set(failed)
    BROKEN.set(broken)
    NOT_STAMPED.set(len(anchors.not_stamped))
    VERIFIED.set(now().timestamp())
    publish_gauges(OF_CHECKS)
    return failed


def _report_anchors(anchors: AnchorReport) -> int:
    """Tell whoever runs the installation; these files belong to no single clinic."""
    for text in anchors.findings:
        log.error("audit.anchors_broken", finding=text)
    return len(anchors.findings)


def _verify_one(tenant_id: uuid.UUID, anchors: AnchorReport) -> ChainReport:
    with tenant_scope(tenant_id, SYSTEM) as scope:
        report = verify_chain(scope, anchors.heads.get(tenant_id))
    for anchor, _ in restores_of(anchors, tenant_id):
        log.warning("audit.restored", tenant_id=str(tenant_id), anchor=anchor.number)
    with tenant_scope(tenant_id, SYSTEM) as scope:
        head = audit_queries.find_head(scope)
        if head is not None:
            head.verified_at, head.verified_seq = now(), report.sealed
            head.failed_checks = len(report.findings)
        if not report.holds:
            _alarm(scope, report)
    return report


def _alarm(scope: TenantScope, report: ChainReport) -> None:
    for one in report.findings:
        log.error(
            "audit.broken",
            tenant_id=str(scope.tenant_id),
            check=one.check.value,
            seq=one.seq,
            event_id=str(one.event_id) if one.event_id else None,
        )
    audit.record(scope, "audit:chain:break", failed=len(report.findings))
    tell_owners(scope, template="audit_alarm", path="/audit/chain")


def tell_owners(
    scope: TenantScope, *, template: str, path: str, also: uuid.UUID | None = None
) -> int:
    """Send every owner a link to a page; who and what is only told behind the sign-in.

    ``also`` names a member of staff who hears of it, too, unless they have left.
    """
    clinic = get_clinic(scope)
    url = f"{current_app.config['SETTINGS'].public_url}/clinics/{scope.tenant_id}{path}"
    told = {one.id: one for one in list_owners(scope)}
    if also is not None and (member := get_staff(scope, also)).disabled_at is None:
        told[member.id] = member
    for one in told.values():
        queue_message(
            scope,
            to=one.email,
            channel="email",
            template=template,
            values={"clinic": clinic.legal_name, "link": url},
        )
    return len(told)
