"""The outcomes of the object store."""

from app.errors import Unavailable


class StoreUnavailable(Unavailable):
    """The store did not take or give the file; nothing was lost and the same may be tried again."""

    code = "store_unavailable"
    title = "Files cannot be kept just now"


class ObjectMissing(StoreUnavailable):
    """The store works and has no such object."""

    code = "object_missing"
    title = "The file is not in the store"


class ObjectExists(StoreUnavailable):
    """There is an object of this name already; objects are never overwritten."""

    code = "object_exists"
    title = "The file was stored before"


class ObjectDamaged(StoreUnavailable):
    """What was read is not what was written."""

    code = "object_damaged"
    title = "The file in the store is damaged"
