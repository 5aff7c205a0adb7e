"""Write the JSON Schema of a clinic's export into the documentation, or check that it is there.

``--write`` writes docs/clinic-export.schema.json; without it, ends with 1 where that is stale.
"""

import json
import sys
from pathlib import Path

import app.models
from app.leaving.schema_document import schema_document

PLACE = Path(__file__).resolve().parents[1] / "docs" / "clinic-export.schema.json"


def main(arguments: list[str]) -> int:
    """Write or compare."""
    app.models.load()
    wanted = json.dumps(schema_document(), ensure_ascii=False, indent=1) + "\n"
    if "--write" in arguments:
        PLACE.write_text(wanted)
        return 0
    same = PLACE.exists() and PLACE.read_text() == wanted
    if not same:
        sys.stdout.write("docs/clinic-export.schema.json is stale: run with --write.\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
