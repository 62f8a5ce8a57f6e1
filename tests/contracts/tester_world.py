"""The contract tester, and what it finds when it comes: records of every kind, each for the operation that uses it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from flask import Flask

from tests.builders import build_world, referral_body
from tests.doors.police import Police


def world_for_the_tester(app: Flask) -> dict[str, Any]:
    """A key, and by operation the identifiers that its path takes; used in turn, the last one again and again."""
    world = build_world(app)
    police = Police(app.test_client(), world.keys["midshire"])
    read, corrected, withdrawn, *_ = (_referred(police, number) for number in range(4))
    page = police.get("/compliance-events").get_json()
    kept, tested, *removed = (_endpoint(police, number) for number in range(5))
    return {
        "key": police.key,
        "cursor": page["next"],
        "operations": {
            "read_referral": {"reference": [read]},
            "correct_referral": {"reference": [corrected]},
            "withdraw_referral": {"reference": [withdrawn]},
            "list_slots": {"code": ["divert-adult"]},
            "read_event": {"id": [page["events"][0]["id"]]},
            "test_webhook_endpoint": {"id": [tested]},
            "change_webhook_secret": {"id": [kept]},
            "replay_webhook_endpoint": {"id": [kept]},
            "remove_webhook_endpoint": {"id": removed},
        },
    }


def _referred(police: Police, number: int) -> str:
    person = {"given_name": f"Person{number}", "mobile": f"07700 90020{number}"}
    answer = police.refer(referral_body(person=person))
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["reference"])


def _endpoint(police: Police, number: int) -> str:
    answer = police.post("/webhook-endpoints", {"url": f"https://force.example/{number}"})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def send_tester(
    programs: Path,
    url: str,
    world: dict[str, Any],
    *,
    folder: Path,
    examples: int,
    seed: int,
    stateful: bool,
) -> subprocess.CompletedProcess[str]:
    """Run the tester with every check it has, on data that is meant to be taken and data that is not."""
    phases = ["examples", "coverage", "fuzzing", *(["stateful"] if stateful else [])]
    command = [
        *(str(programs / "schemathesis"), "run", f"{url}/api/v1/openapi.json", "--no-color"),
        *("--header", f"Authorization: Bearer {world['key']}", "--checks", "all", "--mode", "all"),
        *("--phases", ",".join(phases), "--max-examples", str(examples), "--seed", str(seed)),
        *("--workers", "2", "--continue-on-failure", "--request-timeout", "20"),
        *("--suppress-health-check", "all"),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "CONTRACT_WORLD": json.dumps(world), **hooks},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
