"""An interpreter or witness on the device of the patient, and on the staff's page."""

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_smorest import Blueprint as ApiBlueprint
from werkzeug.wrappers import Response as Answer

from app.auth.guards import guard
from app.auth.permissions import Permission
from app.consent import queries
from app.consent.errors import PartyRefused
from app.consent.models import Consent
from app.consent.signing import party_queries
from app.consent.signing.page_errors import show_kindly
from app.consent.signing.page_frame import open_step, show, to_path
from app.consent.signing.parties import MODES, mode_in_words, read_details, statement_of_party
from app.consent.signing.party_models import ConsentParty, PartyRole
from app.consent.signing.services.join_signing import (
    NewParty,
    add_party,
    is_everybody_there,
    needs_interpreter,
    remove_party,
    state_as_party,
)
from app.consent.signing.steps import Step
from app.consent.ways.at_the_form import patient
from app.consent.ways.schemas import NewPartyRequest, PartyResponse, StatePartyRequest
from app.database import TenantScope
from app.forms import Form, asking_again, sent_form
from app.idempotency import idempotent
from app.kit.in_words import language_in_words
from app.kit.speech import say
from app.patients.queries import get_patient
from app.staff_pages import go_to
from app.tenants.queries import get_location

Page = Response | tuple[str, int]
sign = Blueprint("sign_people", __name__, url_prefix="/sign/people")
show_kindly(sign)
bp = Blueprint(
    "consent_people",
    __name__,
    url_prefix="/clinics/<uuid:clinic_id>/consents/<uuid:consent_id>/people",
)
api = ApiBlueprint(
    "consent_people_api",
    __name__,
    url_prefix="/api/v1/clinics/<uuid:clinic_id>/consents/<uuid:consent_id>/people",
    description="Interpreters and witnesses",
)


@sign.get("")
@patient
def show_people(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Ask whoever interprets or watches for their name, or who it is."""
    consent = open_step(scope, consent_id, Step.SIGN)
    return consent if isinstance(consent, Response) else _sign_page(scope, consent, [])


@sign.post("")
@patient
def add_on_screen(scope: TenantScope, consent_id: uuid.UUID) -> Page:
    """Add the interpreter whom the patient has brought."""
    consent = open_step(scope, consent_id, Step.SIGN)
    if isinstance(consent, Response):
        return consent
    try:
        add_party(scope, consent_id=consent_id, wanted=_wanted(PartyRole.INTERPRETER))
    except PartyRefused as refused:
        return _sign_page(scope, consent, _errors(refused), 422)
    return to_path("/sign/people")


@sign.post("/<uuid:party_id>")
@patient
def state_on_screen(scope: TenantScope, consent_id: uuid.UUID, party_id: uuid.UUID) -> Page:
    """Take the name that somebody puts to the sentence."""
    consent = open_step(scope, consent_id, Step.SIGN)
    if isinstance(consent, Response):
        return consent
    name, is_adult = request.form.get("party_name", ""), request.form.get("is_adult") == "yes"
    try:
        state_as_party(
            scope, consent_id=consent_id, party_id=party_id, name=name, is_adult=is_adult
        )
    except PartyRefused as refused:
        return _sign_page(scope, consent, _errors(refused, {"name": "party_name"}), 422)
    return to_path("/sign/signature" if is_everybody_there(scope, consent) else "/sign/people")


@bp.get("")
@guard(Permission.CONSENT_REQUEST)
def list_people(scope: TenantScope, consent_id: uuid.UUID) -> str:
    """Show who takes part beside the patient, and add somebody."""
    return _staff_page(scope, consent_id, Form())


@bp.post("")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def add_person(scope: TenantScope, consent_id: uuid.UUID) -> Answer:
    """Add an interpreter or a witness."""
    form = sent_form()
    with asking_again(form, lambda again: _staff_page(scope, consent_id, again)):
        add_party(scope, consent_id=consent_id, wanted=_wanted(form.typed("role")))
    return go_to(scope, f"/consents/{consent_id}/people", "person")


@bp.post("/<uuid:party_id>/statement")
@guard(Permission.CONSENT_REQUEST)
@idempotent
def take_down(scope: TenantScope, consent_id: uuid.UUID, party_id: uuid.UUID) -> Answer:
    """Take down what somebody said on the telephone, on video or on paper."""
    form = sent_form()
    # Each of them has a form of their own on the page.
    names = {"name": f"name-{party_id}", "is_adult": f"adult-{party_id}"}
    with asking_again(form, lambda again: _staff_page(scope, consent_id, again), names):
        state_as_party(
            scope,
            consent_id=consent_id,
            party_id=party_id,
            name=form.typed("party_name"),
            is_adult=form.typed("is_adult") == "yes",
        )
    return go_to(scope, f"/consents/{consent_id}/people", "person-said")


@bp.post("/<uuid:party_id>/remove")
@guard(Permission.CONSENT_REQUEST)
def take_off(scope: TenantScope, consent_id: uuid.UUID, party_id: uuid.UUID) -> Answer:
    """Take somebody off who does not take part after all."""
    remove_party(scope, consent_id=consent_id, party_id=party_id)
    return go_to(scope, f"/consents/{consent_id}/people")


@api.get("")
@guard(Permission.CONSENT_REQUEST)
@api.response(200, PartyResponse(many=True))
def show_all(scope: TenantScope, consent_id: uuid.UUID) -> list[dict[str, Any]]:
    """List who takes part beside the patient."""
    consent = queries.get_consent(scope, consent_id)
    return [_told(scope, consent, one) for one in party_queries.list_parties(scope, consent_id)]


@api.post("")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@api.arguments(NewPartyRequest)
@api.response(201, PartyResponse)
def add(scope: TenantScope, wanted: dict[str, str], consent_id: uuid.UUID) -> dict[str, Any]:
    """Add an interpreter or a witness."""
    party = add_party(scope, consent_id=consent_id, wanted=NewParty(**wanted))
    return _told(scope, queries.get_consent(scope, consent_id), party)


@api.post("/<uuid:party_id>/statement")
@guard(Permission.CONSENT_REQUEST)
@idempotent
@api.arguments(StatePartyRequest)
@api.response(200, PartyResponse)
def state(
    scope: TenantScope, wanted: dict[str, Any], consent_id: uuid.UUID, party_id: uuid.UUID
) -> dict[str, Any]:
    """Take down what somebody said on the telephone, on video or on paper."""
    party = state_as_party(scope, consent_id=consent_id, party_id=party_id, **wanted)
    return _told(scope, queries.get_consent(scope, consent_id), party)


@api.delete("/<uuid:party_id>")
@guard(Permission.CONSENT_REQUEST)
@api.response(204)
def remove(scope: TenantScope, consent_id: uuid.UUID, party_id: uuid.UUID) -> None:
    """Take somebody off before the patient has signed."""
    remove_party(scope, consent_id=consent_id, party_id=party_id)


def _wanted(role: str) -> NewParty:
    sent = request.form
    return NewParty(
        role=role,
        name=sent.get("name", ""),
        mode=sent.get("mode", ""),
        language=sent.get("language", ""),
        reference=sent.get("reference", ""),
    )


def _errors(
    refused: PartyRefused, names: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, str]]:
    fields = refused.extra["fields"]
    named = fields if isinstance(fields, dict) else {"": refused.message}
    return [{"field": names.get(one, one), "message": told} for one, told in named.items()]


def _told(scope: TenantScope, consent: Consent, party: ConsentParty) -> dict[str, Any]:
    details = read_details(scope, consent, party)
    return {
        "id": party.id,
        "role": party.role,
        "name": details.name,
        "mode": details.mode,
        "how": mode_in_words(details.mode),
        "language": details.language,
        "reference": details.reference,
        "statement": details.statement or statement_of_party(party.role, details.language),
        "stated_at": party.stated_at,
    }


def _sign_page(
    scope: TenantScope, consent: Consent, errors: list[dict[str, str]], status: int = 200
) -> Page:
    people = [_told(scope, consent, one) for one in party_queries.list_parties(scope, consent.id)]
    has_one = any(one["role"] == PartyRole.INTERPRETER for one in people)
    return show(
        scope,
        consent,
        Step.SIGN,
        "people",
        status=status,
        errors=errors,
        waiting=[one for one in people if one["stated_at"] is None],
        ask_interpreter=needs_interpreter(scope, consent) and not has_one,
        language=language_in_words(get_patient(scope, consent.patient_id).language),
        modes=[{"value": mode, "label": say(words)} for mode, words in MODES.items()],
        values=request.form,
    )


def _staff_page(scope: TenantScope, consent_id: uuid.UUID, form: Form) -> str:
    consent = queries.get_consent(scope, consent_id)
    location = get_location(scope, consent.location_id)
    return render_template(
        "consent/people.html",
        form=form,
        consent=consent,
        patient=get_patient(scope, consent.patient_id),
        location=location,
        place=location.name,
        people=[
            _told(scope, consent, one) for one in party_queries.list_parties(scope, consent_id)
        ],
        needs_one=needs_interpreter(scope, consent),
        is_open=consent.state in queries.UNSIGNED,
        modes=[{"value": mode, "label": words} for mode, words in MODES.items()],
    )
