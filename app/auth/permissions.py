"""What each role may do: one table, readable in one look."""

from enum import StrEnum

OWNER, MEDICAL_LEAD, PRACTITIONER, FRONT_DESK, BILLING, MANAGER, AUDITOR = (
    "owner",
    "medical_lead",
    "practitioner",
    "front_desk",
    "billing",
    "manager",
    "auditor",
)
EVERYBODY = frozenset({OWNER, MEDICAL_LEAD, PRACTITIONER, FRONT_DESK, BILLING, MANAGER, AUDITOR})
CLINICAL = frozenset({OWNER, MEDICAL_LEAD, PRACTITIONER})
DESK = frozenset({OWNER, MEDICAL_LEAD, PRACTITIONER, FRONT_DESK, MANAGER})
MONEY = frozenset({OWNER, BILLING, MANAGER})


class Permission(StrEnum):
    """A thing that a member of staff may do."""

    CLINIC_READ = "clinic:read"
    CLINIC_MANAGE = "clinic:manage"
    CLINIC_LEAVE = "clinic:leave"
    STAFF_MANAGE = "staff:manage"
    QUALIFICATION_VERIFY = "qualification:verify"
    PATIENT_READ = "patient:read"
    PATIENT_WRITE = "patient:write"
    PATIENT_MERGE = "patient:merge"
    PLAN_READ = "plan:read"
    PLAN_WRITE = "plan:write"
    VISIT_WRITE = "visit:write"
    CONSENT_REQUEST = "consent:request"
    CONSENT_STATUS = "consent:status"
    CONSENT_READ = "consent:read"
    CONSENT_ATTEST = "consent:attest"
    TREATMENT_START = "treatment:start"
    INCIDENT_RECORD = "incident:record"
    AFTERCARE_GIVE = "aftercare:give"
    DOCUMENT_READ = "document:read"
    PACKAGE_MANAGE = "package:manage"
    PACKAGE_SELL = "package:sell"
    PAYMENT_TAKE = "payment:take"
    LEDGER_READ = "ledger:read"
    AUDIT_READ = "audit:read"
    OUTBOX_READ = "outbox:read"


GRANTED: dict[Permission, frozenset[str]] = {
    Permission.CLINIC_READ: EVERYBODY,
    Permission.CLINIC_MANAGE: frozenset({OWNER}),
    Permission.CLINIC_LEAVE: frozenset({OWNER}),
    Permission.STAFF_MANAGE: frozenset({OWNER}),
    Permission.QUALIFICATION_VERIFY: frozenset({OWNER, MEDICAL_LEAD, MANAGER}),
    Permission.PATIENT_READ: DESK | MONEY,
    Permission.PATIENT_WRITE: DESK,
    Permission.PATIENT_MERGE: frozenset({OWNER, MEDICAL_LEAD, MANAGER}),
    Permission.PLAN_READ: DESK,
    Permission.PLAN_WRITE: CLINICAL,
    Permission.VISIT_WRITE: DESK,
    Permission.CONSENT_REQUEST: DESK,
    Permission.CONSENT_STATUS: DESK,
    Permission.CONSENT_READ: CLINICAL,
    Permission.CONSENT_ATTEST: CLINICAL,
    Permission.TREATMENT_START: CLINICAL,
    Permission.INCIDENT_RECORD: CLINICAL,
    Permission.AFTERCARE_GIVE: CLINICAL,
    Permission.DOCUMENT_READ: CLINICAL | {AUDITOR},
    Permission.PACKAGE_MANAGE: MONEY,
    Permission.PACKAGE_SELL: DESK | MONEY,
    Permission.PAYMENT_TAKE: DESK | MONEY,
    Permission.LEDGER_READ: MONEY | {AUDITOR},
    Permission.AUDIT_READ: frozenset({OWNER, AUDITOR}),
    Permission.OUTBOX_READ: frozenset({OWNER, MANAGER, FRONT_DESK, PRACTITIONER, MEDICAL_LEAD}),
}


def may(role: str, permission: Permission) -> bool:
    """Return whether a role has a permission."""
    return role in GRANTED[permission]
