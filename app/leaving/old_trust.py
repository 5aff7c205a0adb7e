"""Trust in the seals of another installation, kept because somebody decided so.

A file that is sealed stays as it is for ever, and so does the authority that vouches for its seal.
An export names its authorities, and yet nobody is trusted because a file says so.
"""

from contextlib import closing
from pathlib import Path

from app.config import Settings
from app.documents.setup import OLD_TRUST
from app.leaving.export_reader import Export


def keep_trust_of(path: Path, settings: Settings) -> None:
    """Trust the authorities named by an export from now on, beside our own."""
    with closing(Export(path)) as export:
        folder = settings.home / OLD_TRUST / str(export.about["export"])
        folder.mkdir(parents=True, exist_ok=True)
        for name in export.names():
            if name.startswith("trust/") and name.count("/") == 1:
                (folder / name.removeprefix("trust/")).write_bytes(export.read(name))
