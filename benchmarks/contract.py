"""A longer run of the contract tester, with chains of requests, against a real server.

``python -m benchmarks.contract [--examples 500] [--seed 1]``; before it ``python -m scripts.pgbox --`` for PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from flask_migrate import upgrade

from config import ROOT
from provider import create_app
from provider.kernel.database import db
from scripts.environment import CONTRACT_VENV
from tests.conftest import settings_for
from tests.contracts.live import live
from tests.contracts.tester_world import send_tester, world_for_the_tester
from tests.fakes import MovableClock, Phones


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--examples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder}/contract.db"
        app = create_app(settings_for(url), clock=MovableClock(), text_gateway=Phones(MovableClock()))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            db.engine.dispose()
        world = world_for_the_tester(app)
        with live(url) as address:
            found = send_tester(
                CONTRACT_VENV / "bin",
                address,
                world,
                folder=Path(folder),
                examples=chosen.examples,
                seed=chosen.seed,
                stateful=True,
            )
    print(found.stdout)
    return found.returncode


if __name__ == "__main__":
    sys.exit(main())
