"""The use cases of screening: answer, and try answers on a plan."""
