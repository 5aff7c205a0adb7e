"""The use cases of holds: open, decide, ask a second person, settle, seal."""
