"""Photographs of patients: drawn anew, encrypted, bound to a consent, hidden when it is taken back.

Words: a *clinical* photograph belongs to the record; a *marketing* one may be shown to others. Each
needs its own consent. Above consent, below care.
"""
