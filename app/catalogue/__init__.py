"""The clinical catalogue: what can be treated, where, with what, and what must be asked and told.

Owns procedures, indications, areas, devices and their labels, screening rules with their questions,
risks, aftercare and the facts of jurisdictions. All of it is versioned data under ``data/`` that a
clinic's clinician approves; the code here only reads it strictly and asks it questions. The words:
a *rule* fires in a *situation*; a *label* is what one market lets a device be used for.
"""
