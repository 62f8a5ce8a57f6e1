"""The environment of a demonstration: secrets made once and kept in instance/, and the address it is reached by."""

from __future__ import annotations

import json
import os
import secrets
import shlex
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from config import ROOT

INSTANCE = ROOT / "instance"
SECRETS = INSTANCE / "demo-secrets.json"
FOR_A_SHELL = INSTANCE / "demo.env"
SECRET_NAMES = ("SECRET_KEY", "DATA_KEYS", "METRICS_TOKEN", "TWILIO_AUTH_TOKEN", "ZOOM_WEBHOOK_SECRET")


def set_demo_environment(host: str, port: str) -> None:
    """For this process and its children. What the environment already says stands."""
    INSTANCE.mkdir(mode=0o700, exist_ok=True)
    defaults = {**_secrets(), "PUBLIC_URL": f"http://{address(visible(host), port)}"}
    for name, value in defaults.items():
        os.environ[name] = os.environ.get(name) or value
    os.environ["PROVIDER_ENV"] = "demo"
    _write_for_a_shell([*defaults, "PROVIDER_ENV", "DATABASE_URL"])


def address(host: str, port: str) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def visible(host: str) -> str:
    """Where a browser on this machine finds us when we listen on every address."""
    try:
        listening = ip_address(host)
    except ValueError:  # a name
        return host
    if not listening.is_unspecified:
        return host
    return "127.0.0.1" if listening.version == 4 else "::1"


def _secrets() -> dict[str, str]:
    """A new key could not read what the old one wrote: what is there stays."""
    kept: dict[str, str] = json.loads(SECRETS.read_text()) if SECRETS.exists() else {}
    missing = {name: secrets.token_urlsafe(32) for name in SECRET_NAMES if name not in kept}
    if missing:
        write_private(SECRETS, kept | missing)
    return kept | missing


def _write_for_a_shell(names: list[str]) -> None:
    """So that the commands of README's *Administration* can be given to the demo too."""
    said = (f"{name}={shlex.quote(os.environ[name])}\n" for name in names if name in os.environ)
    write_text_private(FOR_A_SHELL, "".join(said))


def write_private(path: Path, content: dict[str, Any]) -> None:
    """JSON, whole or not at all, and for our own eyes only."""
    write_text_private(path, json.dumps(content, indent=2) + "\n")


def write_text_private(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.touch(mode=0o600)
    beside.write_text(text)
    beside.replace(path)
