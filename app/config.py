"""Settings, read once from the environment into a frozen value.

A secret that is missing in production stops the start; the demo and the tests make their own.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadSettings(Exception):
    """The environment does not describe an installation that is safe to start."""


@dataclass(frozen=True)
class Settings:
    """One installation. URLs are SQLAlchemy's; ``*_file`` are paths; times are seconds."""

    mode: str
    home: Path
    public_url: str
    database_url: str
    owner_url: str
    worker_url: str
    keys_url: str
    secret_key: str
    root_key_hex: str
    storage_url: str
    shred_list_url: str
    backup_days: int
    anchor_url: str
    stamp_url: str
    stamp_trust_file: str
    seal_p12_file: str
    seal_p12_password: str
    smtp_url: str
    mail_from: str
    sms_url: str
    sms_from: str
    stripe_api_key: str
    stripe_api_base: str
    stripe_connect_secrets: tuple[str, ...]
    stripe_platform_secrets: tuple[str, ...]
    trusted_proxies: int
    idle_seconds: int
    session_seconds: int

    @property
    def is_production(self) -> bool:
        """Whether this installation treats real patients."""
        return self.mode == "production"


REQUIRED_IN_PRODUCTION = (
    "database_url",
    "owner_url",
    "worker_url",
    "keys_url",
    "secret_key",
    "root_key_hex",
    "seal_p12_file",
    "stripe_api_key",
    "smtp_url",
)


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this environment; raises BadSettings with one sentence per gap."""
    env = os.environ if environ is None else environ

    def get(name: str, default: str = "") -> str:
        return env.get(f"NEEDLEPOINT_{name}", default)

    home = Path(get("HOME", "var/local")).absolute()
    settings = Settings(
        mode=get("MODE", "local"),
        home=home,
        public_url=get("PUBLIC_URL", "http://127.0.0.1:8410"),
        database_url=get("DATABASE_URL", env.get("DATABASE_URL", "")),
        owner_url=get("OWNER_URL"),
        worker_url=get("WORKER_URL"),
        keys_url=get("KEYS_URL"),
        secret_key=get("SECRET_KEY"),
        root_key_hex=get("ROOT_KEY"),
        storage_url=get("STORAGE_URL", f"file://{home}/objects"),
        shred_list_url=get("SHRED_LIST_URL", f"file://{home}/shredded"),
        backup_days=int(get("BACKUP_DAYS", "35")),
        anchor_url=get("ANCHOR_URL", f"file://{home}/audit"),
        stamp_url=get("STAMP_URL"),
        stamp_trust_file=get("STAMP_TRUST_FILE"),
        seal_p12_file=get("SEAL_P12_FILE"),
        seal_p12_password=get("SEAL_P12_PASSWORD"),
        smtp_url=get("SMTP_URL"),
        mail_from=get("MAIL_FROM", "no-reply@clinic.example"),
        sms_url=get("SMS_URL"),
        sms_from=get("SMS_FROM"),
        stripe_api_key=get("STRIPE_API_KEY"),
        stripe_api_base=get("STRIPE_API_BASE"),
        stripe_connect_secrets=tuple(filter(None, get("STRIPE_CONNECT_SECRETS").split(","))),
        stripe_platform_secrets=tuple(filter(None, get("STRIPE_PLATFORM_SECRETS").split(","))),
        trusted_proxies=int(get("TRUSTED_PROXIES", "0")),
        idle_seconds=int(get("IDLE_SECONDS", "1800")),
        session_seconds=int(get("SESSION_SECONDS", "43200")),
    )
    _refuse_unsafe(settings)
    return settings


def _refuse_unsafe(settings: Settings) -> None:
    if settings.mode not in {"production", "local", "demo", "test"}:
        raise BadSettings(f"NEEDLEPOINT_MODE is {settings.mode!r}; use production, local or demo.")
    if settings.is_production:
        missing = [name for name in REQUIRED_IN_PRODUCTION if not getattr(settings, name)]
        if missing:
            raise BadSettings("Production needs these settings: " + ", ".join(missing) + ".")
        if settings.stripe_api_base:
            raise BadSettings(
                "Production talks to Stripe itself; unset NEEDLEPOINT_STRIPE_API_BASE."
            )
    is_plain = bool(settings.sms_url) and not settings.sms_url.startswith("https://")
    if is_plain and settings.is_production:
        raise BadSettings("Production sends text messages by https only.")
    if bool(settings.sms_url) != bool(settings.sms_from):
        raise BadSettings("Text messages need both NEEDLEPOINT_SMS_URL and NEEDLEPOINT_SMS_FROM.")
    if settings.stripe_api_key.startswith("sk_live_") and settings.stripe_api_base:
        raise BadSettings("A live Stripe key is never used with a simulated Stripe.")
