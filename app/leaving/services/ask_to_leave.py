"""Ask that the clinic be deleted, and call it off.

One owner's word is enough, proved a moment before and with the clinic's name typed: every other
owner is told at once, and each of them can call it off for thirty days.
"""

from dataclasses import replace
from datetime import datetime

from app import audit, jobs
from app.database import SYSTEM, TenantScope
from app.errors import Invalid
from app.kit.clock import now
from app.leaving import clinic_queries as queries
from app.leaving.errors import AlreadyLeaving, NotLeaving
from app.messaging.services import queue_message
from app.tenants.queries import get_clinic, list_owners


def ask_to_leave(scope: TenantScope, *, typed_name: str) -> datetime:
    """Shut the clinic for all but its owners; return when its deletion begins.

    Links to patients die now, and messages that wait are not sent; calling it off brings neither
    back. Raises AlreadyLeaving, and Invalid where the name is not the clinic's.
    """
    clinic = get_clinic(scope)
    if " ".join(typed_name.split()).casefold() != " ".join(clinic.legal_name.split()).casefold():
        told = "Type the name exactly as it stands above."
        raise Invalid(told, fields={"name": told})
    delete_after: datetime | None = scope.session.execute(queries.BEGIN_LEAVING).scalar_one()
    if delete_after is None:
        raise AlreadyLeaving
    clinic.leaving_since = now()
    for message in queries.list_waiting_messages(scope):
        message.state, message.last_error = "failed", "the clinic is leaving"
    _tell_owners(scope, "clinic_leaving", delete_after)
    audit.record(scope, "leaving:clinic:ask", subject_id=scope.tenant_id)
    # The job is the system's own: whoever asked may be gone by then.
    system = replace(scope, actor=SYSTEM)
    jobs.enqueue(system, "leaving.erase_step", lock="erase", not_before=delete_after)
    return delete_after


def call_off(scope: TenantScope) -> None:
    """Open the clinic again for everybody who worked there; raises NotLeaving."""
    if not scope.session.execute(queries.CANCEL_LEAVING).scalar_one():
        raise NotLeaving
    get_clinic(scope).leaving_since = None
    _tell_owners(scope, "clinic_stays", None)
    audit.record(scope, "leaving:clinic:call_off", subject_id=scope.tenant_id)


def _tell_owners(scope: TenantScope, template: str, delete_after: datetime | None) -> None:
    day = f"{delete_after:%d %B %Y}" if delete_after else ""
    for owner in list_owners(scope):
        values = {"clinic": get_clinic(scope).legal_name, "day": day}
        queue_message(scope, to=owner.email, channel="email", template=template, values=values)
