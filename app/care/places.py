"""Where on a body a needle can have gone, also where it never should."""

from app.catalogue.content import Catalogue


def places_on_body(catalogue: Catalogue) -> dict[str, str]:
    """Return the titles of all places by id: areas first, then those that are never treated.

    A record has to be able to say what happened, so that the latter are listed too.
    """
    titles = {one.id: one.title for one in catalogue.areas}
    for place in (*catalogue.never_treat, *catalogue.intimate_areas):
        titles.setdefault(place.id, place.title)
    return titles
