"""Packages, deposits, the ledger and Stripe. Money is counted once and equals what Stripe says.

This room never asks about consent. A refund never changes a consent; money never blocks a record.
"""
