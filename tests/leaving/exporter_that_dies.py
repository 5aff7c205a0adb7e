"""Take one step of an export and be killed while the third part is being stored.

Run as a program: settings as JSON, clinic and export by id.
"""

import json
import os
import signal
import sys
import uuid
from pathlib import Path

from app import create_app
from app.config import Settings
from app.database import SYSTEM, tenant_scope
from app.leaving.services.make_export import take_step
from app.storage.object_store import Store


class DeadlyStore(Store):
    """Dies, with half the work done, when the third part arrives."""

    def __init__(self, inner: Store) -> None:
        """Store in the same place as the other."""
        super().__init__(inner._store, inner._folder)
        self.taken = 0

    def put(self, name: str, data: bytes) -> str:
        self.taken += 1
        if self.taken == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().put(name, data)


def main() -> None:
    """Begin the step; never return."""
    values = json.loads(sys.argv[1])
    app = create_app(Settings(**{**values, "home": Path(values["home"])}))
    app.extensions["needlepoint_store"] = DeadlyStore(app.extensions["needlepoint_store"])
    with app.app_context(), tenant_scope(uuid.UUID(sys.argv[2]), SYSTEM) as scope:
        take_step(scope, export_id=uuid.UUID(sys.argv[3]), most_rows=40)


if __name__ == "__main__":
    main()
