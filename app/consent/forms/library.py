"""The starter library, and the sample plan with which a form is previewed before any patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from app.catalogue.answers import add_months
from app.catalogue.content import Catalogue, Market
from app.catalogue.facts import PlanFacts, PlannedDevice
from app.catalogue.reading import read_content
from app.consent.errors import FormNotSound
from app.consent.forms.assembly import ValueUnknown, assemble
from app.consent.forms.content import FormContent
from app.consent.forms.shown import AssembledForm
from app.consent.forms.values import ConsentFacts
from app.consent.purposes import rules_of
from app.kit.speech import nearest_language, speaking

_FILE = Path(__file__).parent / "library.yaml"
_WITHOUT_HEAT = "mechanical_microneedling"


@dataclass(frozen=True)
class SamplePlan:
    """A reason and areas (µm) that go together."""

    indication: str
    areas: Mapping[str, int]


@dataclass(frozen=True)
class Entry:
    """One line of the library: which form serves it, and a plan to look at it with."""

    id: str
    title: str
    form: str
    plan: SamplePlan


@dataclass(frozen=True)
class _Library:
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Sample:
    """Who and where a preview speaks of."""

    clinic_name: str
    today: date
    market: Market = "UK"


@cache
def library() -> tuple[Entry, ...]:
    """Return the entries in their order; raises ContentRefused."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return read_content(_Library, raw, "library").entries


def sample_entry(form: FormContent, wanted: str = "") -> Entry:
    """Return the entry to preview a form with: the wanted one, or the first that speaks of it."""
    fitting = [one for one in library() if one.form == form.id]
    # A clinic's own form has no entry: the first plan of its purpose serves.
    others = fitting or [one for one in library() if "photos" in one.form or one.form == "rf"]
    return next((one for one in fitting if one.id == wanted), (others or list(library()))[0])


def preview(form: FormContent, catalogue: Catalogue, entry: Entry, sample: Sample) -> AssembledForm:
    """Return a form as a patient would read it, with a sample plan and nobody's data.

    Raises FormNotSound for a draft that names values or risks which do not exist.
    """
    try:
        with speaking(nearest_language(form.locale)):
            return assemble(form, catalogue, _facts(form, catalogue, entry, sample))
    except (ValueUnknown, KeyError):
        told = "Put right what the check of the draft names; then it can be previewed."
        raise FormNotSound(told, findings=[]) from None


def _facts(form: FormContent, catalogue: Catalogue, entry: Entry, sample: Sample) -> ConsentFacts:
    procedure = catalogue.procedure[form.procedure or _WITHOUT_HEAT]
    months = rules_of(form.purpose).months
    plan = PlanFacts(
        procedure=procedure.id,
        energy=procedure.energy,
        areas=entry.plan.areas,
        device=PlannedDevice(procedure.device_kinds[-1], "Sample device"),
        indication=entry.plan.indication,
        market=sample.market,
        jurisdiction="",
        skin_type=4,
        date_of_birth=date(1990, 5, 17),
        anaesthetic="otc",
        add_ons=frozenset({form.add_on} if form.add_on else ()),
    )
    return ConsentFacts(
        plan=plan,
        visit_date=sample.today,
        patient_name="Sample Patient",
        clinic_name=sample.clinic_name,
        clinic_contact="000 0000",
        location_name="Sample location",
        location_address="1 Sample Street",
        practitioner_name="Sample Practitioner",
        practitioner_qualification="nurse, prescriber",
        practitioner_registration="SAMPLE 0000",
        responsible_name="Sample Lead",
        sessions=3,
        interval_days=28,
        price_minor=45000,
        currency="GBP",
        what_matters="A sample wish.",
        discussed_on=sample.today,
        expires_on=None if months is None else add_months(sample.today, months),
    )
