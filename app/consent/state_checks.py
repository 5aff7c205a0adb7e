"""What has to come before a state of a consent, asked by the database of whoever writes the row.

The services check far more. These keep a statement by hand from skipping what every way has.
"""

from sqlalchemy import CheckConstraint

STATE_CHECKS = (
    CheckConstraint(
        "state NOT IN ('signed', 'active', 'paused')"
        " OR (signed_at IS NOT NULL AND identified_at IS NOT NULL)",
        name="signed",
    ),
    CheckConstraint(
        "state <> 'active' OR attested_at IS NOT NULL"
        " OR purpose IN ('clinical_photos', 'marketing_photos')",
        name="attested",
    ),
    CheckConstraint(
        "ended_at IS NOT NULL OR state NOT IN"
        " ('declined', 'withdrawn', 'superseded', 'voided', 'not_safe', 'expired')",
        name="ended",
    ),
)
