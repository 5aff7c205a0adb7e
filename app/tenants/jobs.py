"""The jobs of this room."""

from app import audit, jobs
from app.auth.account_queries import find_account
from app.database import TenantScope
from app.documents.sweeping import sweep_files
from app.tenants.place_queries import list_evidence_names
from app.tenants.staff_queries import get_staff_for_update


@jobs.handler("tenants.sweep_evidence", nightly=True)
def sweep_evidence(scope: TenantScope) -> None:
    """Delete evidence that no qualification has: its request was killed before its commit."""
    sweep_files(scope, "evidence", needed=list_evidence_names(scope))


@jobs.handler("tenants.follow_address", outlives="the account has its new address already")
def follow_address(scope: TenantScope) -> None:
    """Enter the address that a member of staff has now."""
    staff_id, person_id = scope.actor.id, scope.actor.person_id
    if staff_id is None or person_id is None:
        return
    member, account = get_staff_for_update(scope, staff_id), find_account(scope.session, person_id)
    if account is None or member.email == account.email:
        return
    member.email = account.email
    member.version += 1
    audit.record(scope, "tenants:staff:follow_address", subject_id=member.id)
