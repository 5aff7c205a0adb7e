"""The list of every room's blueprints: what the application answers to, in one look."""

from importlib import import_module

from flask import Flask
from flask_smorest import Blueprint as ApiBlueprint

from app.openapi import Decorators, HouseApi

# "module:attribute", in the order of the floors.
BLUEPRINTS = (
    "app.health:bp",
    "app.auth.pages:bp",
    "app.auth.routes:bp",
    "app.auth.account_pages:bp",
    "app.auth.link_pages:bp",
    "app.auth.address_pages:bp",
    "app.auth.address_pages:api",
    "app.auth.account_routes:bp",
    "app.auth.passkey_routes:bp",
    "app.auth.passkey_routes:pages",
    "app.auth.desk_pages:bp",
    "app.auth.desk_pages:api",
    "app.staff_pages:bp",
    "app.audit.routes:bp",
    "app.messaging.pages:bp",
    "app.documents.routes:bp",
    "app.tenants.brand_routes:bp",
    "app.tenants.settings_routes:bp",
    "app.tenants.location_routes:bp",
    "app.tenants.qualification_routes:bp",
    "app.tenants.upload_routes:bp",
    "app.tenants.routes:bp",
    "app.tenants.pages:bp",
    "app.tenants.staff_routes:bp",
    "app.tenants.people_pages:bp",
    "app.tenants.invitation_pages:bp",
    "app.tenants.join_routes:bp",
    "app.tenants.join_pages:bp",
    "app.patients.routes:bp",
    "app.patients.record_routes:bp",
    "app.patients.pages:bp",
    "app.patients.record_pages:bp",
    "app.patients.merge_pages:bp",
    "app.patients.transfer_pages:bp",
    "app.patients.transfer_routes:bp",
    "app.catalogue.routes:bp",
    "app.catalogue.pages:bp",
    "app.plans.routes:bp",
    "app.billing.webhooks:bp",
    "app.billing.routes:bp",
    "app.billing.package_pages:bp",
    "app.billing.pages:bp",
    "app.billing.patient_pages:bp",
    "app.plans.pages:bp",
    "app.plans.visit_pages:bp",
    "app.consent.routes:bp",
    "app.consent.form_routes:bp",
    "app.consent.library_pages:bp",
    "app.consent.form_version_pages:bp",
    "app.consent.editor_pages:bp",
    "app.consent.sign_routes:bp",
    "app.consent.link_pages:bp",
    "app.consent.identity_pages:bp",
    "app.consent.tablet_pages:bp",
    "app.consent.pages:bp",
    "app.consent.signing_pages:bp",
    "app.consent.copy_pages:bp",
    "app.consent.copy_pages:api",
    "app.consent.clinic_pages:bp",
    "app.consent.way_pages:bp",
    "app.consent.way_routes:bp",
    "app.consent.hold_pages:bp",
    "app.consent.hold_routes:bp",
    "app.consent.screening_routes:bp",
    "app.consent.paper_pages:bp",
    "app.consent.blank_pages:bp",
    "app.consent.blank_pages:api",
    "app.consent.paper_routes:bp",
    "app.consent.second_pages:bp",
    "app.consent.review_pages:bp",
    "app.consent.review_routes:bp",
    "app.photos.routes:bp",
    "app.photos.pages:bp",
    "app.consent.party_pages:sign",
    "app.consent.party_pages:bp",
    "app.consent.party_pages:api",
    "app.consent.safety_pages:bp",
    "app.consent.safety_pages:pages",
    "app.consent.standing_pages:bp",
    "app.consent.standing_pages:pages",
    "app.care.routes:bp",
    "app.care.document_pages:bp",
    "app.care.pages:bp",
    "app.care.record_pages:bp",
    "app.care.visit_holds:bp",
    "app.care.visit_holds:pages",
    "app.care.incident_pages:bp",
    "app.care.withdrawal_pages:bp",
    "app.care.withdrawal_routes:bp",
    "app.leaving.routes:bp",
    "app.rights.routes:bp",
    "app.rights.pages:bp",
    "app.rights.copy_pages:bp",
    "app.rights.beside:bp",
    "app.leaving.pages:bp",
    "app.desk.today:bp",
    "app.desk.patient_file:bp",
    "app.desk.audit_pages:bp",
    "app.desk.chart_pages:bp",
    "app.desk.chart_routes:bp",
    "app.desk.plan_file:bp",
    "app.desk.setup:bp",
    "app.desk.clinic_settings:bp",
    "app.desk.policies:bp",
    "app.desk.expiring:bp",
    "app.policies.routes:bp",
    "app.desk.locations:bp",
    "app.desk.location_closing:bp",
    "app.desk.qualifications:bp",
    "app.desk.qualification_acts:bp",
    "app.desk.devices:bp",
)
# Modules that register job handlers or commands when they are imported.
JOBS = (
    "app.idempotency",
    "app.audit.jobs",
    "app.tenants.audit_watch",
    "app.tenants.jobs",
    "app.auth.jobs",
    "app.messaging.jobs",
    "app.documents.jobs",
    "app.policies.jobs",
    "app.patients.jobs",
    "app.billing.jobs",
    "app.consent.jobs",
    "app.photos.jobs",
    "app.care.jobs",
    "app.leaving.jobs",
    "app.rights.jobs",
)
COMMANDS = (
    "app.database.cli:bp",
    "app.jobs.cli:bp",
    "app.auth.cli:bp",
    "app.audit.cli:bp",
    "app.tenants.cli:bp",
    "app.billing.cli:bp",
    "app.documents.cli:bp",
    "app.vault.cli:bp",
)
# Modules that add commands to another room's group when they are imported.
FURTHER_COMMANDS = ("app.leaving.cli",)


def register(app: Flask) -> None:
    """Register every blueprint and import every job handler."""
    api = HouseApi(app, spec_kwargs={"extra_plugins": [Decorators(app)]})
    for dotted in (*BLUEPRINTS, *COMMANDS):
        module, _, attribute = dotted.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, ApiBlueprint):
            api.register_blueprint(found)
        else:
            app.register_blueprint(found)
    for module in (*JOBS, *FURTHER_COMMANDS):
        import_module(module)
