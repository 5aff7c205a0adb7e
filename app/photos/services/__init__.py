"""The use cases of the photos room, one verb to a module."""
