"""Outcomes of the catalogue's room."""

from app.errors import Conflict


class CatalogueNotApproved(Conflict):
    """The clinic has not approved a clinical catalogue yet."""

    code = "catalogue_not_approved"
    title = "An owner or medical lead needs to approve the clinical catalogue first"


class LanguageMissing(Conflict):
    """The version of the catalogue that a plan was made with has no texts in a language."""

    code = "language_missing"
    title = "The clinical catalogue does not speak this language"
