"""Child processes that never outlive us, however we end."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 15

Children = dict[str, subprocess.Popen[bytes]]


def stop_with_parent(request: signal.Signals) -> Callable[[], None]:
    """For ``preexec_fn``: Linux sends the child ``request`` when its parent dies, even when that was killed."""
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, request)


def leave_on(*requests: signal.Signals, code: int | None = None) -> None:
    """Make these signals end us by way of our ``finally`` blocks, and only once."""

    def leave(number: int, _frame: object) -> None:
        for request in requests:
            signal.signal(request, signal.SIG_IGN)
        sys.exit(128 + number if code is None else code)

    for request in requests:
        signal.signal(request, leave)


@contextmanager
def running(**commands: list[str]) -> Iterator[Children]:
    """Each command as a child under its name; all are stopped on the way out."""
    children: Children = {}
    try:
        for name, command in commands.items():
            # In a session of their own Ctrl-C does not reach them: they are stopped in order, by us.
            children[name] = subprocess.Popen(
                command, start_new_session=True, preexec_fn=stop_with_parent(signal.SIGTERM)
            )
        yield children
    finally:
        _stop(children)


def first_ended(children: Children) -> str | None:
    return next((name for name, child in children.items() if child.poll() is not None), None)


def exit_code(child: subprocess.Popen[bytes]) -> int:
    """What a shell would say: the child's own code, or 128 and the signal that ended it."""
    return 128 - child.returncode if child.returncode < 0 else child.returncode


def _stop(children: Children) -> None:
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for name, child in children.items():
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"{name} did not stop in {STOP_SECONDS} seconds and is killed.", file=sys.stderr)
            child.kill()
            child.wait()
