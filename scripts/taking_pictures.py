"""What scripts/pictures becomes once the environment stands: the demo is started, looked at, and stopped again."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from config import ROOT

PICTURES = ROOT / "docs" / "pictures"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]
READY_SECONDS = 120


def main() -> None:
    chromium = shutil.which("chromium") or sys.exit("No chromium on the PATH.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        told = json.loads((ROOT / "instance" / "demo.json").read_text())
        take_at_the_desk(browser, url, told)
        take_on_phones(browser, url, told)
        browser.close()


@contextmanager
def demo() -> Iterator[str]:
    """The address of the demo, as scripts/run starts it, on a free port of the loopback address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serving = subprocess.Popen([sys.executable, "-m", "scripts.serve"], env={**os.environ, "PORT": str(port)})
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/readyz", serving)
        yield url
    finally:
        serving.terminate()
        serving.wait(30)


def wait_for(address: str, serving: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and serving.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310  # nosec B310
                return
        except OSError:
            time.sleep(0.3)
    sys.exit("The demo did not become ready.")


def take_at_the_desk(browser: Browser, url: str, told: dict[str, Any]) -> None:
    page = window(browser, DESK)
    sign_in(page, url, person(told["staff"], "drug_worker"))
    take(page, f"{url}/my-day", "my-day")
    page.locator("main table a").first.click()
    take(page, None, "referral")
    page = window(browser, DESK)
    sign_in(page, url, person(told["staff"], "team_lead"))
    take(page, f"{url}/numbers", "numbers")


def take_on_phones(browser: Browser, url: str, told: dict[str, Any]) -> None:
    officer = window(browser, PHONE)
    sign_in(officer, url, person(told["officers"], "officer"))
    take(officer, f"{url}/refer", "officer")
    link = told["participant_links"][0]
    participant = window(browser, PHONE)
    participant.goto(f"{url}/p/{link['url'].rpartition('/')[2]}")
    participant.locator("main button").first.click()
    participant.fill("[name=day]", str(link["day"]))
    participant.fill("[name=month]", str(link["month"]))
    participant.locator("main button").first.click()
    take(participant, None, "participant")


def window(browser: Browser, size: dict[str, int]) -> Page:
    return browser.new_context(viewport=size, locale="en-GB").new_page()  # type: ignore[arg-type]


def person(people: list[dict[str, Any]], role: str) -> dict[str, Any]:
    return next(each for each in people if each["role"] == role)


def sign_in(page: Page, url: str, who: dict[str, Any]) -> None:
    page.goto(f"{url}/sign-in")
    page.fill("[name=email]", who["email"])
    page.fill("[name=password]", who["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def take(page: Page, address: str | None, name: str) -> None:
    """The window as it is, or at an address; small enough to be kept with the code."""
    if address is not None:
        page.goto(address)
    page.wait_for_load_state()
    page.screenshot(path=PICTURES / f"{name}.png")
    print(f"docs/pictures/{name}.png")


if __name__ == "__main__":
    main()
