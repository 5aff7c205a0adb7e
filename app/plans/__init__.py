"""The treatment plan: what was discussed and agreed with a patient, and the visits that follow.

A plan is versioned; a consent request is made from one version. Depths are micrometres.
"""
