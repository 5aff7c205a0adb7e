"""Another patient who signs all the time, in a process of their own, as in another web worker."""

import structlog

from app import create_app
from app.config import read_settings
from tests.factories.consent import make_read_consent, sign
from tests.factories.plans import make_discussed_plan

MOST = 200


def main() -> None:
    """Sign until the parent process ends us, or many times."""
    app = create_app(read_settings())
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    with app.app_context():
        sign(make_read_consent(make_discussed_plan()))
        print("ready", flush=True)
        for _ in range(MOST):
            sign(make_read_consent(make_discussed_plan()))


if __name__ == "__main__":
    main()
