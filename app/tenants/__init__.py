"""Clinics and their people: locations, staff, qualifications, devices, and who may perform what.

A *tenant* in code is a *clinic* in the API. Patients, plans and everything above may ask this room;
it asks nobody above.
"""
