"""Packages, deposits, the ledger and Stripe. Money is counted once and equals what Stripe says.

Words: a *package* is what is offered, a *purchase* is what a patient bought, a *credit* is one
session of it. An *attempt* is one click on "pay"; *settling* an attempt is finding out from Stripe
what became of it. This room never asks about consent: a refund never changes a consent, and money
never blocks a record. Rooms above redeem credits and read what is owed; nothing else.
"""
