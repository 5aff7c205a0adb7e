"""What happened, by whom, to what: append-only, tagged, without any personal text.

Every state-changing service records a tag in its own transaction; the ids and field names in an
event are all it holds, so that erasing a patient never breaks the record of what was done.
"""

from app.audit.services import charts_read, record, record_look

__all__ = ["charts_read", "record", "record_look"]
