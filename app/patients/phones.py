"""Phone numbers: as people at a location type them, and as the world dials them."""

import phonenumbers

from app.errors import Invalid
from app.tenants.models import Location

LONGEST = 40
TOLD = "Check the phone number. Numbers of other countries begin with + and the country's code."


def region_of(location: Location) -> str:
    """Return the ISO country of a location, of which its jurisdiction's code begins: "GB-SCT"."""
    return location.jurisdiction.partition("-")[0]


def normal_phone(typed: str, region: str) -> str:
    """Return a number in E.164, read as people in a country would dial it; raises Invalid.

    A number only has to be possible, not assigned: plans of numbers change faster than programs.
    """
    try:
        number = phonenumbers.parse(typed[:LONGEST], region)
    except phonenumbers.NumberParseException as bad:
        raise Invalid(TOLD, fields={"phone": TOLD}) from bad
    if not phonenumbers.is_possible_number(number):
        raise Invalid(TOLD, fields={"phone": TOLD})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
