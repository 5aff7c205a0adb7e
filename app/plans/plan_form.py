"""The form of a plan: what it offers, and what was filled into it."""

from collections.abc import Iterable, Mapping, Sequence

from app.catalogue.content import Area, Catalogue
from app.database import TenantScope
from app.forms import Form
from app.kit.in_words import millimetres
from app.plans.body_map import VIEWS
from app.plans.facts import areas_of, capacity_note, spots_of, what_matters
from app.plans.models import Anaesthetic, Capacity, PlanVersion
from app.plans.terms import (
    LONGEST_NOTE,
    LONGEST_SPOT,
    LONGEST_TERMS,
    MOST_SPOTS,
    LeftOut,
    PlanTerms,
)
from app.tenants.models import Location

Option = dict[str, str]
SKIN_TYPES = (
    ("1", "I", "Always burns, never tans"),
    ("2", "II", "Burns easily, tans a little"),
    ("3", "III", "Burns sometimes, tans slowly"),
    ("4", "IV", "Burns rarely, tans well"),
    ("5", "V", "Brown skin; burns very rarely"),
    ("6", "VI", "Dark brown or black skin; almost never burns"),
)
ANAESTHETICS = {
    Anaesthetic.NONE: "None",
    Anaesthetic.OTC: "A cream that anybody may buy",
    Anaesthetic.PHARMACY: "A cream that only a pharmacy sells",
    Anaesthetic.PRESCRIPTION: "A cream on prescription",
}
CAPACITIES = {
    Capacity.PRESUMED: "Yes, nothing makes me doubt it",
    Capacity.ASSESSED: "I had a doubt and looked into it: yes",
    Capacity.LACKING: "No, not at present",
}
GROUPS = (
    ("face", "Face"),
    ("neck", "Neck"),
    ("body", "Body"),
    ("scalp", "Scalp"),
)
_EMPTY_ROWS = 2
_PLACE = "Mark the spot on the drawing again."


def options(pairs: Iterable[tuple[object, str]]) -> list[Option]:
    """Return pairs of value and label as a control's options."""
    return [{"value": str(value), "label": label} for value, label in pairs]


def indication_options(catalogue: Catalogue) -> list[Option]:
    """Return the indications that the clinic treats, with an empty line first."""
    offered = [one for one in catalogue.indications if one.default_state == "enabled"]
    return [{"value": "", "label": "Choose one"}, *options((one.id, one.title) for one in offered)]


def area_groups(areas: Sequence[Area]) -> list[dict[str, object]]:
    """Return the areas by group, each with the field of its depth and its usual range."""
    return [
        {
            "title": title,
            "areas": [
                {"name": f"depth_{one.id}", "title": one.title, "usual": _usual(one)}
                for one in areas
                if one.group == group
            ],
        }
        for group, title in GROUPS
    ]


def _usual(area: Area) -> str:
    low, high = area.depth_um
    return f"usually {millimetres(low).removesuffix(' mm')} to {millimetres(high)}"


def spot_rows(form: Form) -> list[int]:
    """Return the numbers of the lines for spots: those that were filled, and two empty ones."""
    last = max((number for number in _numbers() if _is_filled(form, number)), default=0)
    return list(range(1, min(last + _EMPTY_ROWS, MOST_SPOTS) + 1))


def chosen_areas(form: Form, catalogue: Catalogue) -> frozenset[str]:
    """Return the areas that have something in their depth's box."""
    return frozenset(one.id for one in catalogue.areas if form.typed(f"depth_{one.id}").strip())


def read_terms(form: Form, catalogue: Catalogue, location: Location) -> PlanTerms:
    """Return what was filled in; raises Invalid with every problem noted on the form."""
    terms = PlanTerms(
        indication_id=form.choice("indication_id", catalogue.indication, "Choose the reason."),
        procedure_id=form.choice("procedure_id", catalogue.procedure, "Choose the procedure."),
        areas=_depths(form, catalogue),
        leave_out=_spots(form, catalogue),
        device_id=form.key_of("device_id", "Choose the device."),
        practitioner_id=form.key_of("practitioner_id", "Choose who treats."),
        sessions=form.whole("sessions", "Enter 1 to 24 treatments.", low=1, high=24),
        interval_days=form.whole("interval_days", "Enter 1 to 365 days.", low=1, high=365),
        anaesthetic=form.choice("anaesthetic", list(Anaesthetic), "Say how the skin is numbed."),
        anaesthetic_name=form.optional("anaesthetic_name") or "",
        add_ons=tuple(form.chosen("add_ons")),
        skin_type=int(form.choice("skin_type", "123456", "Choose the skin type.") or 0),
        capacity=form.choice(
            "capacity", list(Capacity), "Say whether they can decide for themselves."
        ),
        capacity_note=form.optional("capacity_note", most=LONGEST_NOTE) or "",
        what_matters=form.text(
            "what_matters", "Write down what matters to this patient.", most=2000
        ),
        price_minor=form.minor(
            "price", location.currency, f"Enter the price in {location.currency}, like 526.50."
        ),
        price_terms=form.optional("price_terms", most=LONGEST_TERMS) or "",
    )
    form.check()
    return terms


def _depths(form: Form, catalogue: Catalogue) -> dict[str, int]:
    """Return the areas that have a depth, in micrometres; an empty box means: not treated."""
    told = "{}: enter millimetres with at most three decimals, like 1.5."
    named = [one for one in catalogue.areas if form.typed(f"depth_{one.id}").strip()]
    depths = {one.id: form.depth_um(f"depth_{one.id}", told.format(one.title)) for one in named}
    if not depths:
        form.fail("areas", "Enter a depth for at least one area.")
    return depths


def _spots(form: Form, catalogue: Catalogue) -> tuple[LeftOut, ...]:
    return tuple(
        _spot(form, catalogue, number) for number in _numbers() if _is_filled(form, number)
    )


def _spot(form: Form, catalogue: Catalogue, number: int) -> LeftOut:
    area = form.choice(f"spot_area_{number}", catalogue.area, "Choose the area of the spot.")
    what = form.text(
        f"spot_what_{number}", "Say what is left out, and where it is.", most=LONGEST_SPOT
    )
    view, x, y = _place(form, number)
    return LeftOut(area, what, view, x, y)


def _place(form: Form, number: int) -> tuple[str | None, int | None, int | None]:
    """Return the mark on a drawing, sent as "face 512 333"; a spot without a mark has none."""
    parts = form.typed(f"spot_place_{number}").split()
    if not parts:
        return None, None, None
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts[1:]):
        form.fail(f"spot_what_{number}", _PLACE)
        return None, None, None
    return parts[0], int(parts[1][:5]), int(parts[2][:5])


def _numbers() -> range:
    return range(1, MOST_SPOTS + 1)


def _is_filled(form: Form, number: int) -> bool:
    names = ("area", "what", "place")
    return any(form.typed(f"spot_{name}_{number}").strip() for name in names)


def service_names(catalogue: Catalogue, form: Form) -> Mapping[str, str]:
    """Return the service's fields with those of the page that they came from."""
    filled = [number for number in _numbers() if _is_filled(form, number)]
    spots = {f"leave_out.{nth}": f"spot_what_{row}" for nth, row in enumerate(filled, start=1)}
    areas = {f"areas.{one}": f"depth_{one}" for one in catalogue.area}
    return {"price_minor": "price", "leave_out": "spot_what_1"} | areas | spots


def filled_form(scope: TenantScope, version: PlanVersion, price: str) -> dict[str, str]:
    """Return the fields of the form with what a plan version says."""
    depths = areas_of(scope, version.id)
    fields = {
        "indication_id": version.indication_id,
        "procedure_id": version.procedure_id,
        "device_id": str(version.device_id),
        "practitioner_id": str(version.practitioner_id),
        "sessions": str(version.sessions),
        "interval_days": str(version.interval_days),
        "anaesthetic": version.anaesthetic,
        "anaesthetic_name": version.anaesthetic_name,
        "skin_type": str(version.skin_type),
        "capacity": version.capacity,
        "capacity_note": capacity_note(scope, version),
        "what_matters": what_matters(scope, version),
        "price": price,
        "price_terms": version.price_terms,
    }
    fields |= {f"depth_{area}": f"{um / 1000:g}" for area, um in depths.items()}
    for number, spot in enumerate(spots_of(scope, version), start=1):
        place = "" if spot.view is None else f"{spot.view} {spot.x} {spot.y}"
        fields |= {
            f"spot_area_{number}": spot.area,
            f"spot_what_{number}": spot.what,
            f"spot_place_{number}": place,
        }
    return fields


def marked_views(spots: Sequence[LeftOut]) -> list[dict[str, object]]:
    """Return the drawings that have marks, each with its numbered marks."""
    marks: dict[str, list[dict[str, int]]] = {}
    for number, spot in enumerate(spots, start=1):
        if spot.view is not None and spot.x is not None and spot.y is not None:
            marks.setdefault(spot.view, []).append({"number": number, "x": spot.x, "y": spot.y})
    return [{"view": view, "spots": marks[name]} for name, view in VIEWS.items() if name in marks]
