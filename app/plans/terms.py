"""What a plan says, as one value, and what of it cannot be."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from app.catalogue.content import Catalogue
from app.plans.body_map import VIEWS, areas_on
from app.plans.errors import PlanNotPossible
from app.plans.models import Capacity
from app.tenants.models import Device

MOST_SPOTS = 40
LONGEST_SPOT = 200
LONGEST_NOTE = 2000
LONGEST_TERMS = 1000
# A place on a drawing, in thousandths of its width and height.
PLACE = range(1001)


@dataclass(frozen=True)
class LeftOut:
    """A spot inside a planned area that is not treated, such as a mole or a tattoo.

    ``what`` says in words what and where it is. ``view`` with ``x`` and ``y``, in thousandths of
    the drawing from its upper left corner, marks it on the body map; all three or none.
    """

    area: str
    what: str
    view: str | None = None
    x: int | None = None
    y: int | None = None


@dataclass(frozen=True)
class PlanTerms:
    """What a plan says. ``areas`` maps area ids to the deepest needle in micrometres.

    ``price_minor`` is the price of the whole course in minor units of the location's currency,
    ``price_terms`` what it includes and what happens when a visit is called off. ``capacity`` says
    whether the patient can decide for themselves: presumed, assessed after a doubt, or lacking
    (Mental Capacity Act 2005; GMC 2020, principle 5).
    """

    procedure_id: str
    indication_id: str
    areas: Mapping[str, int]
    device_id: uuid.UUID
    practitioner_id: uuid.UUID
    sessions: int
    interval_days: int
    anaesthetic: str
    skin_type: int
    what_matters: str
    price_minor: int
    anaesthetic_name: str = ""
    add_ons: tuple[str, ...] = ()
    capacity: str = Capacity.PRESUMED.value
    capacity_note: str = ""
    price_terms: str = ""
    leave_out: tuple[LeftOut, ...] = ()


def check_terms(
    catalogue: Catalogue, device: Device, location_id: uuid.UUID, terms: PlanTerms
) -> None:
    """Raise PlanNotPossible, naming every field that does not fit the others."""
    wrong = {
        **_wrong_choices(catalogue, device, location_id, terms),
        **_wrong_areas(catalogue, terms.areas),
        **_wrong_spots(terms),
        **_wrong_numbers(terms),
        **_wrong_words(terms),
    }
    if wrong:
        raise PlanNotPossible(next(iter(wrong.values())), fields=wrong)


def _wrong_choices(
    catalogue: Catalogue, device: Device, location_id: uuid.UUID, terms: PlanTerms
) -> dict[str, str]:
    wrong: dict[str, str] = {}
    procedure = {one.id: one for one in catalogue.procedures}.get(terms.procedure_id)
    indication = catalogue.indication.get(terms.indication_id)
    if procedure is None:
        wrong["procedure_id"] = "This procedure is not in the clinic's catalogue."
    elif device.kind not in procedure.device_kinds:
        wrong["device_id"] = "This device does not do this procedure."
    if indication is None:
        wrong["indication_id"] = "This indication is not in the clinic's catalogue."
    elif indication.default_state == "disabled":
        wrong["indication_id"] = "This indication is switched off: there is no good evidence."
    if device.location_id != location_id or device.retired_at is not None:
        wrong["device_id"] = "This device is not in use at this location."
    if set(terms.add_ons) - {one.id for one in catalogue.add_ons}:
        wrong["add_ons"] = "This addition is not in the clinic's catalogue."
    return wrong


def _wrong_areas(catalogue: Catalogue, areas: Mapping[str, int]) -> dict[str, str]:
    wrong = {} if areas else {"areas": "Choose at least one area."}
    for area, depth_um in areas.items():
        if area not in catalogue.area:
            wrong[f"areas.{area}"] = "This area is not treated."
        elif not 0 < depth_um <= 8000:
            wrong[f"areas.{area}"] = "The depth lies between 0 and 8 mm."
    return wrong


def _wrong_spots(terms: PlanTerms) -> dict[str, str]:
    if len(terms.leave_out) > MOST_SPOTS:
        return {"leave_out": f"Mark at most {MOST_SPOTS} spots; leave out a whole area instead."}
    wrong = {}
    for number, spot in enumerate(terms.leave_out, start=1):
        refusal = _spot_refusal(terms, spot)
        if refusal:
            wrong[f"leave_out.{number}"] = refusal
    return wrong


def _spot_refusal(terms: PlanTerms, spot: LeftOut) -> str:
    if spot.area not in terms.areas:
        return "A spot to leave out lies in an area that is treated. Choose that area."
    if not spot.what.strip():
        return "Say what is left out, and where it is."
    if len(spot.what) > LONGEST_SPOT:
        return f"Use at most {LONGEST_SPOT} characters."
    if (spot.view, spot.x, spot.y) == (None, None, None):
        return ""
    if spot.view is None or spot.view not in VIEWS or spot.x not in PLACE or spot.y not in PLACE:
        return "Mark the spot on the drawing again."
    if spot.area not in areas_on(spot.view):
        return "This drawing does not show that area."
    return ""


def _wrong_numbers(terms: PlanTerms) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not 1 <= terms.skin_type <= 6:
        wrong["skin_type"] = "The skin type is I to VI."
    if not 1 <= terms.sessions <= 24:
        wrong["sessions"] = "A plan has 1 to 24 sessions."
    if terms.price_minor < 0:
        wrong["price_minor"] = "A price is not negative."
    return wrong


def _wrong_words(terms: PlanTerms) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not terms.what_matters.strip():
        wrong["what_matters"] = "Write down what matters to this patient."
    if terms.capacity not in {one.value for one in Capacity}:
        wrong["capacity"] = "Say whether they can decide for themselves."
    elif terms.capacity != Capacity.PRESUMED and not terms.capacity_note.strip():
        wrong["capacity_note"] = "Write down how you came to that view."
    if len(terms.capacity_note) > LONGEST_NOTE:
        wrong["capacity_note"] = f"Use at most {LONGEST_NOTE} characters."
    if len(terms.price_terms) > LONGEST_TERMS:
        wrong["price_terms"] = f"Use at most {LONGEST_TERMS} characters."
    if terms.anaesthetic == "none" and terms.anaesthetic_name:
        wrong["anaesthetic_name"] = "Say how the skin is numbed, or clear the name of the cream."
    return wrong
