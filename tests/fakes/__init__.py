"""Stand-ins for parties outside: each holds a list of what happened."""
