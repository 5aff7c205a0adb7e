"""Forms, screening, signing, attestation, grants and withdrawal.

A consent belongs to one plan version and one form version. The patient's signature seals a
document; a practitioner's attestation produces the executed consent and opens the grants that the
gate asks for.
"""
