"""A fresh installation of its own folder: database, simulated outside world, web and worker."""

import os
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from app import runtime
from app.config import Settings, read_settings
from demo.processes import Processes, free_port

ROOT = Path(__file__).parent.parent
HOME = ROOT / "var" / "demo"
STRIPE_KEY = "sk_test_needlepointdemo"
WEB_PORT, STRIPE_PORT, STAMP_PORT = 8410, 8420, 8430
KEPT = frozenset({"postgres"})


@dataclass
class Installation:
    """A running installation and the addresses that belong to it."""

    settings: Settings
    processes: Processes
    web_url: str
    stripe_url: str

    def stop(self) -> None:
        """End every process and the database."""
        self.processes.stop()
        runtime.stop_servers()


def start_installation() -> Installation:
    """Bring everything up on free ports, with an empty database and empty folders."""
    clean()
    processes = Processes(HOME / "logs")
    stamp_port, stripe_port = free_port(STAMP_PORT), free_port(STRIPE_PORT)
    web_port = free_port(WEB_PORT)
    web_url = f"http://127.0.0.1:{web_port}"
    stripe_url = f"http://127.0.0.1:{stripe_port}"
    processes.start(
        "stampsim", "-m", "stampsim", "--port", str(stamp_port), "--folder", str(HOME / "stamps")
    )
    processes.start(
        "stripesim",
        "-m",
        "stripesim",
        "--port",
        str(stripe_port),
        "--state",
        str(HOME / "stripe.db"),
    )
    settings = runtime.prepare(
        replace(
            read_settings({"NEEDLEPOINT_MODE": "demo", "NEEDLEPOINT_HOME": str(HOME)}),
            public_url=web_url,
            stamp_url=f"http://127.0.0.1:{stamp_port}/",
            stamp_trust_file=str(HOME / "stamps" / "root.pem"),
            stripe_api_key=STRIPE_KEY,
            stripe_api_base=stripe_url,
        ),
        fresh=True,
    )
    processes.wait_for("stampsim", f"http://127.0.0.1:{stamp_port}/root.pem")
    processes.wait_for("stripesim", f"{stripe_url}/_sim")
    return Installation(settings, processes, web_url, stripe_url)


def serve(installation: Installation, webhook_secret: str) -> None:
    """Start the web server and the worker; both end with the demo."""
    env = environment(replace(installation.settings, stripe_connect_secrets=(webhook_secret,)))
    port = installation.web_url.rsplit(":", 1)[-1]
    installation.processes.start(
        "web",
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "wsgi:app",
        env=env,
    )
    installation.processes.start("worker", "-m", "flask", "--app", "wsgi", "jobs", "work", env=env)
    installation.processes.wait_for("web", f"{installation.web_url}/readyz")


def environment(settings: Settings) -> dict[str, str]:
    """Return the settings as the environment that describes them."""
    values = {
        "MODE": settings.mode,
        "HOME": str(settings.home),
        "PUBLIC_URL": settings.public_url,
        "DATABASE_URL": settings.database_url,
        "OWNER_URL": settings.owner_url,
        "WORKER_URL": settings.worker_url,
        "KEYS_URL": settings.keys_url,
        "SECRET_KEY": settings.secret_key,
        "ROOT_KEY": settings.root_key_hex,
        "STAMP_URL": settings.stamp_url,
        "STAMP_TRUST_FILE": settings.stamp_trust_file,
        "STRIPE_API_KEY": settings.stripe_api_key,
        "STRIPE_API_BASE": settings.stripe_api_base,
        "STRIPE_CONNECT_SECRETS": ",".join(settings.stripe_connect_secrets),
    }
    return {f"NEEDLEPOINT_{name}": value for name, value in values.items()}


def clean() -> None:
    """Start with nothing but the database server's own folder, whose databases are made anew."""
    HOME.mkdir(parents=True, exist_ok=True)
    for path in HOME.iterdir():
        if path.name in KEPT:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def keep_serving(installation: Installation) -> str | None:
    """Wait until Ctrl-C, or until a process ends by itself; return that one's name."""
    while True:
        time.sleep(1)
        dead = installation.processes.first_dead()
        if dead or os.getppid() == 1:
            return dead
