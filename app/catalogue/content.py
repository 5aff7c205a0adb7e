"""The shapes of the clinical catalogue: what one approved version of it consists of.

Plain frozen values, read strictly from data by ``loader``. Depths are whole micrometres, weeks and
days are whole numbers, likelihoods are words, since honest numbers rarely exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias, TypeVar

from app.catalogue.aftercare import Aftercare
from app.catalogue.jurisdictions import Jurisdiction, ReportRoute
from app.catalogue.rules import Contradiction, Question, Rule, Section

Energy: TypeAlias = Literal["none", "radiofrequency"]
Market: TypeAlias = Literal["US", "UK", "EU", "JP"]
Likelihood: TypeAlias = Literal[
    "expected", "common", "common_ish", "uncommon", "rare", "very_rare", "unknown"
]
T = TypeVar("T")


@dataclass(frozen=True)
class Source:
    """A source code and how the source was read."""

    id: str
    title: str
    read_as: str


@dataclass(frozen=True)
class Procedure:
    """A kind of treatment; ``form`` names the consent form that belongs to it."""

    id: str
    title: str
    patient: str
    energy: Energy
    device_kinds: tuple[str, ...]
    form: str


@dataclass(frozen=True)
class Course:
    """How many treatments, and the shortest and longest interval between them in weeks."""

    min: int
    typical: int
    max: int
    interval_weeks: tuple[int, int]
    then: str | None = None


@dataclass(frozen=True)
class Indication:
    """What somebody comes for; ``honest`` is printed in the consent."""

    id: str
    title: str
    evidence: str
    sessions: Course | None
    depth_um: tuple[int, int] | None
    us_label: tuple[str, ...]
    honest: str
    confidence: str
    default_state: Literal["enabled", "disabled"] = "enabled"
    measure: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Area:
    """A part of the body; ``depth_um`` is the usual range of mechanical pens."""

    id: str
    title: str
    group: Literal["face", "neck", "body", "scalp"]
    depth_um: tuple[int, int]
    heal_days: int
    aftercare: tuple[str, ...]
    flags: tuple[str, ...] = ()
    notes: str | None = None
    label: str | None = None
    rf_allowed: bool = True


@dataclass(frozen=True)
class Titled:
    """Something that has only an id and a title."""

    id: str
    title: str


@dataclass(frozen=True)
class DeviceKind:
    """A kind of device; ``form`` is set where the kind needs a form of its own."""

    id: str
    title: str
    mechanism: str
    energy: Energy
    single_use: Literal["device", "cartridge"]
    depth_range_um: tuple[int, int] | None = None
    form: str | None = None
    notes: str | None = None


@dataclass(frozen=True)
class LabelUse:
    """One use on a label: these indications on these areas for these skin types (1 to 6)."""

    indications: tuple[str, ...]
    areas: tuple[str, ...]
    skin_types: tuple[int, ...]


@dataclass(frozen=True)
class DeviceLabel:
    """What one market lets a device be used for. It says nothing about any other market."""

    id: str
    device: str
    kind: str
    market: Market
    uses: tuple[LabelUse, ...]
    confidence: str
    numbers: tuple[str, ...] = ()
    cap_um: int | None = None
    age_min: int | None = None
    notes: str | None = None


@dataclass(frozen=True)
class ListedClearances:
    """Clearance numbers whose labels were not read; they decide nothing."""

    market: Market
    numbers: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class RfExamples:
    """Radiofrequency devices by name, with what is generally known of them."""

    names: tuple[str, ...]
    text: str
    confidence: str


@dataclass(frozen=True)
class Risk:
    """Something that can go wrong, in patients' words. Serious ones are always told."""

    id: str
    title: str
    text: str
    likelihood: Likelihood
    serious: bool = False
    scope: Literal["all", "mech", "rf"] = "all"
    areas: tuple[str, ...] = ()
    needs: Literal["anaesthetic"] | None = None
    lasts: str | None = None
    likelihood_note: str | None = None
    likelihood_by_skin_type: Mapping[str, Likelihood] = field(default_factory=dict)
    source: tuple[str, ...] = ()
    confidence: str | None = None


@dataclass(frozen=True)
class Note:
    """A statement about the whole catalogue, with its source and confidence."""

    id: str
    text: str
    source: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class Catalogue:
    """One version of everything. Look things up by id through the cached tables."""

    version: str
    locale: str
    procedures: tuple[Procedure, ...]
    add_ons: tuple[Titled, ...]
    record_fields: Mapping[str, tuple[str, ...]]
    notes: tuple[Note, ...]
    sources: tuple[Source, ...]
    indications: tuple[Indication, ...]
    areas: tuple[Area, ...]
    never_treat: tuple[Titled, ...]
    intimate_areas: tuple[Titled, ...]
    device_kinds: tuple[DeviceKind, ...]
    labels: tuple[DeviceLabel, ...]
    listed_clearances: tuple[ListedClearances, ...]
    rf_examples: RfExamples
    risks: tuple[Risk, ...]
    report_routes: tuple[ReportRoute, ...]
    aftercare: Aftercare
    jurisdictions: tuple[Jurisdiction, ...]
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    contradictions: tuple[Contradiction, ...]
    rules: tuple[Rule, ...]
    # language → kind → id → field → text: what patients read, in other languages than ``locale``.
    locales: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]] = field(
        default_factory=dict
    )

    @cached_property
    def retold(self) -> dict[str, "Catalogue"]:
        """The same catalogue in other languages, as ``overlay`` has made them so far."""
        return {}

    @cached_property
    def procedure(self) -> Mapping[str, Procedure]:
        """Procedures by id."""
        return {item.id: item for item in self.procedures}

    @cached_property
    def indication(self) -> Mapping[str, Indication]:
        """Indications by id."""
        return {item.id: item for item in self.indications}

    @cached_property
    def area(self) -> Mapping[str, Area]:
        """Areas by id."""
        return {item.id: item for item in self.areas}

    @cached_property
    def device_kind(self) -> Mapping[str, DeviceKind]:
        """Kinds of device by id."""
        return {item.id: item for item in self.device_kinds}

    @cached_property
    def risk(self) -> Mapping[str, Risk]:
        """Risks by id."""
        return {item.id: item for item in self.risks}

    @cached_property
    def question(self) -> Mapping[str, Question]:
        """Questions by id."""
        return {item.id: item for item in self.questions}

    @cached_property
    def rule(self) -> Mapping[str, Rule]:
        """Rules by id."""
        return {item.id: item for item in self.rules}

    @cached_property
    def note(self) -> Mapping[str, Note]:
        """Notes by id."""
        return {item.id: item for item in self.notes}

    @cached_property
    def points(self) -> Mapping[tuple[str, str], int]:
        """Points of each choice of the scored questions, by question and choice."""
        return {
            (question.id, choice.id): choice.points
            for question in self.questions
            for choice in question.choices
        }
