"""The use cases after signing: remind, enter a safety notice, seal the receipt of a withdrawal."""
