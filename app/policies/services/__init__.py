"""The use cases of the policies: decide one, and hold people and places to them."""
