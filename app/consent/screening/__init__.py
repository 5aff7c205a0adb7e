"""The questions about health: what a plan asks, what is answered, and what the rules say to it."""
