"""A clinic in which everything happened that can happen: no table of its own is empty."""

import io
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask
from PIL import Image

from app.audit.rounds import run_round
from app.auth.shared_desk import enrol_device, set_pin
from app.billing.gateway import StripeGateway
from app.billing.ledger.closings import close_ledger
from app.billing.models import AttemptState, Purchase
from app.billing.setup import EXTENSION, BillingSetup
from app.consent.after.services.remind_patient import remind_patient
from app.consent.after.services.seal_withdrawal import take_back
from app.consent.after.withdrawal_models import WithdrawalWay
from app.consent.forms.services.write_form import copy_shipped
from app.consent.paper.services.print_paper import print_blanks, use_blank
from app.consent.paper.services.scan_paper import add_scan
from app.consent.services.void_consent import void_consent
from app.consent.signing.declining import Why
from app.consent.signing.services.join_signing import NewParty, add_party
from app.documents.files import store
from app.documents.queries import list_renditions
from app.documents.sealer import read_certificates
from app.documents.stamp_later import stamp_later
from app.documents.stamping import HttpStampAuthority
from app.jobs.worker import work
from app.kit.clock import now, shifted
from app.patients.limit_models import LimitKind
from app.patients.queries import get_patient
from app.patients.services.edit_patient import PatientEdit, edit_patient
from app.patients.services.import_patients import (
    map_columns,
    start_import,
    step_import,
    upload_list,
)
from app.patients.services.keep_contacts import add_contact
from app.patients.services.limit_use import place_limit
from app.patients.services.merge_patients import merge_patients, undo_merge
from app.photos.models import PhotoPurpose
from app.policies.services.decide_policy import NewDecision, decide_policy
from app.policies.services.remind_of_endings import remind_of_endings
from app.rights.services.export_data import make_export, request_export
from app.tenants.models import Role
from app.tenants.queries import get_clinic
from app.tenants.services.add_logo import add_logo
from app.tenants.services.keep_evidence import add_evidence
from app.tenants.services.manage_staff import disable_staff
from app.tenants.services.save_settings import NewSettings, save_settings
from stampsim.server import StampAuthority
from stripesim.server import Sim
from tests.billing.shop import KEY, Shop, choose, connect
from tests.factories.billing import make_purchase, make_quote
from tests.factories.consent import answer, make_asked_consent, make_identified_consent
from tests.factories.holds import agree_from_outside, approve_standing
from tests.factories.photos import agree_to_photos, make_photo
from tests.factories.plans import BORN, MadePlan, make_discussed_plan, make_patient
from tests.factories.safety import make_safety_notice
from tests.factories.tenants import MadeClinic, Staff, add_staff, make_clinic, qualify
from tests.leaving.story import Told, tell_story
from tests.rights.erasing import ask_erasure, run_what_is_due, send_everything
from tests.rights.story import Story, make_story, withdraw
from tests.support.api import Api
from tests.support.noon import until_noon_after

YEARS = {"clinical": 10, "financial": 7}
LONG = timedelta(days=366 * 12)
FORMER, NAME_NOW = "Aoife Before", "Aoife After"
LIST = b"Name,Date of birth\nNull,1991-02-01\n"


@dataclass
class Whole(Told):
    """A clinic whose every table has a row, and the patients to whom something happened."""

    withdrawn: Story
    erased: Story
    unreachable: uuid.UUID
    restricted: MadePlan
    merged: uuid.UUID
    disabled: Staff


def tell_whole_story(app: Flask, sim: Sim, stamps: StampAuthority) -> Whole:
    """Tell the short story, and everything else that can happen in a clinic."""
    told = tell_story()
    clinic = told.clinic
    erased = _erased_patient(clinic)
    disabled = _staff_and_place(clinic)
    withdrawn = _withdrawn_patient(clinic)
    unreachable = _patient_who_came_back(clinic)
    merged = _merged_patients(clinic, told.ready.made.patient_id)
    restricted = _restricted_patient(clinic)
    agree_from_outside(clinic)
    approve_standing(clinic)
    make_safety_notice(clinic)
    make_quote(clinic, make_purchase(clinic, patient_id=withdrawn.made.patient_id))
    _called_back_form(clinic)
    _declined_form(clinic)
    _photographs(told.ready.made)
    _list_of_patients(clinic)
    _form_in_writing(clinic)
    _signed_on_paper(clinic)
    _payments(app, sim, clinic, make_purchase(clinic, patient_id=told.ready.made.patient_id))
    with shifted(timedelta(hours=3)), clinic.scope() as scope:
        close_ledger(scope)
    _late_stamp(app, stamps, withdrawn)
    _copy_and_request(app, clinic, told.ready.made.patient_id)
    # Another clinic stands in the same anchor, and must not be seen in this one's proof.
    run_round([clinic.tenant_id, make_clinic().tenant_id])
    return Whole(
        told.ready,
        told.treatment_id,
        withdrawn,
        erased,
        unreachable,
        restricted,
        merged,
        disabled,
    )


def _signed_on_paper(clinic: MadeClinic) -> None:
    """Scan a blank form that somebody signed while the system was out."""
    asked = make_asked_consent(make_discussed_plan(clinic))
    page = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(page, "JPEG")
    with clinic.scope() as scope:
        form_id = asked.read(scope).form_version_id
        wanted = {"form_version_id": form_id, "location_id": clinic.location_id, "many": 1}
        number = print_blanks(scope, **wanted)[0].number
    with clinic.scope() as scope:
        paper_id = use_blank(scope, consent_id=asked.id, number=number).id
    with clinic.scope() as scope:
        add_scan(scope, consent_id=asked.id, paper_id=paper_id, files=[page.getvalue()])
        add_party(scope, consent_id=asked.id, wanted=NewParty("witness", "Ewan Kerr"))


def _erased_patient(clinic: MadeClinic) -> Story:
    """Treat somebody, and erase every class when its time is over."""
    story = make_story(clinic)
    withdraw(story)
    ask_erasure(clinic, story.made.patient_id)
    send_everything(clinic)
    with shifted(LONG):
        run_what_is_due(clinic)
    return story


def _withdrawn_patient(clinic: MadeClinic) -> Story:
    """Treat somebody who then takes the consent back, changes names, and sues."""
    story = make_story(clinic)
    withdraw(story)
    patient_id = story.made.patient_id
    for name in (FORMER, NAME_NOW):
        with clinic.scope() as scope:
            version = get_patient(scope, patient_id).version
            edit = PatientEdit(name, BORN, clinic.location_id, "en")
            edit_patient(scope, patient_id=patient_id, version=version, wanted=edit)
    with clinic.scope() as scope:
        place_limit(scope, patient_id=patient_id, kind=LimitKind.LEGAL_HOLD, reason="claim")
    return story


def _called_back_form(clinic: MadeClinic) -> None:
    """Remind somebody of a form, and call it back."""
    asked = make_asked_consent(make_discussed_plan(clinic))
    with shifted(until_noon_after(timedelta(days=3))), clinic.scope() as scope:
        assert remind_patient(scope, consent_id=asked.id)
    with clinic.scope() as scope:
        void_consent(scope, consent_id=asked.id, reason="Sent to the wrong person.")


def _declined_form(clinic: MadeClinic) -> None:
    """Let somebody say no before they sign, and why."""
    asked = make_asked_consent(make_discussed_plan(clinic))
    why = Why(("cost",), "I would rather travel.")
    with clinic.scope() as scope:
        take_back(scope, consent_id=asked.id, way=WithdrawalWay.SIGN_LINK, why=why)


def _photographs(made: MadePlan) -> None:
    """Keep a photograph for the record and one for marketing."""
    for purpose in PhotoPurpose:
        agree_to_photos(made, purpose)
        make_photo(made, purpose=purpose)


def _patient_who_came_back(clinic: MadeClinic) -> uuid.UUID:
    """Erase the contacts of somebody whose record is kept, who then leaves an address again."""
    patient_id = make_discussed_plan(clinic).patient_id
    ask_erasure(clinic, patient_id)
    send_everything(clinic)
    run_what_is_due(clinic)
    with clinic.scope() as scope:
        add_contact(
            scope,
            patient_id=patient_id,
            version=get_patient(scope, patient_id).version,
            kind="email",
            typed="back@patients.example",
        )
    return patient_id


def _merged_patients(clinic: MadeClinic, kept: uuid.UUID) -> uuid.UUID:
    """Merge one record into another, and take a second merge back."""
    alias, other = (make_patient(clinic, name=name)[0] for name in ("Aoife Twice", "Aoife Other"))
    with clinic.scope() as scope:
        merge_patients(scope, kept_id=kept, alias_id=alias)
        undone = merge_patients(scope, kept_id=kept, alias_id=other)
        scope.session.flush()
        undo_merge(scope, patient_id=kept, merge_id=undone.id)
    return alias


def _restricted_patient(clinic: MadeClinic) -> MadePlan:
    """Restrict somebody whose answers hold a consent up."""
    made = make_discussed_plan(clinic)
    answer(make_identified_consent(made), pregnancy="yes")
    with clinic.scope() as scope:
        place_limit(
            scope,
            patient_id=made.patient_id,
            kind=LimitKind.RESTRICTION,
            reason="accuracy_contested",
        )
    return made


def _staff_and_place(clinic: MadeClinic) -> Staff:
    """Limit, qualify and disable people; change what the clinic says of itself."""
    add_staff(clinic, Role.MANAGER, at=(clinic.location_id,))
    gone = add_staff(clinic, Role.FRONT_DESK)
    with clinic.scope() as scope:
        disable_staff(scope, staff_id=gone.id)
    soon = now().date() + timedelta(days=20)
    held = qualify(clinic, add_staff(clinic, Role.PRACTITIONER), expires_on=soon)
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "#7a2b56").save(picture, "PNG")
    with clinic.scope() as scope:
        add_evidence(scope, store=store(), qualification_id=held, data=picture.getvalue())
        remind_of_endings(scope)
        enrol_device(scope, name="Tablet")
        set_pin(scope, pin="918273")
        decide_policy(
            scope,
            NewDecision(
                *("GB-SCT", "min_age", 21, "clinic", False, "", "Our insurer asks."),
                in_force_from=date(2099, 1, 1),
                after=0,
            ),
        )
        logo = add_logo(scope, data=picture.getvalue())
    with clinic.scope() as scope:
        own = get_clinic(scope)
        wanted = NewSettings(own.legal_name, own.address, "#1f5f5b", ("en", "ga"), YEARS, logo.id)
        save_settings(scope, wanted, version=own.version)
    return gone


def _form_in_writing(clinic: MadeClinic) -> None:
    """Leave a form half written."""
    with clinic.scope() as scope:
        copy_shipped(scope, key="prp", locale="en")


def _list_of_patients(clinic: MadeClinic) -> None:
    with clinic.scope() as scope:
        one = upload_list(scope, LIST)
    with clinic.scope() as scope:
        columns = {"name": 0, "date_of_birth": 1}
        map_columns(
            *(scope,),
            import_id=one.id,
            columns=columns,
            order="ymd",
            location_id=clinic.location_id,
        )
    for step in (step_import, start_import, step_import, step_import):
        with clinic.scope() as scope:
            step(scope, import_id=one.id)


def _payments(app: Flask, sim: Sim, clinic: MadeClinic, purchase: Purchase) -> None:
    """Let one attempt at paying run out of time and the next one be paid, with a receipt."""
    app.extensions[EXTENSION] = BillingSetup(
        gateway=StripeGateway(KEY, api_base=sim.url, retries=0),
        connect_secrets=(f"whsec_{uuid.uuid4().hex}",),
        platform_secrets=(),
        public_url="http://127.0.0.1:9",
        hosted_pages=(sim.url,),
    )

    def run_jobs() -> None:
        work(app, app.config["SETTINGS"].worker_url, until_empty=True)

    try:
        shop = Shop(app, sim, run_jobs, clinic, connect(clinic, sim), purchase)
        first = shop.start()
        sim.advance(3600)
        choose(first, "pay")
        assert shop.settle(first.id).state == AttemptState.EXPIRED
        sim.advance(-3600)
        with shifted(timedelta(hours=1)):
            paid = shop.pay()
            assert shop.settle(paid.id).state == AttemptState.PAID
        shop.deliver(shop.events("checkout.session.completed")[-1])
        run_jobs()
    finally:
        app.extensions.pop(EXTENSION)


def _late_stamp(app: Flask, stamps: StampAuthority, story: Story) -> None:
    """Stamp one sealed document later, so that it has an archival rendition."""
    authority = HttpStampAuthority(stamps.url, read_certificates(stamps.root_pem))
    document_id = story.consent.executed_document_id
    app.extensions["needlepoint_stamps"] = authority
    try:
        with story.clinic.scope() as scope:
            stamp_later(scope, document_id=document_id)
    finally:
        app.extensions["needlepoint_stamps"] = None
    with story.clinic.scope() as scope:
        assert list_renditions(scope, document_id)


def _copy_and_request(app: Flask, clinic: MadeClinic, patient_id: uuid.UUID) -> None:
    """Make a patient's copy of their data, and ask for something that is answered once."""
    with clinic.scope() as scope:
        export = request_export(scope, patient_id=patient_id)
    with clinic.scope() as scope:
        make_export(scope, export_id=export.id)
    Api(app, clinic, clinic.owner).post(
        "/patients",
        {
            "name": "Rós Ní Once",
            "date_of_birth": BORN.isoformat(),
            "location_id": str(clinic.location_id),
        },
    )
