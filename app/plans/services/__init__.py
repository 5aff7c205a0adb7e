"""The use cases around a plan: make it, discuss it, plan its visits."""
