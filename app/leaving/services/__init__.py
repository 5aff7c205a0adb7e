"""The use cases of leaving."""
