"""Outcomes of the catalogue's room."""

from app.errors import Conflict


class CatalogueNotApproved(Conflict):
    """The clinic has not approved a clinical catalogue yet."""

    code = "catalogue_not_approved"
    title = "An owner or medical lead needs to approve the clinical catalogue first"
