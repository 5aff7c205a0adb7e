"""What touches both consent and money in one transaction: start, complete, incident, aftercare.

A treatment starts only through the consent gate. Completing is never refused, and money never
blocks a clinical record.
"""
