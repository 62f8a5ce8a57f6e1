"""Debian's packages, where this machine has them and lets us install: as root, or by sudo without a password."""

from __future__ import annotations

import os
import shutil
import subprocess


def install_package(name: str) -> bool:
    """Whether the package could be installed. Its output is shown only when it could not."""
    if not shutil.which("apt-get"):
        return False
    become_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if become_root and not (shutil.which("sudo") and _succeeds("sudo", "-n", "true")):
        return False
    apt_get = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    # An update that fails for one source of many must not stop an install that the others can serve.
    _succeeds(*apt_get, "update")
    return _succeeds(*apt_get, "install", "--yes", "--no-install-recommends", name)


def _succeeds(*command: str) -> bool:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout[-2000:] + done.stderr[-2000:], flush=True)
    return done.returncode == 0
