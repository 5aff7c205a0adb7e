"""The front of the house: pages that look into several rooms at once.

Today's list, a patient's page, a plan's page and the clinic's set-up each need what consent, money
and care know, so they stand above all rooms. A page that needs its own room alone lives there.
"""
