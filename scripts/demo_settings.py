"""The environment of a demonstration: secrets made once and kept in instance/, and the address it is reached by."""

from __future__ import annotations

import json
import os
import secrets
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from config import ROOT

INSTANCE = ROOT / "instance"
SECRETS = INSTANCE / "demo-secrets.json"
SECRET_NAMES = ("SECRET_KEY", "DATA_KEYS", "METRICS_TOKEN", "TWILIO_AUTH_TOKEN", "ZOOM_WEBHOOK_SECRET")


def set_demo_environment(host: str, port: str) -> None:
    """For this process and its children. What the environment already says stands."""
    INSTANCE.mkdir(mode=0o700, exist_ok=True)
    defaults = {**_secrets(), "PUBLIC_URL": f"http://{address(visible(host), port)}"}
    for name, value in defaults.items():
        os.environ[name] = os.environ.get(name) or value
    os.environ["PROVIDER_ENV"] = "demo"


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


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all, and for our own eyes only."""
    beside = path.with_suffix(".new")
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(content, indent=2) + "\n")
    beside.replace(path)
