"""The operating-system user that the embedded server runs as: the server itself refuses root.

Root starts it as a system user made for it. Elsewhere it runs as whoever starts it.
"""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCOUNT = "needlepoint"
SYSTEM_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
# A private root directory (a chroot made in a closed folder) locks every other user out of every
# path. There the server gets one single right, to pass through; the modes stay as they are. The
# bit keeps the kernel from hiding that right when a program asks what it may access.
PASS_THROUGH = (
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
    "--securebits=+no_setuid_fixup",
)


class NoServerUser(Exception):
    """Root cannot run the server itself, and its own user could not be made or become."""


@dataclass(frozen=True)
class ServerUser:
    """Who runs the server. ``becoming`` are the words that make a command run as that user."""

    uid: int
    gid: int
    becoming: tuple[str, ...] = ()

    @property
    def is_other(self) -> bool:
        """Whether this is another user than the caller."""
        return bool(self.becoming)

    def command(self, *words: object) -> list[str]:
        """Give the command that runs these words as this user."""
        return [*self.becoming, *map(str, words)]

    @property
    def surroundings(self) -> dict[str, Any]:
        """Give the arguments for ``subprocess``: no variable of the caller (PGPORT, …) gets in."""
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        return {"cwd": "/", "env": environment, "umask": 0o077}

    def may_enter(self, folder: Path) -> bool:
        """Try whether this user gets into the folder, or the nearest one above that exists."""
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        done = subprocess.run(
            self.command("/bin/sh", "-c", 'cd "$1"', "sh", existing),
            stderr=subprocess.DEVNULL,
            **self.surroundings,
        )
        return done.returncode == 0


def server_user() -> ServerUser:
    """Give the user to run the server as, making the account when root has none yet.

    Raises NoServerUser.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    account = find_or_make_account(ACCOUNT)
    user = ServerUser(account.pw_uid, account.pw_gid, _words_to_become(account))
    _try_out(user)
    return user


def _words_to_become(account: pwd.struct_passwd) -> tuple[str, ...]:
    setpriv = _find_program("setpriv")
    words = (setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups")
    root_is_open = Path("/").stat().st_mode & stat.S_IXOTH
    return (*words, "--") if root_is_open else (*words, *PASS_THROUGH, "--")


def _try_out(user: ServerUser) -> None:
    done = subprocess.run(
        user.command("/bin/true"), capture_output=True, text=True, **user.surroundings
    )
    if done.returncode != 0:
        raise NoServerUser(
            f"Root may not run programs as the system user {ACCOUNT!r} here, and the database "
            f"server refuses to run as root: {done.stderr.strip()}"
        )


def find_or_make_account(name: str) -> pwd.struct_passwd:
    """Give a system user, made if there is none; for root. Raises NoServerUser.

    One at a time: two that are made at once can get different numbers, and the second one's stays,
    when the first one's files belong to nobody.
    """
    with _alone_with(Path("/etc")):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            return _make_account(name)


@contextmanager
def _alone_with(folder: Path) -> Iterator[None]:
    found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(found, fcntl.LOCK_EX)
        yield
    finally:
        os.close(found)


def _make_account(name: str) -> pwd.struct_passwd:
    command = [_find_program("useradd"), "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise NoServerUser(
            f"The system user {name!r} could not be added: {done.stderr.strip()}"
        ) from None


def _find_program(name: str) -> str:
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        raise NoServerUser(
            f"Root needs the program {name} to run the database server as the system user "
            f"{ACCOUNT!r}; install it, or start as an ordinary user."
        )
    return found
