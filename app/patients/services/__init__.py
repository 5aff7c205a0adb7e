"""The use cases around a patient's record."""
