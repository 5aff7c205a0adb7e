"""The use cases of the billing room, one verb to a module."""
