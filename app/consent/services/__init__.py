"""The use cases of consent: publish a form, ask, identify, answer, read, sign, attest, withdraw."""
