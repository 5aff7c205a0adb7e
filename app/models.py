"""The list of every module with tables, so that nothing is forgotten where all are needed."""

from importlib import import_module

MODULES = (
    "app.database.idempotency_models",
    "app.audit.models",
    "app.auth.models",
    "app.messaging.models",
    "app.tenants.models",
    "app.tenants.settings_models",
    "app.patients.models",
    "app.patients.limit_models",
    "app.patients.addendum_models",
    "app.patients.export_models",
    "app.patients.import_models",
    "app.catalogue.models",
    "app.policies.models",
    "app.plans.models",
    "app.documents.models",
    "app.consent.models",
    "app.consent.screening.models",
    "app.consent.after.withdrawal_models",
    "app.consent.after.follow_models",
    "app.consent.forms.models",
    "app.consent.ways.models",
    "app.consent.holds.models",
    "app.consent.holds.standing_models",
    "app.consent.after.safety_models",
    "app.consent.paper.models",
    "app.consent.signing.party_models",
    "app.billing.models",
    "app.billing.refund_models",
    "app.photos.models",
    "app.care.models",
    "app.leaving.models",
    "app.rights.models",
)

# What a limit to locations reaches, which knows every table.
REACH = "app.reach"


def load() -> None:
    """Import every module with tables."""
    for name in (*MODULES, REACH):
        import_module(name)
