"""``python -m demo``: bring everything up, play the story, keep serving until Ctrl-C."""

import os
import signal
import sys
import time

from demo.installation import Installation, keep_serving, start_installation
from demo.processes import DidNotStart
from demo.story import play
from demo.told import Story
from demo.visitor import StoryFailed


def main() -> int:
    """Run the demo; EXIT=1 in the environment ends it after the story."""
    started = time.monotonic()
    signal.signal(signal.SIGTERM, _stop)
    print("Needlepoint demo: one clinic's whole story on this machine.", flush=True)
    installation = None
    try:
        installation = start_installation()
        story = play(installation)
        print(f"\nThe story took {time.monotonic() - started:.0f} s.")
        if os.environ.get("EXIT") == "1":
            return 0
        return _serve(installation, story)
    except (DidNotStart, StoryFailed) as problem:
        print(f"\nThe demo stopped: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nGood bye.")
        return 0
    finally:
        if installation is not None:
            installation.stop()


def _serve(installation: Installation, story: Story) -> int:
    print(story.summary())
    dead = keep_serving(installation)
    print(f"The process {dead} ended by itself.", file=sys.stderr)
    return 1


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
