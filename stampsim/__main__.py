"""``python -m stampsim --port N [--folder DIR]``: serve until interrupted, on 127.0.0.1 only."""

import argparse
import sys
from pathlib import Path

from stampsim.server import FAULTS, serve_forever


def main() -> None:
    """Read the arguments and serve; the folder keeps the keys and ``root.pem`` between starts."""
    parser = argparse.ArgumentParser(prog="stampsim", description=__doc__)
    parser.add_argument("--port", type=int, default=8318)
    parser.add_argument(
        "--folder", type=Path, default=None, help="where keys and root.pem are kept"
    )
    parser.add_argument("--fault", choices=sorted(FAULTS), default="none")
    arguments = parser.parse_args()
    try:
        serve_forever(arguments.port, arguments.folder, arguments.fault)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
