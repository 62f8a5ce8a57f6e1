"""Every test, on SQLite and then on PostgreSQL: what scripts/test becomes once the environment stands."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.debian import install_package
from scripts.pgbox import throw_away_postgres
from scripts.processes import leave_on, stop_with_parent

# These never ask a database, so once is enough.
PURE = ("tests/rules", "tests/house")
NO_TEST_RAN = 5
STOP_SECONDS = 5


def main() -> int:
    chosen, for_pytest = parse(sys.argv[1:])
    leave_on(signal.SIGTERM)
    browser = has_browser()
    codes = []
    if not chosen.postgres_only:
        codes.append(run_on("SQLite", None, for_pytest))
    if not chosen.sqlite_only:
        # What SQLite's run has shown already is not shown again.
        again = [] if chosen.postgres_only else ["-m", "not browser", *(f"--ignore={path}" for path in PURE)]
        with postgres() as url:
            codes.append(run_on("PostgreSQL", url, [*again, *for_pytest]))
    if not browser:
        say_no_browser()
    return verdict(codes, some_may_be_empty=bool(for_pytest))


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="scripts/test", description=__doc__, allow_abbrev=False)
    engines = parser.add_mutually_exclusive_group()
    engines.add_argument("--sqlite-only", action="store_true")
    engines.add_argument("--postgres-only", action="store_true")
    return parser.parse_known_args(arguments)


def run_on(engine: str, url: str | None, arguments: list[str]) -> int:
    print(f"\nTests on {engine}", flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    if url:
        environment["TEST_DATABASE_URL"] = url
    # One more than there are cores: while one waits for a browser, a server, a clock, another works.
    at_once = str(1 + max(2, os.cpu_count() or 1))
    command = [sys.executable, "-m", "pytest", "-rs", "-n", at_once, "--dist", "worksteal", *arguments]
    started = time.monotonic()
    pytest = subprocess.Popen(command, env=environment, preexec_fn=stop_with_parent(signal.SIGINT))
    try:
        return pytest.wait()
    except SystemExit:  # SIGTERM came to us alone; Ctrl-C the terminal sends to pytest too
        pytest.send_signal(signal.SIGINT)
        raise
    finally:
        let_finish(pytest)
        print(f"{engine}: {time.monotonic() - started:.0f} seconds", flush=True)


def let_finish(pytest: subprocess.Popen[bytes]) -> None:
    """An interrupted pytest still stops its own processes and drops its databases."""
    try:
        pytest.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.kill()


@contextmanager
def postgres() -> Iterator[str]:
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with throw_away_postgres() as url:
        yield url


def has_browser() -> bool:
    if shutil.which("chromium") or shutil.which("chromium-browser"):
        return True
    print("Installing Debian's chromium for the browser tests", flush=True)
    if install_package("chromium"):
        return True
    if os.environ.get("CI"):
        sys.exit("No chromium, and it could not be installed: in CI the browser tests may not be skipped.")
    say_no_browser()
    return False


def say_no_browser() -> None:
    print(
        "\n*** BROWSER TESTS ARE SKIPPED: no chromium here, and it could not be installed. ***\n", flush=True
    )


def verdict(codes: list[int], *, some_may_be_empty: bool) -> int:
    """The first failure. A run without a test is one too, unless the caller chose tests of one engine only."""
    if some_may_be_empty and any(code != NO_TEST_RAN for code in codes):
        codes = [code for code in codes if code != NO_TEST_RAN]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
