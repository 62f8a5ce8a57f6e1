"""What scripts/run becomes once the environment stands: demo data, then web and worker until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing

from config import ROOT, Settings, read_settings
from scripts.demo_database import DEMO, flask, prepare_database
from scripts.demo_settings import address, set_demo_environment, visible
from scripts.processes import Children, exit_code, first_ended, leave_on, running

READY_SECONDS = 60


def main() -> int:
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    os.umask(0o077)  # the database holds people: nobody else on this machine reads it
    leave_on(signal.SIGINT, signal.SIGTERM, code=0)
    refuse_taken_port(host, port)
    set_demo_environment(host, port)
    settings = read_settings()
    prepare_database(settings)
    with running(web=web(host, port), worker=[*flask(), "worker"]) as children:
        if is_ready(children, f"http://{address(visible(host), port)}/readyz"):
            say_where_to_look(settings)
        return wait_for_an_end(children)


def refuse_taken_port(host: str, port: str) -> None:
    if not port.isdigit() or not 0 < int(port) < 65536:
        sys.exit(f"PORT is {port!r}: give a number from 1 to 65535.")
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            sys.exit(f"{address(host, port)}: {error.strerror}. Another port: PORT=8001 scripts/run")


def web(host: str, port: str) -> list[str]:
    server = [sys.executable, "-m", "gunicorn", "--bind", address(host, port), "--no-control-socket"]
    size = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "10"]
    # Loaded once for both workers; it has no connection and no thread yet that they could share.
    return [*server, *size, "--preload", "--log-level", "warning", "provider:create_app()"]


def is_ready(children: Children, url: str) -> bool:
    """True as soon as the application says so, False when a child ended instead."""
    deadline = time.monotonic() + READY_SECONDS
    while first_ended(children) is None:
        missing = what_is_missing(url)
        if missing is None:
            return True
        if time.monotonic() > deadline:
            sys.exit(f"Not ready after {READY_SECONDS} seconds. {url} says: {missing}")
        time.sleep(0.1)
    return False


def what_is_missing(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310  # nosec B310
            return None
    except urllib.error.HTTPError as refusal:
        return f"{refusal.code} {refusal.read(400).decode(errors='replace').strip()}"
    except OSError as away:
        return str(away)


def wait_for_an_end(children: Children) -> int:
    while (name := first_ended(children)) is None:
        time.sleep(0.2)
    code = exit_code(children[name])
    print(f"The {name} ended by itself (exit code {code}): stopping.", file=sys.stderr)
    return code or 1


def say_where_to_look(settings: Settings) -> None:
    demo = json.loads(DEMO.read_text())
    at = settings.public_url
    links = [f"{link['url']}  born on {link['day']}/{link['month']}" for link in demo["participant_links"]]
    print(
        "",
        f"{settings.service_name} is ready: {at}",
        "",
        f"Sign in at {at}/sign-in",
        *(sign_in_line(account) for account in one_of_each_role(demo["staff"] + demo["officers"])),
        "",
        f"  Texts, as phones get them   {at}/sandbox/texts",
        f"  An officer's referral       {at}/refer",
        *(f"  A participant's link        {link}" for link in links[:1]),
        "",
        f"All accounts, keys and links: {DEMO.relative_to(ROOT)}. Ctrl-C stops.",
        sep="\n",
        flush=True,
    )


def one_of_each_role(accounts: list[dict[str, str]]) -> list[dict[str, str]]:
    first: dict[str, dict[str, str]] = {}
    for account in accounts:
        first.setdefault(account["role"], account)
    return list(first.values())


def sign_in_line(account: dict[str, str]) -> str:
    role = account["role"].replace("_", " ")
    code = f"  code from {account['totp_secret']}" if account.get("totp_secret") else ""
    return f"  {role:<20}  {account['email']:<36}  {account['password']}{code}"


if __name__ == "__main__":
    sys.exit(main())
