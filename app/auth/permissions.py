"""What each role may do: one table, readable in one look, here and on a page of the clinic."""

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
    FORM_WRITE = "form:write"
    FORM_REVIEW = "form:review"
    FORM_APPROVE = "form:approve"
    CONSENT_REQUEST = "consent:request"
    CONSENT_STATUS = "consent:status"
    CONSENT_READ = "consent:read"
    CONSENT_ATTEST = "consent:attest"
    HOLD_DECIDE = "hold:decide"
    CONSENT_VOID = "consent:void"
    STANDING_APPROVE = "standing:approve"
    SAFETY_ENTER = "safety:enter"
    TREATMENT_START = "treatment:start"
    INCIDENT_RECORD = "incident:record"
    AFTERCARE_GIVE = "aftercare:give"
    DOCUMENT_READ = "document:read"
    PHOTO_READ = "photo:read"
    PHOTO_WRITE = "photo:write"
    PHOTO_MARKET = "photo:market"
    PACKAGE_MANAGE = "package:manage"
    PACKAGE_SELL = "package:sell"
    PAYMENT_TAKE = "payment:take"
    LEDGER_READ = "ledger:read"
    AUDIT_READ = "audit:read"
    OUTBOX_READ = "outbox:read"
    RIGHTS_MANAGE = "rights:manage"
    PATIENT_IMPORT = "patient:import"
    PATIENT_EXPORT = "patient:export"


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
    Permission.FORM_WRITE: frozenset({OWNER, MEDICAL_LEAD, MANAGER}),
    Permission.FORM_REVIEW: frozenset({OWNER, MEDICAL_LEAD}),
    Permission.FORM_APPROVE: frozenset({OWNER, MANAGER}),
    Permission.CONSENT_REQUEST: DESK,
    Permission.CONSENT_STATUS: DESK,
    Permission.CONSENT_READ: CLINICAL,
    Permission.CONSENT_ATTEST: CLINICAL,
    Permission.HOLD_DECIDE: CLINICAL,
    Permission.CONSENT_VOID: CLINICAL,
    Permission.STANDING_APPROVE: frozenset({OWNER, MEDICAL_LEAD}),
    Permission.SAFETY_ENTER: frozenset({OWNER, MEDICAL_LEAD}),
    Permission.TREATMENT_START: CLINICAL,
    Permission.INCIDENT_RECORD: CLINICAL,
    Permission.AFTERCARE_GIVE: CLINICAL,
    Permission.DOCUMENT_READ: CLINICAL | {AUDITOR},
    Permission.PHOTO_READ: CLINICAL,
    Permission.PHOTO_WRITE: CLINICAL,
    Permission.PHOTO_MARKET: frozenset({OWNER, MEDICAL_LEAD, MANAGER}),
    Permission.PACKAGE_MANAGE: MONEY,
    Permission.PACKAGE_SELL: DESK | MONEY,
    Permission.PAYMENT_TAKE: DESK | MONEY,
    Permission.LEDGER_READ: MONEY | {AUDITOR},
    Permission.AUDIT_READ: frozenset({OWNER, AUDITOR}),
    Permission.OUTBOX_READ: frozenset({OWNER, MANAGER, FRONT_DESK, PRACTITIONER, MEDICAL_LEAD}),
    Permission.RIGHTS_MANAGE: frozenset({OWNER, MEDICAL_LEAD}),
    Permission.PATIENT_IMPORT: frozenset({OWNER, MANAGER}),
    Permission.PATIENT_EXPORT: frozenset({OWNER, MANAGER}),
}


# What each permission means, for the page that shows this table to everybody who works here.
WORDS: dict[Permission, str] = {
    Permission.CLINIC_READ: "See the clinic’s settings and who works here",
    Permission.CLINIC_MANAGE: "Change settings, locations and devices, approve the catalogue",
    Permission.STAFF_MANAGE: "Invite staff, change roles, enter qualifications",
    Permission.CLINIC_LEAVE: "Take the whole clinic away as a file, or end it",
    Permission.QUALIFICATION_VERIFY: "Check qualifications of others",
    Permission.PATIENT_MERGE: "Join two records of one patient, or part them again",
    Permission.PATIENT_READ: "Find patients by name",
    Permission.PATIENT_WRITE: "Add patients and see how to reach them",
    Permission.PLAN_READ: "See plans and visits",
    Permission.PLAN_WRITE: "Make plans and record discussions",
    Permission.VISIT_WRITE: "Plan and move visits",
    Permission.FORM_WRITE: "Write consent forms and send them to review",
    Permission.FORM_REVIEW: "Review consent forms for what is clinical in them",
    Permission.FORM_APPROVE: "Review consent forms for what is legal, publish and retire them",
    Permission.CONSENT_REQUEST: "Send consent forms, record a change of mind",
    Permission.CONSENT_STATUS: "See whether a consent is clear or needs review",
    Permission.CONSENT_READ: "Read answers about health and notes of treatments",
    Permission.CONSENT_ATTEST: "Attest consents (with a qualification)",
    Permission.HOLD_DECIDE: "Decide about holds (with a qualification)",
    Permission.CONSENT_VOID: "Call back a form or a consent, with a reason",
    Permission.STANDING_APPROVE: "Approve standing decisions (with a registration)",
    Permission.SAFETY_ENTER: "Enter safety communications about devices and materials",
    Permission.TREATMENT_START: "Start and record treatments (with a qualification)",
    Permission.INCIDENT_RECORD: "Record incidents",
    Permission.AFTERCARE_GIVE: "Give aftercare sheets",
    Permission.DOCUMENT_READ: "Open sealed documents",
    Permission.PHOTO_READ: "See photographs of patients",
    Permission.PHOTO_WRITE: "Add photographs and put them aside",
    Permission.PHOTO_MARKET: "See and release photographs for marketing",
    Permission.PACKAGE_MANAGE: "Set packages and prices",
    Permission.PACKAGE_SELL: "Sell packages, see what a patient bought",
    Permission.PAYMENT_TAKE: "Take payments",
    Permission.LEDGER_READ: "See the ledger",
    Permission.AUDIT_READ: "Read the audit trail",
    Permission.OUTBOX_READ: "See the messages that were sent",
    Permission.RIGHTS_MANAGE: "Answer what patients ask about their data, erase, set legal holds",
    Permission.PATIENT_IMPORT: "Bring in a list of patients from a file",
    Permission.PATIENT_EXPORT: "Take the list of patients away as a file",
}
ROLE_WORDS = {
    OWNER: "owner",
    MEDICAL_LEAD: "medical lead",
    PRACTITIONER: "practitioner",
    FRONT_DESK: "front desk",
    BILLING: "billing",
    MANAGER: "manager",
    AUDITOR: "auditor",
}
ROLE_HINTS = {
    OWNER: "Everything, also the clinic's settings and its money.",
    MEDICAL_LEAD: "Treats, attests, and leads the others clinically.",
    PRACTITIONER: "Plans, attests and treats within their qualification.",
    FRONT_DESK: "Books visits, sends forms and takes payments. Sees no answers about health.",
    BILLING: "Packages, payments and the ledger. Sees no plans.",
    MANAGER: "Runs the day and the money. Sees no answers about health.",
    AUDITOR: "Reads sealed documents, the ledger and the audit trail. Changes nothing.",
}
# What reaches the whole clinic and cannot be cut to a location. It is closed to whoever is limited
# to some locations, whatever their role.
WHOLE_CLINIC = frozenset(
    {
        Permission.FORM_WRITE,
        Permission.FORM_REVIEW,
        Permission.FORM_APPROVE,
        Permission.CLINIC_MANAGE,
        Permission.STANDING_APPROVE,
        Permission.SAFETY_ENTER,
        Permission.CLINIC_LEAVE,
        Permission.STAFF_MANAGE,
        Permission.LEDGER_READ,
        Permission.AUDIT_READ,
        Permission.RIGHTS_MANAGE,
        Permission.PATIENT_IMPORT,
        Permission.PATIENT_EXPORT,
    }
)


def may(role: str, permission: Permission, *, is_limited: bool = False) -> bool:
    """Return whether a role has a permission; ``is_limited`` to some of the clinic's locations."""
    return role in GRANTED[permission] and not (is_limited and permission in WHOLE_CLINIC)


def includes(role: str, other: str) -> bool:
    """Return whether a role has every permission of another one."""
    return all(role in allowed for allowed in GRANTED.values() if other in allowed)
