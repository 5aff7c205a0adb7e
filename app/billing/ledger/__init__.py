"""The ledger: two-sided transfers between a clinic's accounts, written once and never changed.

A journal is one thing that happened ("charge:ch_1:captured"); each of its legs moves one amount
from one account to another, so the ledger sums to zero by construction.
"""
