"""The use cases at the form: read, ask, take part, keep what was typed, say no."""
