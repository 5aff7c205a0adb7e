"""An object store that cannot take anything."""

from app.storage.errors import StoreUnavailable
from app.storage.object_store import Store


class FullStore(Store):
    """A store whose disk is full."""

    def __init__(self) -> None:
        """Need no folder."""

    def put(self, name: str, data: bytes) -> str:
        raise StoreUnavailable("The disk is full.")

    def delete(self, name: str) -> None:
        """Have nothing to remove; a full disk would let it go."""
