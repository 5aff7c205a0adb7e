"""The database room: engine, models' base, tenant walls, transaction edge, embedded server.

Words: a *tenant* here is a clinic in the API. Everything above imports its doors from here.
"""

from app.database.base import Base, TenantOwned, TenantRow, db, one_of, tenant_fk, tenant_table
from app.database.edge import (
    UnitOfWork,
    commit_before_check,
    commit_before_refusal,
    commit_then_try,
    noted_in,
    outside_call,
    tenant_scope,
    unit_of_work,
)
from app.database.reach import OutsideReach
from app.database.scope import SYSTEM, Actor, OutsideScope, ScopedSession, TenantScope

__all__ = [
    "SYSTEM",
    "Actor",
    "Base",
    "OutsideReach",
    "OutsideScope",
    "ScopedSession",
    "TenantOwned",
    "TenantRow",
    "TenantScope",
    "UnitOfWork",
    "commit_before_check",
    "commit_before_refusal",
    "commit_then_try",
    "db",
    "noted_in",
    "one_of",
    "outside_call",
    "tenant_fk",
    "tenant_scope",
    "tenant_table",
    "unit_of_work",
]
