"""How a form comes before its patient, and who it is that sits before it."""
