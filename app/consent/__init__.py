"""Consent: asked for, understood, signed, confirmed, and taken back.

A consent belongs to one plan version and one form version. The patient's signature seals a
document; a practitioner's attestation produces the executed consent and opens the grants that the
gate asks for. This folder holds the consent itself and its states; beside it are rooms for

- ``forms``: how a form is written, published, chosen and filled,
- ``screening``: the questions about health and what the rules say to the answers,
- ``holds``: what stops a patient, and who decides,
- ``ways``: how a form comes before its patient, and who it is that sits before it,
- ``signing``: the patient's pages from the first to the receipt,
- ``paper``: signing with a pen,
- ``documents``: what is sealed, and the evidence in it,
- ``after``: reminders, reasons to ask anew, the end, and taking back.
"""
