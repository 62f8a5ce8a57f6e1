"""A real server and a real browser: headless Chromium, a phone and a desktop, and axe on every page that is visited."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from config import ROOT
from provider import create_app
from provider.jobs.run import run_all_once
from provider.kernel.database import db
from tests.builders import PASSWORD, World, build_world
from tests.conftest import careless, settings_for
from tests.fakes import MovableClock

if TYPE_CHECKING:
    from tests.browser.full_world import Full

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 15_000
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Compiled(BytecodeCache):
    """Templates compiled once for every application of this process."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@dataclass
class Site:
    """The product as it is served, on this test's own database and clock."""

    app: Flask
    world: World
    clock: MovableClock
    url: str

    def work(self) -> None:
        """The workers do what is due."""
        run_all_once(self.app)


@contextmanager
def serving(database_url: str, clock: MovableClock) -> Iterator[Site]:
    """Served on loopback, with texts going to the sandbox as in the demo."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    served = create_app(settings_for(database_url, public_url=url, provider_env="demo"), clock=clock)
    served.jinja_env.bytecode_cache = COMPILED
    with served.app_context():
        careless(db.engine)
    server.app = served
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(served, build_world(served), clock, url)
    server.shutdown()
    thread.join(10)
    server.server_close()
    with served.app_context():
        db.engine.dispose()


@pytest.fixture
def site(app: Flask, database_url: str, clock: MovableClock) -> Iterator[Site]:
    with serving(database_url, clock) as site:
        yield site


@pytest.fixture(scope="session")
def full(migrated_app: Flask, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """One world with something on every list, in a database of its own: to be looked at, and not changed."""
    from tests.browser.full_world import fill_world

    path = tmp_path_factory.mktemp("full_world") / "full.db"
    url, clock = f"sqlite:///{path}", MovableClock()
    if database_url.startswith("sqlite"):
        shutil.copy(Path(sa.make_url(database_url).database or "").with_suffix(".template"), path)
    else:
        with create_app(settings_for(url), clock=clock).app_context():
            upgrade(directory=str(ROOT / "migrations"))
    with serving(url, clock) as site:
        yield fill_world(site)


_browsers: list[Browser] = []
_open = ExitStack()


@pytest.fixture
def browser() -> Browser:
    """One for all that come one after another."""
    if not _browsers:
        path = chromium()
        if path is None:
            if os.environ.get("CI"):
                pytest.fail("no Chromium: in CI the browser tests are never skipped")
            pytest.skip("NO CHROMIUM ON THIS MACHINE: THE BROWSER TESTS DID NOT RUN")
        playwright = _open.enter_context(sync_playwright())
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        _open.callback(started.close)
        _browsers.append(started)
    return _browsers[0]


def is_here(item: pytest.Item) -> bool:
    return item.path.parent == Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Playwright's loop runs as long as it is open, and would be in the way of other tests' own."""
    if nextitem is None or not is_here(nextitem):
        _browsers.clear()
        _open.close()


@dataclass
class Visitor:
    """Somebody at a window: every page they come to is read by axe, and no script may fail on it."""

    page: Page
    url: str
    looks: bool = True
    broken: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.url + path)
        self.look()
        return self.page

    def press(self, name: str | re.Pattern[str], *, role: str = "button", exact: bool = False) -> Page:
        """Press a button, or follow a link with ``role="link"``, by the name a screen reader says."""
        with self.page.expect_navigation():
            self.page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]
        self.look()
        return self.page

    def sign_in(self, email: str) -> Page:
        """As this account; whoever was signed in at this window signs out first."""
        if not self.go("/sign-in").url.endswith("/sign-in"):
            self.press("Sign out")
            self.go("/sign-in")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        return self.press("Sign in")

    def look(self) -> None:
        """No axe violation, no sideways scrolling, no script error; nothing where ``looks`` is off."""
        self.seen.append(self.page.url)
        if not self.looks:
            return
        assert [*self.faults(), *self.broken] == [], self.page.url

    def faults(self) -> list[str]:
        """What axe finds on the page as it stands, and how much too wide it is."""
        if not self.page.evaluate("!!window.axe"):
            self.page.evaluate(AXE)
        found = self.page.evaluate(AXE_RUN)
        # A phone zooms out to what is too wide: its own inner width then says that all is well.
        window = self.page.viewport_size or DESKTOP
        wide = int(found["width"]) - window["width"]
        return [*found["violations"], *([f"{wide}px too wide"] if wide > 0 else [])]

    def text(self) -> str:
        return self.page.locator("main").inner_text()


AXE_FILE = ROOT / "assets" / "node_modules" / "axe-core" / "axe.min.js"
AXE = AXE_FILE.read_text() if AXE_FILE.exists() else ""
AXE_RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return {
    violations: found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).join(", ")),
    width: document.documentElement.scrollWidth,
  };
}"""


@contextmanager
def visiting(
    browser: Browser, url: str, size: ViewportSize, *, looks: bool = True, **more: Any
) -> Iterator[Visitor]:
    """Somebody at a window of this size, with cookies of their own."""
    context = browser.new_context(viewport=size, locale="en-GB", timezone_id="Europe/London", **more)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    visitor = Visitor(page, url, looks)
    page.on("pageerror", lambda error: visitor.broken.append(str(error)))
    page.on("console", lambda message: _note_console(visitor, message))
    page.on("response", lambda response: _note_response(visitor, response))
    yield visitor
    context.close()


def _note_console(visitor: Visitor, message: ConsoleMessage) -> None:
    """The browser says there what the content security policy stopped."""
    if message.type == "error" and "Content Security Policy" in message.text:
        visitor.broken.append(message.text)


def _note_response(visitor: Visitor, response: Response) -> None:
    if response.status >= 500:
        visitor.broken.append(f"{response.status} {response.url}")


@pytest.fixture
def desk(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Somebody at a desktop-sized window."""
    with visiting(browser, site.url, DESKTOP) as visitor:
        yield visitor


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Somebody at a phone-sized window."""
    with visiting(browser, site.url, PHONE, has_touch=True, is_mobile=True) as visitor:
        yield visitor


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_here(item):
            item.add_marker(pytest.mark.browser)
