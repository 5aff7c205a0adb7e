"""The use cases of a clinic's owner, one function each."""
