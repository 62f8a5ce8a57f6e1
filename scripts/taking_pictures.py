"""What scripts/pictures becomes once the environment stands: the demo on a Wednesday morning, looked at in a browser.

The demo is played anew in a folder that is thrown away, at a moment that is always the same: from one time to the next
the pictures differ by references alone.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from playwright.sync_api import Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from config import ROOT, Settings
from provider import create_app
from provider.commands.demo.putting_on import put_on_at
from provider.jobs.run import run_all_once

PICTURES = ROOT / "docs" / "pictures"
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
AT_MOST = 200_000


@dataclass(frozen=True)
class Standing:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at


A_WEDNESDAY = Standing(datetime(2026, 11, 25, 10, 20, tzinfo=UTC))


def main() -> None:
    chromium = shutil.which("chromium") or sys.exit("No chromium on the PATH.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as told, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, size, show in SHOWN:
            context = browser.new_context(viewport=size, locale="en-GB", timezone_id="Europe/London")
            page = context.new_page()
            show(page, told)
            take(page, name)
            context.close()
        browser.close()


@contextmanager
def demo(folder: Path) -> Iterator[dict[str, Any]]:
    """What the demo hands out, while it is served on a free port of the loopback address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    app = create_app(settings(folder, f"http://127.0.0.1:{server.server_port}"), clock=A_WEDNESDAY)
    print("Playing ten weeks of the demo", flush=True)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        put_on_at(folder / "demo.json", now=A_WEDNESDAY.now())
    run_all_once(app)
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield json.loads((folder / "demo.json").read_text())
    server.shutdown()
    thread.join()
    server.server_close()


def settings(folder: Path, url: str) -> Settings:
    """Of an installation that lives no longer than its folder."""
    names = ("secret_key", "data_keys", "twilio_auth_token", "zoom_webhook_secret")
    made: dict[str, Any] = {name: secrets.token_urlsafe(32) for name in names}
    return Settings(
        provider_env="demo", database_url=f"sqlite:///{folder / 'demo.db'}", public_url=url, **made
    )


def my_day(page: Page, told: dict[str, Any]) -> None:
    sign_in(page, told, "drug_worker")


def referral(page: Page, told: dict[str, Any]) -> None:
    """Somebody whom the drug worker has to ring now."""
    sign_in(page, told, "drug_worker")
    page.locator("#ring tbody a").last.click()
    page.goto(page.url.partition("#")[0])


def register(page: Page, told: dict[str, Any]) -> None:
    """The newest that waits to be confirmed, with the first two marked."""
    sign_in(page, told, "facilitator")
    page.get_by_role("link", name="Register of").first.click()
    for place in range(2):
        page.get_by_label("Attendance of").nth(place).select_option("ATTC")
    press(page, "Save marks")


def numbers(page: Page, told: dict[str, Any]) -> None:
    """The month before: everybody has had the time to come somewhere."""
    sign_in(page, told, "team_lead")
    page.get_by_role("link", name="Numbers").click()
    page.get_by_role("link", name="Previous").click()


def officer(page: Page, told: dict[str, Any]) -> None:
    """Four screens, and then what they lead to."""
    sign_in(page, told, "officer")
    page.get_by_label("Midshire Divert (adults)").check()
    page.get_by_label("Stop and search").check()
    page.get_by_label("Area (optional)", exact=True).select_option("Birmingham")
    page.select_option("[name=drugs-0-substance]", "cannabis")
    press(page, "Continue")
    for label, typed in (
        ("First name", "Sam"),
        ("Last name", "Hart"),
        ("Day", "14"),
        ("Month", "5"),
        ("Year", "2001"),
    ):
        page.get_by_label(label, exact=True).fill(typed)
    page.get_by_label("Gender").select_option("male")
    press(page, "Continue")
    page.get_by_label("Mobile number").fill("07700 900999")
    page.get_by_label("It rang").check()
    press(page, "Continue")
    page.get_by_label("I read this out").check()
    page.get_by_label("8 – community resolution").check()
    press(page, "Continue")
    page.get_by_label("Book the first call now").select_option(index=3)
    press(page, "Send the referral")


def participant(page: Page, told: dict[str, Any]) -> None:
    """Whose call is to come, after the button and the day and month of birth."""
    link = told["participant_links"][0]
    page.goto(link["url"])
    press(page, "Open")
    page.get_by_label("Day").fill(str(link["day"]))
    page.get_by_label("Month").fill(str(link["month"]))
    press(page, "Continue")


Show = Callable[[Page, dict[str, Any]], None]
SHOWN: tuple[tuple[str, ViewportSize, Show], ...] = (
    ("my-day", DESK, my_day),
    ("referral", DESK, referral),
    ("register", DESK, register),
    ("numbers", DESK, numbers),
    ("officer", PHONE, officer),
    ("participant", PHONE, participant),
)


def sign_in(page: Page, told: dict[str, Any], role: str) -> None:
    who = next(one for one in told["staff"] + told["officers"] if one["role"] == role)
    page.goto(f"{told['base_url']}/sign-in")
    page.get_by_label("E-mail").fill(who["email"])
    page.get_by_label("Password", exact=True).fill(who["password"])
    press(page, "Sign in")


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def take(page: Page, name: str) -> None:
    """The window as it is, small enough to be kept with the code."""
    page.wait_for_load_state()
    picture = page.screenshot(path=PICTURES / f"{name}.png")
    if len(picture) > AT_MOST:
        sys.exit(f"docs/pictures/{name}.png has {len(picture):,} bytes, more than {AT_MOST:,}.")
    print(f"docs/pictures/{name}.png", flush=True)


if __name__ == "__main__":
    main()
