"""What a limit to locations reaches: one table, readable in one look, for every table of a clinic.

A patient belongs to the location that looks after them and to every location where they have a plan
or a purchase. Plans, visits, consents, treatments, incidents and purchases belong to their own
location alone. Everything else follows what it is part of. A contract test asks of every table
whether it stands here or in ``WHOLE_CLINIC``.
"""

from app.billing.models import PaymentAttempt, Purchase, Receipt, Redemption, SessionCredit
from app.billing.refund_models import RefundQuote
from app.care.models import (
    AcuteCheck,
    AftercareGiven,
    Incident,
    Treatment,
    TreatmentCompletion,
)
from app.consent.after.follow_models import ConsentDecline, ConsentReminder, ConsentVoid
from app.consent.after.withdrawal_models import Withdrawal
from app.consent.holds.models import Hold, HoldAgreement, HoldDecision, OutsideReview
from app.consent.models import Attestation, Consent, ConsentDraft, PatientQuestion, Signature
from app.consent.paper.models import PaperForm, PaperPage
from app.consent.screening.models import ConsentAnswers
from app.consent.signing.party_models import ConsentParty
from app.consent.ways.models import ConsentWay
from app.database import reach
from app.documents.models import Document, DocumentFile
from app.messaging.models import Message
from app.patients.addendum_models import PatientAddendum
from app.patients.export_models import DataExport, DataExportPart
from app.patients.import_models import PatientImport, PatientImportRow
from app.patients.limit_models import PatientLimit
from app.patients.models import (
    Patient,
    PatientContact,
    PatientFormerName,
    PatientMerge,
    PatientToken,
)
from app.photos.models import Photo, PhotoFile
from app.plans.models import Discussion, Plan, PlanArea, PlanSpot, PlanVersion, Visit
from app.rights.models import RightsDecision, RightsRequest

AT_A_LOCATION = (
    Patient,
    PatientImport,
    Plan,
    Visit,
    Consent,
    Treatment,
    Incident,
    Purchase,
)
PART_OF = (
    (PatientContact, "patient_id", Patient),
    (PatientFormerName, "patient_id", Patient),
    (PatientMerge, "kept_id", Patient),
    (PatientToken, "patient_id", Patient),
    (PatientAddendum, "patient_id", Patient),
    (PatientLimit, "patient_id", Patient),
    (PatientImportRow, "import_id", PatientImport),
    (DataExport, "patient_id", Patient),
    (DataExportPart, "export_id", DataExport),
    (RightsRequest, "patient_id", Patient),
    (RightsDecision, "patient_id", Patient),
    (Message, "patient_id", Patient),
    (Document, "patient_id", Patient),
    (DocumentFile, "document_id", Document),
    (PlanVersion, "plan_id", Plan),
    (PlanArea, "plan_version_id", PlanVersion),
    (PlanSpot, "plan_version_id", PlanVersion),
    (Discussion, "plan_version_id", PlanVersion),
    (AcuteCheck, "visit_id", Visit),
    (TreatmentCompletion, "treatment_id", Treatment),
    (AftercareGiven, "patient_id", Patient),
    (ConsentAnswers, "consent_id", Consent),
    (ConsentDraft, "consent_id", Consent),
    (PatientQuestion, "consent_id", Consent),
    (Hold, "consent_id", Consent),
    (ConsentWay, "consent_id", Consent),
    (ConsentParty, "consent_id", Consent),
    (HoldDecision, "consent_id", Consent),
    (OutsideReview, "consent_id", Consent),
    (HoldAgreement, "decision_id", HoldDecision),
    (PaperForm, "consent_id", Consent),
    (PaperPage, "paper_id", PaperForm),
    (Signature, "consent_id", Consent),
    (Attestation, "consent_id", Consent),
    (Withdrawal, "consent_id", Consent),
    (ConsentVoid, "consent_id", Consent),
    (ConsentDecline, "consent_id", Consent),
    (ConsentReminder, "consent_id", Consent),
    (Photo, "patient_id", Patient),
    (PhotoFile, "photo_id", Photo),
    (SessionCredit, "purchase_id", Purchase),
    (PaymentAttempt, "purchase_id", Purchase),
    (Receipt, "attempt_id", PaymentAttempt),
    (RefundQuote, "purchase_id", Purchase),
    (Redemption, "patient_id", Patient),
)
# Tables that a limit leaves open, and why.
WHOLE_CLINIC = {
    "blank_form": "numbers of forms without anybody's name",
    "audit_event": "closed to limited people as a permission; what they do is written anywhere",
    "audit_head": "the chain knows no locations",
    "audit_link": "the chain knows no locations",
    "cartridge_lot": "what the clinic owns, without a word about patients",
    "catalogue_version": "one catalogue for the clinic",
    "safety_notice": "safety: what is said of a device holds everywhere",
    "clinic": "its name and address",
    "clinic_export": "closed to limited people as a permission",
    "clinic_export_part": "closed to limited people as a permission",
    "clinic_logo": "on every page",
    "clinic_settings": "on every page",
    "consent_grant": "safety: the gate asks for every grant of a patient",
    "device": "what the clinic owns, without a word about patients",
    "expiry_reminder": "about registrations, not about patients",
    "form_draft": "one wording for the clinic",
    "form_step": "one wording for the clinic",
    "form_version": "one wording for the clinic",
    "idempotency_key": "each belongs to one actor",
    "ledger_account": "closed to limited people as a permission; a sale writes to it",
    "location": "their names are no secret within the clinic",
    "package": "the offer",
    "policy_decision": "the clinic's own policies",
    "qualification": "colleagues, not patients",
    "qualification_evidence": "colleagues, not patients",
    "qualification_scope": "colleagues, not patients",
    "sealing_operation": "never shown; sealing resumes by it",
    "shared_device": "a tablet of the clinic",
    "standing_decision": "the clinic's own rules, without a word about patients",
    "staff_invitation": "colleagues, not patients",
    "staff_location": "colleagues, not patients",
    "staff_member": "colleagues, not patients",
    "staff_pin": "colleagues, not patients",
    "stripe_account": "one account for the clinic",
    "stripe_customer": "never shown; a payment finds the payer by it",
    "stripe_event": "never shown to people",
    "stripe_operation": "never shown to people",
    "ledger_closing": "closed to limited people as a permission; a job writes it",
    "transfer": "closed to limited people as a permission; a sale writes to it",
    "treatment_area": "safety: when each area was last treated, wherever that was",
}

reach.at_location(*AT_A_LOCATION)
reach.because_of(Patient, Plan, "patient_id")
reach.because_of(Patient, Purchase, "patient_id")
# Records of one person were joined: whoever looked after any of them looks after all.
reach.joined_by(Patient, "merged_into")
for model, column, parent in PART_OF:
    reach.through(model, column, parent)
reach.unless_about(Document, "subject_id", Consent, Visit, Treatment, Incident)
