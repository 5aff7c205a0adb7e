"""How the embedded server is set: closed, sparing with its log, quick where little is at stake."""

from pathlib import Path

from app.database.server_address import HOST, SUPERUSER
from app.database.server_process import cluster_name

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # A failed statement goes back to who sent it. Its text may hold a patient's words, so neither
    # errors nor statements, parameters or details of a row get into the server's log.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# For tests: what they write is worth nothing once the machine has crashed.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
}


def server_command(binaries: Path, data: Path, *, port: int, durable: bool) -> list[str]:
    """Give the words that start a server on this data directory."""
    settings = {"port": str(port), "cluster_name": cluster_name(data)} | SETTINGS
    if not durable:
        settings |= FORGETFUL
    command = [str(binaries / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def initdb_command(binaries: Path, data: Path, *, password_file: Path, durable: bool) -> list[str]:
    """Give the words that fill an empty data directory. Nobody is trusted without a password."""
    command = [str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER]
    command += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256"]
    command += [f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C"]
    # The built-in locale sorts and folds alike on every machine, whatever its C library.
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    return command if durable else [*command, "--no-sync"]
